#include "protocol/topics/slot_pool.hpp"

#include "tests/protocol/topics/random_topics.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

namespace callboard::protocol {

namespace {

/// Tells whether each is destroyed exactly once.
using thing = std::shared_ptr<int>;
using pool = slot_pool<thing>;

} // namespace

TEST(SlotPool, KeepsThingsByNumber) {
  pool things;
  const auto first = things.put(std::make_shared<int>(1));
  const auto second = things.put(std::make_shared<int>(2));
  EXPECT_EQ(*things[first], 1);
  EXPECT_EQ(*things[second], 2);
  EXPECT_EQ(*things.take(first), 1);
  EXPECT_EQ(things.size(), 1U);
}

TEST(SlotPool, UsesNumbersAgain) {
  pool things;
  const auto first = things.put(nullptr);
  const auto second = things.put(nullptr);
  things.take(first);
  things.take(second);
  EXPECT_EQ(things.put(nullptr), second);
  EXPECT_EQ(things.put(nullptr), first);
  EXPECT_EQ(things.put(nullptr), 2U);
}

TEST(SlotPool, DestroysWhatItHolds) {
  const auto watched = std::make_shared<int>(1);
  {
    pool things;
    for (int i = 0; i != 1000; ++i)
      things.put(watched);
    for (std::uint32_t at = 0; at < 1000; at += 3)
      things.take(at);
    pool moved{std::move(things)};
    EXPECT_EQ(watched.use_count(), 1 + 666);
  }
  EXPECT_EQ(watched.use_count(), 1);
}

TEST(SlotPool, CompactsWithoutLosingAnything) {
  const auto seed = test_seed();
  random_topics random{seed};
  pool things;
  std::map<std::uint32_t, int> model;
  for (int round = 0; round != 20'000; ++round)
    model[things.put(std::make_shared<int>(round))] = round;
  const auto full = things.bytes();
  for (auto entry = model.begin(); entry != model.end();) {
    if (random.one_in(9)) {
      ++entry;
      continue;
    }
    ASSERT_EQ(*things.take(entry->first), entry->second);
    entry = model.erase(entry);
  }
  EXPECT_TRUE(things.sparse());
  const auto moved = things.compact();
  EXPECT_FALSE(things.sparse());
  EXPECT_LT(things.bytes(), full / 6); // a ninth stays, more or less
  EXPECT_EQ(things.size(), model.size());
  for (const auto& [at, number] : model)
    ASSERT_EQ(*things[moved[at]], number);
  EXPECT_EQ(things.put(nullptr), model.size());
}

} // namespace callboard::protocol
