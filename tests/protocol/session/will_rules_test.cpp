#include "protocol/session/will_rules.hpp"

#include "tests/protocol/session/deliveries.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace callboard::protocol {

namespace {

using namespace std::chrono_literals;

constexpr will_fate forgotten{will_fate::what::forgotten};
constexpr will_fate due_now{will_fate::what::due_now};

constexpr will_fate due_at(time_point at) {
  return {will_fate::what::due_later, at};
}

TEST(WillRules, ForgetTheWillOfANormalEnd_MQTT5_3_14_4_3) {
  EXPECT_EQ(will_on_departure(departure::normal, 0, 0, start), forgotten);
  EXPECT_EQ(will_on_departure(departure::normal, 5, 10, start), forgotten);
}

TEST(WillRules, PublishAtOnceWithoutDelay_MQTT5_3_1_2_8) {
  EXPECT_EQ(will_on_departure(departure::lost, 0, 100, start), due_now);
  EXPECT_EQ(will_on_departure(departure::with_will, 0, 100, start), due_now);
}

TEST(WillRules, PublishAfterTheDelayOrAtTheSessionsEnd_E51) {
  EXPECT_EQ(will_on_departure(departure::lost, 5, 100, start), due_at(start + 5s));
  EXPECT_EQ(will_on_departure(departure::lost, 5, 3, start), due_at(start + 3s));
  EXPECT_EQ(will_on_departure(departure::lost, 5, 0, start), due_now);
  EXPECT_EQ(will_on_departure(departure::with_will, 5, forever, start), due_at(start + 5s));
  EXPECT_EQ(will_on_departure(departure::lost, forever, forever, start), due_at(never));
}

TEST(WillRules, CancelTheWillOfASessionThatIsResumed_MQTT5_3_1_3_9_E52) {
  EXPECT_EQ(will_on_return(false, start + 1s, start), forgotten);
}

TEST(WillRules, PublishTheWillOfASessionThatAReturnEnds_E52) {
  EXPECT_EQ(will_on_return(true, start + 1s, start), due_now);
}

TEST(WillRules, PublishAWillThatWasDueBeforeTheReturn) {
  EXPECT_EQ(will_on_return(false, start, start), due_now);
}

TEST(WillRules, OnlyCodeZeroIsANormalEnd_E46) {
  disconnect packet;
  EXPECT_EQ(departure_of(packet), departure::normal);
  packet.code = reason_code::disconnect_with_will_message;
  EXPECT_EQ(departure_of(packet), departure::with_will);
  packet.code = reason_code::unspecified_error;
  EXPECT_EQ(departure_of(packet), departure::with_will);
}

} // namespace

} // namespace callboard::protocol
