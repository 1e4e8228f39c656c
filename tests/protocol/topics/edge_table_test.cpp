#include "protocol/topics/edge_table.hpp"

#include "tests/protocol/topics/random_topics.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>

namespace callboard::protocol {

namespace {

std::uint32_t find(const edge_table& table, std::uint32_t hash, std::uint32_t child) {
  return table.find(hash, [&](std::uint32_t found) { return found == child; });
}

} // namespace

TEST(EdgeTable, FindsNothingInAnEmptyTable) {
  EXPECT_EQ(find({}, 7, 1), 0U);
}

TEST(EdgeTable, TellsChildrenOfOneHashApart) {
  edge_table table;
  for (std::uint32_t child = 1; child != 100; ++child)
    table.insert(7, child);
  EXPECT_EQ(find(table, 7, 50), 50U);
  EXPECT_EQ(find(table, 7, 100), 0U);
  EXPECT_EQ(find(table, 8, 50), 0U);
  table.erase(7, 50);
  EXPECT_EQ(find(table, 7, 50), 0U);
  EXPECT_EQ(find(table, 7, 99), 99U);
}

/// Hashes so close to each other, and to the end of the table, that all of them
/// are in each other's way.
TEST(EdgeTable, KeepsAllThatWasNotErased) {
  const auto seed = test_seed();
  random_topics random{seed};
  edge_table table;
  std::map<std::uint32_t, std::uint32_t> model; // child -> hash
  for (std::uint32_t round = 1; round != 20'000; ++round) {
    if (model.size() < 40 || (model.size() < 500 && random.one_in(2))) {
      const auto hash = static_cast<std::uint32_t>(random.below(30)) - 15;
      table.insert(hash, round);
      model[round] = hash;
    } else {
      const auto victim = model.lower_bound(static_cast<std::uint32_t>(random.below(round)));
      if (victim != model.end()) {
        table.erase(victim->second, victim->first);
        ASSERT_EQ(find(table, victim->second, victim->first), 0U);
        model.erase(victim);
      }
    }
    if (round % 16 != 0)
      continue;
    for (const auto& [child, hash] : model)
      ASSERT_EQ(find(table, hash, child), child);
  }
}

TEST(EdgeTable, GivesMemoryBack) {
  edge_table table;
  for (std::uint32_t child = 1; child != 10'000; ++child)
    table.insert(child * 2'654'435'761U, child);
  const auto full = table.bytes();
  EXPECT_LE(full, 10'000U * 16);
  for (std::uint32_t child = 100; child != 10'000; ++child)
    table.erase(child * 2'654'435'761U, child);
  EXPECT_LT(table.bytes(), full / 10);
  for (std::uint32_t child = 1; child != 100; ++child)
    ASSERT_EQ(find(table, child * 2'654'435'761U, child), child);
}

} // namespace callboard::protocol
