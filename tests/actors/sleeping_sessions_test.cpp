#include "actors/sleeping_sessions.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;
using protocol::never;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr protocol::time_point start{};

TEST(SleepingSessions, AreFoundByClientAndByNumber) {
  sleeping_sessions all;
  all.add("a", {7, 2, {3, 300}}, never);
  ASSERT_NE(all.find("a"), nullptr);
  EXPECT_EQ(all.find("a")->subscriptions, 2U);
  EXPECT_EQ(*all.client_of(7), "a");
  EXPECT_EQ(all.find("b"), nullptr);
  EXPECT_EQ(all.client_of(8), nullptr);
}

TEST(SleepingSessions, AreGoneWhenTheyAreRemoved) {
  sleeping_sessions all;
  all.add("a", {7, 2, {3, 300}}, start);
  EXPECT_EQ(all.remove("a")->waiting.bytes, 300U);
  EXPECT_FALSE(all.remove("a"));
  EXPECT_EQ(all.client_of(7), nullptr);
  EXPECT_EQ(all.next_due(), never);
  EXPECT_EQ(all.size(), 0U);
}

TEST(SleepingSessions, AreDueInTheOrderOfTheirTimes) {
  sleeping_sessions all;
  all.add("c", {3, 0, {}}, start + 30s);
  all.add("a", {1, 0, {}}, start + 10s);
  all.add("b", {2, 0, {}}, start + 20s);
  all.add("d", {4, 0, {}}, never);
  EXPECT_EQ(all.next_due(), start + 10s);
  EXPECT_THAT(all.take_due(start + 9s), IsEmpty());
  EXPECT_THAT(all.take_due(start + 20s), ElementsAre(1, 2));
  EXPECT_THAT(all.take_due(start + 20s), IsEmpty());
  all.remove("c");
  EXPECT_EQ(all.next_due(), never);
}

} // namespace

} // namespace callboard::actors
