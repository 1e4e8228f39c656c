#include "protocol/topics/retained_cursor.hpp"

#include "protocol/topics/topic_filter.hpp"
#include "protocol/topics/topic_order.hpp"
#include "tests/protocol/topics/random_topics.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace callboard::protocol {

namespace {

using place = retained_cursor::place;

void expect_leap(
  std::string_view filter, std::string_view from, bool match, place where, std::string_view text) {
  retained_cursor cursor;
  EXPECT_EQ(cursor.advance(filter, from), match) << filter << ' ' << from;
  EXPECT_EQ(cursor.goes_on, where) << filter << ' ' << from;
  EXPECT_EQ(cursor.topic, text) << filter << ' ' << from;
}

} // namespace

TEST(RetainedCursor, GoesOnBehindWhatMatches) {
  expect_leap("#", "stage/left", true, place::behind, "stage/left");
  expect_leap("stage/+", "stage/left", true, place::behind, "stage/left");
  expect_leap("stage/#", "stage", true, place::behind, "stage");
}

TEST(RetainedCursor, LeapsToTheLevelThatIsWanted) {
  expect_leap("+/left", "stage/door", false, place::at, "stage/left");
  expect_leap("+/left/#", "stage", false, place::at, "stage/left");
  expect_leap("pit/+/left", "bar/a/b", false, place::at, "pit");
  expect_leap("pit/+", "pit", false, place::behind, "pit");
}

TEST(RetainedCursor, LeavesTheLevelWhereNothingElseCanMatch) {
  expect_leap("+/left", "stage/right", false, place::past, "stage");
  expect_leap("+/left/+/x", "stage/left/door/y", false, place::past, "stage/left/door");
  expect_leap("+/left/x", "stage/left/y", false, place::past, "stage");
  expect_leap("+/+", "stage/left/door", false, place::past, "stage/left");
  expect_leap("+", "/left", false, place::past, "");
}

TEST(RetainedCursor, EndsWhereNothingElseCanMatch) {
  expect_leap("pit/#", "stage", false, place::end, "");
  expect_leap("stage", "stage/left", false, place::end, "");
}

TEST(RetainedCursor, LeapsOverAllDollarTopics) {
  expect_leap("#", "$SYS/uptime", false, place::at, "%");
  expect_leap("+/uptime", "$SYS/uptime", false, place::at, "%");
  expect_leap("$SYS/#", "$SYS/uptime", true, place::behind, "$SYS/uptime");
}

/// The law of the leap: it goes forward, and leaps over nothing that matches.
TEST(RetainedCursor, LeapsOverNothingThatMatches) {
  const auto seed = test_seed();
  random_topics random{seed};
  for (int round = 0; round != 100'000; ++round) {
    const auto filter = random.filter();
    const auto from = random.topic();
    const auto other = random.topic();
    retained_cursor cursor;
    ASSERT_EQ(cursor.advance(filter, from), matches(filter, from)) << filter << ' ' << from;
    ASSERT_TRUE(cursor.is_behind(from)) << filter << ' ' << from;
    if (compare_topics(other, from) > 0 && matches(filter, other)) {
      ASSERT_FALSE(cursor.is_behind(other)) << filter << ' ' << from << ' ' << other;
    }
  }
}

TEST(RetainedCursor, KnowsWhatItHasPassed) {
  const retained_cursor at{"a/b", place::at};
  const retained_cursor behind{"a/b", place::behind};
  const retained_cursor past{"a/b", place::past};
  for (const auto& cursor : {at, behind, past}) {
    EXPECT_TRUE(cursor.is_behind("a/a"));
    EXPECT_FALSE(cursor.is_behind("a/c"));
    EXPECT_FALSE(cursor.is_behind("a/b!"));
  }
  EXPECT_FALSE(at.is_behind("a/b"));
  EXPECT_TRUE(behind.is_behind("a/b"));
  EXPECT_FALSE(behind.is_behind("a/b/c"));
  EXPECT_TRUE(past.is_behind("a/b/c"));
  EXPECT_TRUE((retained_cursor{"", place::end}).is_behind("z"));
}

} // namespace callboard::protocol
