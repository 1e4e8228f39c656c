#include "protocol/session/inbound_window.hpp"

#include "tests/protocol/session/deliveries.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace callboard::protocol {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A PUBLISH that may come; 0 if it is too much.
ticket arrive(inbound_window& window, qos quality, packet_id id) {
  const auto how = window.judge(quality, id);
  if (how == arrival::overrun)
    return 0;
  if (how == arrival::fresh && quality == qos_2)
    window.receive(id);
  return window.begin(quality, id, how);
}

/// What is due, PUBACK 3 as "A3", PUBREC 3 as "R3", with "!" if it failed.
std::vector<std::string> due(inbound_window& window) {
  std::vector<acknowledgement> acks;
  window.take_due(acks);
  std::vector<std::string> texts;
  texts.reserve(acks.size());
  for (const auto& one : acks)
    texts.push_back((one.type == ack_type::puback ? "A" : "R") + std::to_string(one.packet_id) +
                    (is_failure(one.code) ? "!" : ""));
  return texts;
}

constexpr auto done = reason_code::success;
constexpr auto refused = reason_code::not_authorized;

TEST(InboundWindow, AcknowledgesInTheOrderOfArrival_MQTT311_4_6_0_2_E82) {
  inbound_window window;
  const auto first = arrive(window, qos_1, 5);
  const auto second = arrive(window, qos_2, 3);
  const auto third = arrive(window, qos_1, 4);
  window.finish(third, done);
  window.finish(second, done);
  EXPECT_THAT(due(window), IsEmpty());
  window.finish(first, done);
  EXPECT_THAT(due(window), ElementsAre("A5", "R3", "A4"));
  EXPECT_EQ(window.owed(), 0U);
}

TEST(InboundWindow, PassesTheCodeOn) {
  inbound_window window;
  window.finish(arrive(window, qos_1, 1), reason_code::no_matching_subscribers);
  std::vector<acknowledgement> acks;
  window.take_due(acks);
  ASSERT_EQ(acks.size(), 1U);
  EXPECT_EQ(acks[0].code, reason_code::no_matching_subscribers);
}

TEST(InboundWindow, LetsPassTicketsThatItDoesNotKnow) {
  inbound_window window;
  const auto known = arrive(window, qos_1, 1);
  EXPECT_EQ(window.finish(0, done), 0);
  EXPECT_EQ(window.finish(known + 1, done), 0);
  EXPECT_THAT(due(window), IsEmpty());
  window.finish(known, done);
  EXPECT_THAT(due(window), ElementsAre("A1"));
  EXPECT_EQ(window.finish(known, done), 0);
}

TEST(InboundWindow, KeepsTheFirstCodeOfATicket) {
  inbound_window window;
  const auto first = arrive(window, qos_1, 1);
  const auto second = arrive(window, qos_1, 2);
  window.finish(second, done);
  window.finish(second, refused);
  window.finish(first, done);
  EXPECT_THAT(due(window), ElementsAre("A1", "A2"));
}

TEST(InboundWindow, TakesAnIdentifierOfQos1AsNewAgain_MQTT5_4_3_2_5_E77) {
  inbound_window window;
  window.finish(arrive(window, qos_1, 1), done);
  due(window);
  EXPECT_EQ(window.judge(qos_1, 1), arrival::fresh);
}

TEST(InboundWindow, AcknowledgesEachRepeatOfQos2_MQTT5_4_3_3_10_E72) {
  inbound_window window;
  window.finish(arrive(window, qos_2, 7), done);
  EXPECT_THAT(due(window), ElementsAre("R7"));
  for (int n = 0; n < 3; ++n) {
    EXPECT_EQ(window.judge(qos_2, 7), arrival::repeat);
    arrive(window, qos_2, 7);
    EXPECT_THAT(due(window), ElementsAre("R7"));
  }
  EXPECT_EQ(window.unreleased(), 1U);
}

TEST(InboundWindow, AcknowledgesARepeatNotBeforeItsOriginal_E72) {
  inbound_window window;
  const auto original = arrive(window, qos_2, 7);
  arrive(window, qos_2, 7);
  EXPECT_THAT(due(window), IsEmpty());
  window.finish(original, done);
  EXPECT_THAT(due(window), ElementsAre("R7", "R7"));
}

TEST(InboundWindow, RefusesARepeatLikeItsOriginal) {
  inbound_window window;
  const auto original = arrive(window, qos_2, 7);
  arrive(window, qos_2, 7);
  EXPECT_EQ(window.finish(original, refused), 7);
  window.free(7);
  EXPECT_THAT(due(window), ElementsAre("R7!", "R7!"));
}

TEST(InboundWindow, TellsRepeatsOfDifferentMessagesApart) {
  inbound_window window;
  const auto seven = arrive(window, qos_2, 7);
  const auto eight = arrive(window, qos_2, 8);
  arrive(window, qos_2, 8);
  window.finish(seven, refused);
  window.finish(eight, done);
  EXPECT_THAT(due(window), ElementsAre("R7!", "R8", "R8"));
}

TEST(InboundWindow, KnowsRepeatsAcrossConnections_E72) {
  inbound_window window;
  window.finish(arrive(window, qos_2, 7), done);
  due(window);
  window.resume(10);
  EXPECT_EQ(window.judge(qos_2, 7), arrival::repeat);
}

TEST(InboundWindow, TakesAnIdentifierAsNewAfterItWasFreed_MQTT5_4_3_3_12_E77) {
  inbound_window window;
  window.finish(arrive(window, qos_2, 7), done);
  EXPECT_TRUE(window.free(7));
  EXPECT_FALSE(window.free(7));
  EXPECT_EQ(window.judge(qos_2, 7), arrival::fresh);
}

TEST(InboundWindow, FreesTheIdentifierOfARefusedMessage_MQTT5_4_3_3_9) {
  inbound_window window;
  EXPECT_EQ(window.finish(arrive(window, qos_2, 7), refused), 7);
  EXPECT_EQ(window.finish(arrive(window, qos_2, 8), done), 8); // known for good
  EXPECT_EQ(window.ids(), (std::vector<packet_id>{7, 8}));     // until the caller frees 7
  EXPECT_EQ(window.finish(arrive(window, qos_1, 9), refused), 0);
}

TEST(InboundWindow, DoesNotFreeWhatHasTakenTheIdentifierMeanwhile) {
  inbound_window window;
  const auto early = arrive(window, qos_2, 7);
  window.free(7); // a PUBREL before the PUBREC
  arrive(window, qos_2, 7);
  EXPECT_EQ(window.finish(early, refused), 0);
  EXPECT_TRUE(window.knows(7));
}

TEST(InboundWindow, CountsQos1UntilItsPubackLeaves_E80) {
  inbound_window window;
  window.resume(2);
  const auto first = arrive(window, qos_1, 1);
  const auto second = arrive(window, qos_1, 2);
  EXPECT_EQ(window.judge(qos_1, 3), arrival::overrun);
  window.finish(second, done);
  due(window);
  EXPECT_EQ(window.judge(qos_1, 3), arrival::overrun);
  window.finish(first, done);
  EXPECT_EQ(window.judge(qos_1, 3), arrival::overrun);
  due(window);
  EXPECT_EQ(window.judge(qos_1, 3), arrival::fresh);
}

TEST(InboundWindow, CountsQos2UntilItIsReleased_E80) {
  inbound_window window;
  window.resume(1);
  window.finish(arrive(window, qos_2, 1), done);
  due(window);
  EXPECT_EQ(window.judge(qos_2, 2), arrival::overrun);
  EXPECT_EQ(window.judge(qos_1, 2), arrival::overrun);
  window.free(1);
  EXPECT_EQ(window.judge(qos_2, 2), arrival::fresh);
}

TEST(InboundWindow, CountsRefusedQos2UntilItsPubrecLeaves_E80) {
  inbound_window window;
  window.resume(1);
  window.free(window.finish(arrive(window, qos_2, 1), refused));
  EXPECT_EQ(window.judge(qos_1, 2), arrival::overrun);
  due(window);
  EXPECT_EQ(window.judge(qos_1, 2), arrival::fresh);
}

TEST(InboundWindow, CountsARepeatOnlyOnce) {
  inbound_window window;
  window.resume(1);
  window.finish(arrive(window, qos_2, 1), done);
  EXPECT_EQ(window.judge(qos_2, 1), arrival::repeat);
  arrive(window, qos_2, 1);
  due(window);
  window.free(1);
  EXPECT_EQ(window.judge(qos_2, 2), arrival::fresh);
}

TEST(InboundWindow, CountsOnEachConnectionAnew_E80) {
  inbound_window window;
  window.resume(1);
  window.finish(arrive(window, qos_2, 1), done);
  window.resume(1);
  EXPECT_EQ(window.judge(qos_2, 2), arrival::fresh); // 1 will only be released
  arrive(window, qos_2, 2);
  EXPECT_EQ(window.judge(qos_2, 1), arrival::overrun);
  window.free(1); // was not counted
  EXPECT_EQ(window.judge(qos_2, 3), arrival::overrun);
  window.free(2);
  EXPECT_EQ(window.judge(qos_2, 3), arrival::fresh);
}

TEST(InboundWindow, OwesNothingToAConnectionThatIsGone) {
  inbound_window window;
  const auto old_1 = arrive(window, qos_1, 1);
  const auto old_2 = arrive(window, qos_2, 2);
  window.resume(10);
  const auto repeat = arrive(window, qos_2, 2); // as the client had no PUBREC
  EXPECT_GT(repeat, old_2);
  window.finish(old_1, done);
  EXPECT_THAT(due(window), IsEmpty());
  EXPECT_EQ(window.finish(old_2, refused), 2);
  window.free(2);
  EXPECT_THAT(due(window), ElementsAre("R2!"));
  EXPECT_EQ(window.judge(qos_2, 2), arrival::fresh);
}

TEST(InboundWindow, KeepsTicketsApartWhenItWasCleared) {
  inbound_window window;
  const auto old = arrive(window, qos_1, 1);
  window.clear();
  const auto fresh = arrive(window, qos_1, 1);
  EXPECT_NE(old, fresh);
  window.finish(old, done);
  EXPECT_THAT(due(window), IsEmpty());
}

} // namespace

} // namespace callboard::protocol
