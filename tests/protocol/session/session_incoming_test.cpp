#include "tests/protocol/session/session_driver.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace callboard::protocol {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using verdict = acceptance::verdict;

/// Publications of a client that is attached.
class SessionIncoming : public SessionTest {
protected:
  SessionIncoming() { session_.attach(resuming(), now_); }

  verdict arrives(qos quality, packet_id id) { return session_.accept(publish(quality, id)).what; }
};

TEST_F(SessionIncoming, RoutesQos0WithoutAnAcknowledgement_MQTT5_3_3_4_1) {
  const auto outcome = session_.accept(publish(qos_0, 0));
  EXPECT_EQ(outcome.what, verdict::route);
  EXPECT_EQ(outcome.ticket, 0U);
  session_.finish(outcome.ticket, reason_code::success);
  EXPECT_THAT(acks(), IsEmpty());
}

TEST_F(SessionIncoming, AcknowledgesInOrderWhateverEndsFirst_MQTT311_4_6_0_2_E82) {
  const auto first = session_.accept(publish(qos_1, 10));
  const auto second = session_.accept(publish(qos_2, 20));
  session_.finish(second.ticket, reason_code::no_matching_subscribers);
  EXPECT_THAT(acks(), IsEmpty());
  session_.finish(first.ticket, reason_code::success);
  EXPECT_THAT(acks(), ElementsAre("PUBACK 10", "PUBREC 20 16"));
}

TEST_F(SessionIncoming, RoutesQos2Once_MQTT5_4_3_3_10_E72) {
  session_.finish(session_.accept(publish(qos_2, 1)).ticket, reason_code::success);
  EXPECT_EQ(arrives(qos_2, 1), verdict::only_acked);
  EXPECT_EQ(arrives(qos_2, 1), verdict::only_acked);
  EXPECT_THAT(acks(), ElementsAre("PUBREC 1", "PUBREC 1", "PUBREC 1"));
  EXPECT_EQ(pubrel(1), "PUBCOMP 1");
  EXPECT_EQ(arrives(qos_2, 1), verdict::route); // E77
}

TEST_F(SessionIncoming, KnowsRepeatsOfQos2AcrossConnections_E72) {
  session_.finish(session_.accept(publish(qos_2, 1)).ticket, reason_code::success);
  session_.lose(now_);
  session_.attach(resuming(), now_);
  EXPECT_EQ(arrives(qos_2, 1), verdict::only_acked);
  EXPECT_THAT(acks(), ElementsAre("PUBREC 1"));
}

TEST_F(SessionIncoming, ForgetsRepeatsWithTheSession_E99) {
  session_.finish(session_.accept(publish(qos_2, 1)).ticket, reason_code::success);
  session_.attach(starting_clean(), now_);
  EXPECT_EQ(arrives(qos_2, 1), verdict::route);
}

TEST_F(SessionIncoming, AnswersPubrelOfAnUnknownIdentifier_E73) {
  EXPECT_EQ(pubrel(7), "PUBCOMP 7 146");
}

TEST_F(SessionIncoming, FreesTheIdentifierOfARefusedMessage_MQTT5_4_3_3_9_E68) {
  session_.finish(session_.accept(publish(qos_2, 1)).ticket, reason_code::not_authorized);
  EXPECT_THAT(acks(), ElementsAre("PUBREC 1 135"));
  EXPECT_EQ(session_.counts().unreleased, 0U);
  EXPECT_EQ(arrives(qos_2, 1), verdict::route);
}

TEST_F(SessionIncoming, EndsTheConnectionOfAClientThatSendsTooFarAhead_MQTT5_3_3_4_7_E80) {
  limits_.receive_maximum = 2;
  session_.attach(resuming(), now_);
  arrives(qos_1, 1);
  arrives(qos_2, 2);
  EXPECT_EQ(arrives(qos_0, 0), verdict::route);
  const auto outcome = session_.accept(publish(qos_1, 3));
  EXPECT_EQ(outcome.what, verdict::refused);
  EXPECT_EQ(outcome.error.code, reason_code::receive_maximum_exceeded);
}

TEST_F(SessionIncoming, PacesAClientThatKnowsNoReceiveMaximum) {
  limits_.receive_maximum = 2;
  auto facts = resuming();
  facts.version = version::mqtt_3_1_1;
  session_.attach(facts, now_);
  std::vector<ticket> taken;
  for (packet_id id = 1; id <= 3; ++id) {
    EXPECT_EQ(session_.behind(), id > 2);
    const auto outcome = session_.accept(publish(qos_1, id));
    EXPECT_EQ(outcome.what, verdict::route);
    taken.push_back(outcome.ticket);
  }
  session_.finish(taken[0], reason_code::success);
  session_.finish(taken[1], reason_code::success);
  EXPECT_TRUE(session_.behind());
  acks();
  EXPECT_FALSE(session_.behind());
}

TEST_F(SessionIncoming, IsNotBehindWhileOnlyPubrelsAreMissing) {
  limits_.receive_maximum = 1;
  session_.attach(resuming(), now_);
  session_.finish(session_.accept(publish(qos_2, 1)).ticket, reason_code::success);
  acks();
  EXPECT_FALSE(session_.behind()); // or the PUBREL would never be read
}

TEST_F(SessionIncoming, OwesNothingToAConnectionThatIsGone) {
  const auto outcome = session_.accept(publish(qos_1, 1));
  session_.lose(now_);
  session_.attach(resuming(), now_);
  session_.finish(outcome.ticket, reason_code::success);
  EXPECT_THAT(acks(), IsEmpty());
}

TEST_F(SessionIncoming, IgnoresRoutingThatEndsAfterTheSession) {
  const auto old = session_.accept(publish(qos_2, 1));
  session_.attach(starting_clean(10), now_);
  const auto fresh = session_.accept(publish(qos_2, 1));
  session_.finish(old.ticket, reason_code::not_authorized);
  EXPECT_EQ(session_.counts().unreleased, 1U);
  session_.finish(fresh.ticket, reason_code::success);
  EXPECT_THAT(acks(), ElementsAre("PUBREC 1"));
}

} // namespace

} // namespace callboard::protocol
