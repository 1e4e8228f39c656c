#include "app/store/selection.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace callboard::app::store {
namespace {

protocol::subscription subscription_to(std::string filter, std::uint16_t share_name_size = 0) {
  protocol::subscription one;
  one.filter = std::move(filter);
  one.share_name_size = share_name_size;
  return one;
}

TEST(Overlap, IsWhereATopicMatchesBothFilters) {
  EXPECT_TRUE(overlap("hall/door", "hall/door"));
  EXPECT_TRUE(overlap("hall/#", "+/door"));
  EXPECT_TRUE(overlap("hall/+/a", "+/b/#"));
  EXPECT_TRUE(overlap("#", "hall"));
  EXPECT_TRUE(overlap("hall", "hall/#")) << "# stands for the parent level, too";
  EXPECT_TRUE(overlap("a//b", "a/+/b"));
}

TEST(Overlap, IsNotWhereLevelsDiffer) {
  EXPECT_FALSE(overlap("hall/door", "hall/window"));
  EXPECT_FALSE(overlap("hall/+", "hall"));
  EXPECT_FALSE(overlap("+/a", "+/b"));
  EXPECT_FALSE(overlap("hall/", "hall"));
}

TEST(Overlap, LeadingWildcardsKeepOutOfDollarTopics) {
  EXPECT_FALSE(overlap("#", "$SYS/broker"));
  EXPECT_FALSE(overlap("$SYS/#", "+/broker"));
  EXPECT_TRUE(overlap("$SYS/#", "$SYS/+"));
}

TEST(Selection, TakesEverythingWithoutAFilter) {
  EXPECT_TRUE(selection{}.takes_topic("$SYS/a"));
  EXPECT_TRUE(selection{}.takes(subscription_to("a")));
}

TEST(Selection, LooksAtTheFilterOfASharedSubscription) {
  const selection hall{"hall/#"};
  EXPECT_TRUE(hall.takes(subscription_to("$share/g/hall/door", 1)));
  EXPECT_FALSE(hall.takes(subscription_to("$share/g/roof", 1)));
  EXPECT_TRUE(hall.takes_topic("hall/door"));
  EXPECT_FALSE(hall.takes_topic("roof"));
}

} // namespace
} // namespace callboard::app::store
