#include "protocol/session/packet_id_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace callboard::protocol {

namespace {

struct entry {
  packet_id id = 0;
  int value = 0;
};

using table = packet_id_table<entry>;

void expect_same(const table& actual, const std::map<packet_id, int>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  std::size_t visited = 0;
  actual.for_each([&](const entry& one) {
    ++visited;
    EXPECT_EQ(expected.at(one.id), one.value);
  });
  EXPECT_EQ(visited, expected.size());
}

TEST(PacketIdTable, FindsWhatWasInserted) {
  table ids;
  ids.insert({7, 70});
  ids.insert({65'535, 1});
  ASSERT_NE(ids.find(7), nullptr);
  EXPECT_EQ(ids.find(7)->value, 70);
  EXPECT_EQ(ids.find(65'535)->value, 1);
  EXPECT_EQ(ids.find(8), nullptr);
}

TEST(PacketIdTable, HasNothingUnderTheIdentifierZero) {
  table ids;
  EXPECT_EQ(ids.find(0), nullptr);
  ids.insert({1, 1});
  EXPECT_EQ(ids.find(0), nullptr);
}

TEST(PacketIdTable, GivesBackWhatIsTaken) {
  table ids;
  ids.insert({3, 30});
  EXPECT_EQ(ids.take(3).value, 30);
  EXPECT_TRUE(ids.empty());
  EXPECT_EQ(ids.find(3), nullptr);
}

TEST(PacketIdTable, KeepsIdentifiersApartThatWantTheSamePlace) {
  table ids;
  for (packet_id n = 1; n <= 200; ++n)
    ids.insert({static_cast<packet_id>(n * 256), n});
  for (packet_id n = 1; n <= 200; n += 2)
    EXPECT_EQ(ids.take(static_cast<packet_id>(n * 256)).value, n);
  for (packet_id n = 2; n <= 200; n += 2) {
    ASSERT_NE(ids.find(static_cast<packet_id>(n * 256)), nullptr) << n;
    EXPECT_EQ(ids.find(static_cast<packet_id>(n * 256))->value, n);
  }
}

TEST(PacketIdTable, HoldsAllIdentifiersAtOnce) {
  table ids;
  for (int n = 1; n <= 65'535; ++n)
    ids.insert({static_cast<packet_id>(n), n});
  EXPECT_EQ(ids.size(), 65'535U);
  for (int n = 65'535; n >= 1; --n)
    ASSERT_EQ(ids.take(static_cast<packet_id>(n)).value, n);
  EXPECT_TRUE(ids.empty());
}

TEST(PacketIdTable, IsAMapWhateverHappens) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  for (const int span : {20, 300, 65'535}) {
    table actual;
    std::map<packet_id, int> expected;
    std::uniform_int_distribution<int> any{1, span};
    for (int step = 0; step < 20'000; ++step) {
      const auto id = static_cast<packet_id>(any(random));
      if (const auto* found = actual.find(id)) {
        ASSERT_EQ(found->value, expected.at(id));
        ASSERT_EQ(actual.take(id).value, expected.at(id));
        expected.erase(id);
      } else {
        ASSERT_FALSE(expected.contains(id));
        actual.insert({id, step});
        expected[id] = step;
      }
    }
    expect_same(actual, expected);
  }
}

} // namespace

} // namespace callboard::protocol
