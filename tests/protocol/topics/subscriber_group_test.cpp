#include "protocol/topics/subscriber_group.hpp"

#include "tests/protocol/topics/random_topics.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

namespace callboard::protocol {

namespace {

struct member {
  std::uint64_t number = 0;
  std::unique_ptr<int> options;

  std::uint64_t key() const { return number; }
};

using group = subscriber_group<member>;

} // namespace

TEST(SubscriberGroup, IsAModelOfAMapAtEverySize) {
  const auto seed = test_seed();
  random_topics random{seed};
  for (const std::size_t keys : {4, 17, 40, 1'000}) {
    group members;
    std::map<std::uint64_t, int> model;
    for (int round = 0; round != 20'000; ++round) {
      const auto key = random.below(keys) * 0x1'0000'0001;
      const auto known = model.find(key);
      if (random.one_in(2)) {
        const auto replaced = members.insert({key, std::make_unique<int>(round)});
        ASSERT_EQ(replaced.has_value(), known != model.end());
        if (replaced) {
          ASSERT_EQ(*replaced->options, known->second);
        }
        model[key] = round;
      } else {
        const auto gone = members.erase(key);
        ASSERT_EQ(gone.has_value(), known != model.end());
        if (gone) {
          ASSERT_EQ(*gone->options, known->second);
          model.erase(known);
        }
      }
      const auto other = random.below(keys) * 0x1'0000'0001;
      const auto* found = members.find(other);
      ASSERT_EQ(found != nullptr, model.contains(other));
      ASSERT_EQ(members.size(), model.size());
    }
    for (const auto& each : members.members())
      ASSERT_EQ(*each.options, model.at(each.number));
  }
}

TEST(SubscriberGroup, GivesMemoryBack) {
  group members;
  for (std::uint64_t key = 0; key != 10'000; ++key)
    members.insert({key, nullptr});
  const auto full = members.heap_bytes();
  for (std::uint64_t key = 10; key != 10'000; ++key)
    ASSERT_TRUE(members.erase(key));
  EXPECT_LT(members.heap_bytes(), full / 50);
  for (std::uint64_t key = 0; key != 10; ++key)
    ASSERT_NE(members.find(key), nullptr);
}

} // namespace callboard::protocol
