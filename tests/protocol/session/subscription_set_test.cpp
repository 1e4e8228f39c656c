#include "protocol/session/subscription_set.hpp"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <string>
#include <utility>

namespace callboard::protocol {

namespace {

subscription make(std::string filter, subscription_number number, std::uint16_t share_size = 0) {
  subscription made;
  made.filter = std::move(filter);
  made.number = number;
  made.share_name_size = share_size;
  return made;
}

TEST(SubscriptionSet, FindsByNumberAndByFilter) {
  subscription_set set;
  set.put(make("a/b", 1));
  set.put(make("a/#", 2));
  ASSERT_NE(set.find("a/#"), nullptr);
  EXPECT_EQ(set.find("a/#")->number, 2U);
  ASSERT_NE(set.find(1), nullptr);
  EXPECT_EQ(set.find(1)->filter, "a/b");
  EXPECT_EQ(set.find("a"), nullptr);
  EXPECT_EQ(set.find(3), nullptr);
}

TEST(SubscriptionSet, ReplacesByNumber) {
  subscription_set set;
  set.put(make("a", 1));
  auto again = make("a", 1);
  again.identifier = 5;
  set.put(again);
  EXPECT_EQ(set.size(), 1U);
  EXPECT_EQ(set.find("a")->identifier, 5U);
}

TEST(SubscriptionSet, NeverUsesANumberAgain) {
  subscription_set set;
  EXPECT_EQ(set.next_number(), 1U);
  set.put(make("a", set.next_number()));
  EXPECT_TRUE(set.remove(1));
  EXPECT_FALSE(set.remove(1));
  EXPECT_EQ(set.next_number(), 2U);
  set.clear();
  EXPECT_EQ(set.next_number(), 2U);
}

TEST(SubscriptionSet, GoesOnWithNumbersWhenAnOldOneIsReplaced) {
  subscription_set set;
  set.put(make("a", 1));
  set.put(make("b", 2));
  set.put(make("a", 1));
  EXPECT_EQ(set.next_number(), 3U);
}

TEST(SubscriptionSet, TakesASharedFilterApart) {
  const auto shared = make("$share/group/a/+", 1, 5);
  EXPECT_EQ(shared.share_name(), "group");
  EXPECT_EQ(shared.topic_filter(), "a/+");
  const auto plain = make("a/+", 2);
  EXPECT_EQ(plain.share_name(), "");
  EXPECT_EQ(plain.topic_filter(), "a/+");
}

TEST(SubscriptionSet, CanBeMovedWithItsIndex) {
  subscription_set set;
  for (subscription_number number = 1; number <= 100; ++number)
    set.put(make(std::to_string(number), number));
  const auto moved = std::move(set);
  EXPECT_EQ(moved.find("77")->number, 77U);
}

TEST(SubscriptionSet, IsAMapWhateverHappens) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  subscription_set actual;
  std::map<std::string, subscription_number> expected;
  for (int step = 0; step < 10'000; ++step) {
    const auto filter = std::to_string(random() % 60);
    const auto* found = actual.find(filter);
    ASSERT_EQ(found != nullptr, expected.contains(filter));
    if (found != nullptr) {
      ASSERT_EQ(found->number, expected[filter]);
      ASSERT_EQ(actual.find(found->number), found);
      actual.remove(found->number);
      expected.erase(filter);
    } else {
      expected[filter] = actual.next_number();
      actual.put(make(filter, actual.next_number()));
    }
    ASSERT_EQ(actual.size(), expected.size());
  }
}

} // namespace

} // namespace callboard::protocol
