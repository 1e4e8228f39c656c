#include "protocol/session/delivery.hpp"

#include "tests/protocol/session/deliveries.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <utility>
#include <vector>

namespace callboard::protocol {

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::uint32_t> all(const subscription_identifiers& identifiers) {
  return {identifiers.all().begin(), identifiers.all().end()};
}

TEST(SubscriptionIdentifiers, AreNoneOneOrMany) {
  subscription_identifiers identifiers;
  EXPECT_TRUE(identifiers.empty());
  EXPECT_THAT(all(identifiers), IsEmpty());
  identifiers.add(7);
  EXPECT_THAT(all(identifiers), ElementsAre(7));
  identifiers.add(268'435'455);
  identifiers.add(1);
  EXPECT_THAT(all(identifiers), ElementsAre(7, 268'435'455, 1));
}

TEST(SubscriptionIdentifiers, PassOverSubscriptionsThatHaveNone) {
  subscription_identifiers identifiers;
  identifiers.add(0);
  identifiers.add(5);
  identifiers.add(0);
  EXPECT_THAT(all(identifiers), ElementsAre(5));
}

TEST(SubscriptionIdentifiers, AreCopiedAndMovedWhole) {
  subscription_identifiers identifiers{1};
  identifiers.add(2);
  const subscription_identifiers copy = identifiers;
  const auto moved = std::move(identifiers);
  EXPECT_THAT(all(copy), ElementsAre(1, 2));
  EXPECT_EQ(copy, moved);
  EXPECT_NE(copy, subscription_identifiers{1});
}

TEST(SubscriptionIdentifiers, DoNotSpillIntoTheirNeighbours) {
  auto what = make_delivery("x", qos_2);
  what.retain = true;
  what.identifiers = subscription_identifiers{9};
  EXPECT_EQ(what.qos, qos_2);
  EXPECT_TRUE(what.retain);
}

TEST(RemainingInterval, IsForeverWithoutAnExpiry) {
  EXPECT_EQ(remaining_interval(*make_message("x"), start), forever);
}

TEST(RemainingInterval, CountsTheWaitingTimeOff_MQTT5_3_3_2_6_E69) {
  const auto sent = make_message("x", start + 10s);
  EXPECT_EQ(remaining_interval(*sent, start), 10U);
  EXPECT_EQ(remaining_interval(*sent, start + 4s), 6U);
}

TEST(RemainingInterval, IsNotZeroBeforeTheEnd) {
  const auto sent = make_message("x", start + 10s);
  EXPECT_EQ(remaining_interval(*sent, start + 9'900ms), 1U);
  EXPECT_EQ(remaining_interval(*sent, start + 10s), 0U);
  EXPECT_EQ(remaining_interval(*sent, start + 11s), 0U);
}

} // namespace

} // namespace callboard::protocol
