#include "protocol/session/outbound_window.hpp"

#include "tests/protocol/session/deliveries.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace callboard::protocol {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

acknowledgement ack(ack_type type, packet_id id, reason_code code = reason_code::success) {
  return {type, id, code};
}

/// Sends the next delivery.
packet_id put(outbound_window& window, qos quality, std::string_view payload = "x") {
  const auto id = window.next_id();
  window.put(id, make_delivery(payload, quality));
  return id;
}

/// Sends again whatever may be sent: "3" for a PUBLISH, "~3" for a PUBREL.
std::vector<std::string> resend(outbound_window& window) {
  std::vector<std::string> sent;
  while (const auto* again = window.next_resend()) {
    sent.push_back((again->released ? "~" : "") + std::to_string(again->id));
    window.resent(again->id);
  }
  return sent;
}

TEST(OutboundWindow, NumbersFromOneInSequence_MQTT5_4_3_2_1) {
  outbound_window window;
  EXPECT_EQ(put(window, qos_1), 1);
  EXPECT_EQ(put(window, qos_2), 2);
  window.settle(1);
  EXPECT_EQ(put(window, qos_1), 3);
}

TEST(OutboundWindow, WrapsAroundAndSkipsZeroAndWhatIsInFlight_E78) {
  outbound_window window;
  put(window, qos_1); // 1 stays in flight
  window.number_from(65'534);
  EXPECT_EQ(put(window, qos_1), 65'535);
  EXPECT_EQ(put(window, qos_1), 2);
}

TEST(OutboundWindow, NeverUsesAnIdentifierTwiceAtATime_E78) {
  outbound_window window;
  window.resume(65'535);
  for (int n = 0; n < 200'000; ++n) {
    const auto id = put(window, qos_1);
    ASSERT_NE(id, 0);
    if (n % 50 != 0) // the others stay in flight
      window.settle(id);
  }
  EXPECT_EQ(window.size(), 4'000U);
}

TEST(OutboundWindow, StopsAtTheQuotaAndGoesOnWithAPuback_MQTT5_3_3_4_9) {
  outbound_window window;
  window.resume(2);
  const auto first = put(window, qos_1);
  EXPECT_TRUE(window.open());
  put(window, qos_1);
  EXPECT_FALSE(window.open());
  window.settle(first);
  EXPECT_TRUE(window.open());
}

TEST(OutboundWindow, KeepsThePlaceOfQos2UntilPubcomp_E80) {
  outbound_window window;
  window.resume(1);
  const auto id = put(window, qos_2);
  window.release(id);
  EXPECT_FALSE(window.open());
  window.settle(id);
  EXPECT_TRUE(window.open());
}

TEST(OutboundWindow, HasRoomForNoMoreThanThereAreIdentifiers) {
  outbound_window window;
  window.resume(65'535);
  for (int n = 0; n < 65'534; ++n)
    put(window, qos_1);
  EXPECT_TRUE(window.open());
  put(window, qos_1);
  EXPECT_FALSE(window.open());
}

TEST(OutboundWindow, LetsTheMessageGoWithThePubrec_MQTT5_4_3_3_6) {
  outbound_window window;
  const auto id = put(window, qos_2);
  const auto message = window.find(id)->what.message;
  window.release(id);
  EXPECT_FALSE(window.find(id)->what.message);
}

TEST(OutboundWindow, SendsAgainInTheOrderOfSending_MQTT5_4_4_0_1_E79) {
  outbound_window window;
  window.number_from(65'533);
  for (const auto quality : {qos_1, qos_2, qos_1, qos_2})
    put(window, quality);
  window.release(65'535);
  window.settle(1);
  window.resume(100);
  EXPECT_THAT(resend(window), ElementsAre("65534", "~65535", "2"));
  EXPECT_THAT(resend(window), IsEmpty());
}

TEST(OutboundWindow, SendsNothingNewBeforeAllIsSentAgain_E79) {
  outbound_window window;
  put(window, qos_1);
  window.resume(10);
  EXPECT_FALSE(window.open());
  resend(window);
  EXPECT_TRUE(window.open());
}

TEST(OutboundWindow, SendsAgainOnlyWithinTheNewQuota_E80) {
  outbound_window window;
  for (int n = 0; n < 4; ++n)
    put(window, qos_1);
  window.resume(2);
  EXPECT_THAT(resend(window), ElementsAre("1", "2"));
  window.settle(1);
  EXPECT_THAT(resend(window), ElementsAre("3"));
  window.settle(3);
  window.settle(2);
  EXPECT_THAT(resend(window), ElementsAre("4"));
}

TEST(OutboundWindow, SendsPubrelsWhateverTheQuota_MQTT5_4_9_0_3) {
  outbound_window window;
  for (int n = 0; n < 4; ++n)
    put(window, qos_2);
  window.release(2);
  window.release(4);
  window.resume(1);
  EXPECT_THAT(resend(window), ElementsAre("~2", "~4"));
  window.settle(2);
  EXPECT_THAT(resend(window), IsEmpty());
  window.settle(4);
  EXPECT_THAT(resend(window), ElementsAre("1"));
}

TEST(OutboundWindow, MixesPublishAndPubrelInOrderWhereAllFit) {
  outbound_window window;
  for (int n = 0; n < 4; ++n)
    put(window, qos_2);
  window.release(2);
  window.release(4);
  window.resume(3);
  EXPECT_THAT(resend(window), ElementsAre("1", "~2", "~4"));
}

TEST(OutboundWindow, DoesNotSendAgainWhatTheClientAcknowledgesFirst) {
  outbound_window window;
  for (int n = 0; n < 3; ++n)
    put(window, qos_2);
  window.resume(10);
  window.settle(1);
  window.release(2);
  window.resent(2); // its PUBREL is the answer to the PUBREC
  EXPECT_THAT(resend(window), ElementsAre("3"));
}

TEST(OutboundWindow, JudgesQos1) {
  outbound_window window;
  const auto id = put(window, qos_1);
  EXPECT_EQ(window.judge(ack(ack_type::puback, id)), ack_step::settle);
  EXPECT_EQ(window.judge(ack(ack_type::puback, id, reason_code::quota_exceeded)), ack_step::settle);
}

TEST(OutboundWindow, JudgesQos2) {
  outbound_window window;
  const auto id = put(window, qos_2);
  EXPECT_EQ(window.judge(ack(ack_type::pubrec, id)), ack_step::release);
  EXPECT_EQ(window.judge(ack(ack_type::pubrec, id, reason_code::no_matching_subscribers)),
    ack_step::release);
  EXPECT_EQ(window.judge(ack(ack_type::pubrec, id, reason_code::not_authorized)), ack_step::settle);
  window.release(id);
  EXPECT_EQ(window.judge(ack(ack_type::pubrec, id)), ack_step::repeat); // E76
  EXPECT_EQ(window.judge(ack(ack_type::pubcomp, id)), ack_step::settle);
}

TEST(OutboundWindow, FindsAcknowledgementsOfTheWrongType_E75) {
  outbound_window window;
  const auto once = put(window, qos_1);
  const auto exact = put(window, qos_2);
  EXPECT_EQ(window.judge(ack(ack_type::pubrec, once)), ack_step::out_of_place);
  EXPECT_EQ(window.judge(ack(ack_type::pubcomp, once)), ack_step::out_of_place);
  EXPECT_EQ(window.judge(ack(ack_type::puback, exact)), ack_step::out_of_place);
  EXPECT_EQ(window.judge(ack(ack_type::pubcomp, exact)), ack_step::out_of_place);
  window.release(exact);
  EXPECT_EQ(window.judge(ack(ack_type::puback, exact)), ack_step::out_of_place);
}

TEST(OutboundWindow, KnowsAcknowledgementsOfNothing_E74) {
  const outbound_window window;
  EXPECT_EQ(window.judge(ack(ack_type::puback, 7)), ack_step::nothing);
  EXPECT_EQ(window.judge(ack(ack_type::pubcomp, 7)), ack_step::nothing);
  EXPECT_EQ(window.judge(ack(ack_type::pubrec, 7)), ack_step::unknown);
  EXPECT_EQ(
    window.judge(ack(ack_type::pubrec, 7, reason_code::unspecified_error)), ack_step::nothing);
}

TEST(OutboundWindow, ComparesWhatSurvives) {
  outbound_window left;
  outbound_window right;
  for (int n = 0; n < 2; ++n) {
    const auto what = make_delivery("x", qos_2);
    left.put(left.next_id(), delivery{what});
    right.put(right.next_id(), delivery{what});
  }
  right.resume(5); // belongs to the connection
  EXPECT_TRUE(left == right);
  left.release(1);
  EXPECT_FALSE(left == right);
}

} // namespace

} // namespace callboard::protocol
