#include "persistence/overlay/position_set.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace callboard::persistence {

namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::vector<std::pair<delivery_position, delivery_position>> runs_of(const position_set& of) {
  std::vector<std::pair<delivery_position, delivery_position>> all;
  of.each_run([&](auto first, auto last) { all.emplace_back(first, last); });
  return all;
}

TEST(PositionSet, KeepsOneRunOfWhatIsTakenInOrder) {
  position_set all;
  for (delivery_position at = 5; at < 1'000; ++at)
    all.insert(at);
  EXPECT_THAT(runs_of(all), ElementsAre(Pair(5, 999)));
  EXPECT_EQ(all.size(), 995);
  EXPECT_FALSE(all.contains(4));
  EXPECT_TRUE(all.contains(5));
  EXPECT_TRUE(all.contains(999));
  EXPECT_FALSE(all.contains(1'000));
}

TEST(PositionSet, JoinsTwoRunsWithWhatWasMissingBetweenThem) {
  position_set all;
  for (const delivery_position at : {1, 2, 4, 5})
    all.insert(at);
  EXPECT_THAT(runs_of(all), ElementsAre(Pair(1, 2), Pair(4, 5)));
  all.insert(3);
  EXPECT_THAT(runs_of(all), ElementsAre(Pair(1, 5)));
}

TEST(PositionSet, HoldsWhatASetHolds) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  position_set all;
  std::set<delivery_position> expected;
  for (int step = 0; step < 2'000; ++step) {
    const delivery_position at = 1 + random() % 300;
    all.insert(at);
    expected.insert(at);
    ASSERT_EQ(all.size(), expected.size());
  }
  std::set<delivery_position> found;
  all.each_run([&](auto first, auto last) {
    for (auto at = first; at <= last; ++at)
      found.insert(at);
  });
  EXPECT_EQ(found, expected);
  for (delivery_position at = 0; at <= 301; ++at)
    ASSERT_EQ(all.contains(at), expected.contains(at)) << at;
}

} // namespace

} // namespace callboard::persistence
