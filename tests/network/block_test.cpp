#include "network/block.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace callboard::network {

namespace {

constexpr auto whole = block_pool::block_size;

TEST(BlockPool, BlockIsFilledBeforeAnotherIsTaken) {
  block_pool pool;
  const auto first = pool.with_room(100);
  EXPECT_EQ(first->room(), whole);
  first->used += whole - 100;
  EXPECT_EQ(pool.with_room(100), first);
  EXPECT_NE(pool.with_room(101), first);
}

TEST(BlockPool, WhatWasFilledStaysAsItIs) {
  block_pool pool;
  auto first = pool.with_room(5);
  std::memcpy(first->free_space(), "first", 5);
  const slice kept{first, {first->free_space(), 5}};
  first->used += 5;
  const auto& again = pool.with_room(6);
  ASSERT_EQ(again, first);
  std::memcpy(again->free_space(), "second", 6);
  again->used += 6;
  EXPECT_EQ(kept.bytes, "first");
}

TEST(BlockPool, ThereIsAlwaysAsMuchRoomAsIsAskedFor) {
  block_pool pool;
  for (const std::size_t room : {std::size_t{0}, std::size_t{1}, block_pool::read_size, whole - 1,
         whole, whole + 1, 10 * whole}) {
    const auto& block = pool.with_room(room);
    EXPECT_GE(block->room(), room);
    block->used += room;
  }
}

TEST(BlockPool, LargeBlockIsOneOfItsOwnAndTheOthersGoOn) {
  block_pool pool;
  const auto before = pool.with_room(1);
  before->used = 1;
  auto large = pool.with_room(whole + 1);
  EXPECT_EQ(large->size, whole + 1);
  const std::weak_ptr<block> seen{large};
  large.reset();
  EXPECT_EQ(pool.with_room(1), before);
  EXPECT_TRUE(seen.expired()) << "a large block does not wait for another large read";
}

TEST(BlockPool, BlockComesBackWithItsLastSliceAndIsEmptyThen) {
  block_pool pool;
  auto first = pool.with_room(whole);
  const auto* place = first->data.get();
  first->used = whole;
  slice kept{first, {place, 10}};
  first.reset();
  const auto second = pool.with_room(1); // the pool lets go of the first
  EXPECT_NE(second->data.get(), place) << "a slice still lies there";
  kept.owner.reset();
  second->used = whole;
  const auto third = pool.with_room(whole);
  EXPECT_EQ(third->data.get(), place);
  EXPECT_EQ(third->used, 0U);
}

TEST(BlockPool, BlocksComeBackFromOtherThreads) {
  block_pool pool;
  std::set<const char*> places;
  std::vector<block_ptr> out;
  for (int i = 0; i < 10; ++i) {
    out.push_back(pool.with_room(whole));
    places.insert(out.back()->data.get());
    out.back()->used = whole;
  }
  ASSERT_EQ(places.size(), 10U);
  std::thread elsewhere{[blocks = std::exchange(out, {})]() mutable { blocks.clear(); }};
  elsewhere.join();
  std::set<const char*> again;
  for (int i = 0; i < 10; ++i) {
    out.push_back(pool.with_room(whole));
    again.insert(out.back()->data.get());
    out.back()->used = whole;
  }
  EXPECT_EQ(again, places);
}

TEST(BlockPool, ThreadsMayGiveBackWhileTheUnitTakes) {
  block_pool pool;
  for (int round = 0; round < 50; ++round) {
    std::vector<block_ptr> out;
    for (int i = 0; i < 20; ++i) {
      out.push_back(pool.with_room(whole));
      out.back()->used = whole;
    }
    std::thread elsewhere{[blocks = std::move(out)]() mutable { blocks.clear(); }};
    for (int i = 0; i < 20; ++i) {
      const auto& block = pool.with_room(whole);
      EXPECT_EQ(block->used, 0U);
      std::memset(block->free_space(), i, whole);
      block->used = whole;
    }
    elsewhere.join();
  }
}

TEST(BlockPool, SlicesOutliveThePool) {
  slice kept;
  {
    block_pool pool;
    const auto& block = pool.with_room(4);
    std::memcpy(block->free_space(), "last", 4);
    kept = {block, {block->free_space(), 4}};
  }
  EXPECT_EQ(kept.bytes, "last");
}

} // namespace

} // namespace callboard::network
