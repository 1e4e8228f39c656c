#include "tests/protocol/session/session_driver.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace callboard::protocol {

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Deliveries to a client that is attached.
class SessionOutgoing : public SessionTest {
protected:
  SessionOutgoing() { session_.attach(resuming(), now_); }

  void reconnect(const attachment& facts = resuming()) {
    session_.lose(now_);
    session_.attach(facts, now_);
  }
};

using SessionQueue = SessionOutgoing;

// -- exchanges --------------------------------------------------------------------

TEST_F(SessionOutgoing, SendsInOrderWhateverTheQos_E82) {
  enqueue("a", qos_1);
  enqueue("b", qos_0);
  enqueue("c", qos_2);
  EXPECT_THAT(sent(), ElementsAre("a/1", "b", "c/2"));
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(SessionOutgoing, ForgetsQos1WithItsPuback_MQTT5_4_3_2_3) {
  enqueue("a", qos_1);
  sent();
  EXPECT_EQ(puback(1), "");
  EXPECT_EQ(session_.counts().in_flight, 0U);
  reconnect();
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(SessionOutgoing, TakesAFailureForAnAcknowledgement_MQTT5_4_4_0_2) {
  enqueue("a", qos_1);
  enqueue("b", qos_2);
  sent();
  EXPECT_EQ(puback(1, reason_code::quota_exceeded), "");
  EXPECT_EQ(pubrec(2, reason_code::quota_exceeded), ""); // no PUBREL (E74)
  EXPECT_EQ(session_.counts().in_flight, 0U);
}

TEST_F(SessionOutgoing, GoesThroughAllOfQos2_MQTT5_4_3_3_4) {
  enqueue("a", qos_2);
  EXPECT_THAT(sent(), ElementsAre("a/1"));
  EXPECT_EQ(pubrec(1), "PUBREL 1");
  EXPECT_EQ(pubcomp(1), "");
  EXPECT_EQ(session_.counts().in_flight, 0U);
}

TEST_F(SessionOutgoing, AnswersPubrecAgain_E76) {
  enqueue("a", qos_2);
  sent();
  EXPECT_EQ(pubrec(1), "PUBREL 1");
  EXPECT_EQ(pubrec(1), "PUBREL 1");
  EXPECT_EQ(pubcomp(1), "");
}

TEST_F(SessionOutgoing, AnswersPubrecOfAnUnknownIdentifier_E74) {
  EXPECT_EQ(pubrec(9), "PUBREL 9 146");
  EXPECT_EQ(pubrec(9, reason_code::unspecified_error), "");
  EXPECT_EQ(session_.counts().in_flight, 0U);
}

TEST_F(SessionOutgoing, LetsPassStrayPubacksAndPubcomps) {
  EXPECT_EQ(puback(9), "");
  EXPECT_EQ(pubcomp(9), "");
}

TEST_F(SessionOutgoing, RefusesAcknowledgementsOfTheWrongType_E75) {
  enqueue("a", qos_1);
  enqueue("b", qos_2);
  sent();
  EXPECT_EQ(pubrec(1), "error 130");
  EXPECT_EQ(pubcomp(1), "error 130");
  EXPECT_EQ(puback(2), "error 130");
  EXPECT_EQ(pubcomp(2), "error 130");
  EXPECT_EQ(session_.counts().in_flight, 2U);
}

TEST_F(SessionOutgoing, WaitsForRoomInTheClientsReceiveMaximum_MQTT5_3_3_4_9_E80) {
  reconnect(with_quota(2));
  for (const auto* payload : {"a", "b", "c", "d"})
    enqueue(payload, qos_2);
  EXPECT_THAT(sent(), ElementsAre("a/1", "b/2"));
  pubrec(1);
  EXPECT_THAT(sent(), IsEmpty()); // PUBREC frees nothing
  pubcomp(1);
  EXPECT_THAT(sent(), ElementsAre("c/3"));
  pubrec(2, reason_code::unspecified_error);
  EXPECT_THAT(sent(), ElementsAre("d/4"));
}

TEST_F(SessionOutgoing, KeepsToTheReceiveMaximumBehindAStrayAcknowledgementToo) {
  reconnect(with_quota(1));
  puback(9);
  enqueue("a", qos_1);
  enqueue("b", qos_1);
  EXPECT_THAT(sent(), ElementsAre("a/1"));
}

TEST_F(SessionOutgoing, StaysWithinItsOwnLimitToo) {
  limits_.in_flight = 1;
  reconnect(with_quota(10));
  enqueue("a");
  enqueue("b");
  EXPECT_THAT(sent(), ElementsAre("a/1"));
}

TEST_F(SessionOutgoing, LetsQos0PassAtAFullWindowOnlyInItsTurn) {
  reconnect(with_quota(1));
  enqueue("a", qos_1);
  enqueue("b", qos_0);
  enqueue("c", qos_1);
  enqueue("d", qos_0);
  EXPECT_THAT(sent(), ElementsAre("a/1", "b"));
  puback(1);
  EXPECT_THAT(sent(), ElementsAre("c/2", "d"));
}

TEST_F(SessionOutgoing, KeepsADeliveryReadableUntilTheNextCall) {
  enqueue("zero", qos_0);
  const auto packet = session_.next(now_, [](const delivery&) { return true; });
  ASSERT_TRUE(packet);
  EXPECT_EQ(session_.counts().queued, 0U);
  EXPECT_EQ(payload_of(*packet->publish), "zero");
}

// -- after a reconnect ------------------------------------------------------------

TEST_F(SessionOutgoing, SendsNothingAgainOnALiveConnection_E79) {
  enqueue("a", qos_1);
  sent();
  now_ += 1h;
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(SessionOutgoing, SendsAgainInOrderBeforeAllThatIsNew_MQTT5_4_4_0_1_E79) {
  enqueue("a", qos_1);
  enqueue("b", qos_2);
  enqueue("c", qos_2);
  enqueue("d", qos_1);
  sent();
  pubrec(2);
  puback(1);
  session_.lose(now_);
  enqueue("e", qos_1);
  session_.attach(resuming(), now_);
  enqueue("f", qos_1);
  EXPECT_THAT(sent(), ElementsAre("~2", "c/3*", "d/4*", "e/5", "f/6"));
}

TEST_F(SessionOutgoing, SendsAgainToWhoeverTakesOver_E81) {
  enqueue("a", qos_1);
  enqueue("b", qos_2);
  sent();
  pubrec(2);
  session_.attach(resuming(), now_);
  EXPECT_THAT(sent(), ElementsAre("a/1*", "~2"));
}

TEST_F(SessionOutgoing, NeverSendsPublishAfterPubrel_MQTT5_4_3_3_6) {
  enqueue("a", qos_2);
  sent();
  pubrec(1);
  for (int n = 0; n < 3; ++n) {
    reconnect();
    EXPECT_THAT(sent(), ElementsAre("~1"));
  }
  pubcomp(1);
  reconnect();
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(SessionOutgoing, SendsAgainOnlyWithinTheNewReceiveMaximum_E80) {
  for (const auto* payload : {"a", "b", "c"})
    enqueue(payload, qos_1);
  sent();
  reconnect(with_quota(1));
  enqueue("d", qos_1);
  EXPECT_THAT(sent(), ElementsAre("a/1*"));
  puback(1);
  EXPECT_THAT(sent(), ElementsAre("b/2*"));
  puback(2);
  puback(3); // has it already
  EXPECT_THAT(sent(), ElementsAre("d/4"));
}

TEST_F(SessionOutgoing, NeverUsesAnIdentifierThatIsInFlightAfterAReconnect_E78) {
  enqueue("a", qos_1);
  sent();
  reconnect();
  enqueue("b", qos_1);
  EXPECT_THAT(sent(), ElementsAre("a/1*", "b/2"));
}

TEST_F(SessionOutgoing, DoesNotSendPubrelAgainThatAnsweredAnEarlyPubrec) {
  enqueue("a", qos_2);
  enqueue("b", qos_2);
  sent();
  reconnect(with_quota(1));
  EXPECT_THAT(sent(), ElementsAre("a/1*"));
  EXPECT_EQ(pubrec(2), "PUBREL 2"); // before it was sent again
  pubrec(1);
  pubcomp(1);
  EXPECT_THAT(sent(), IsEmpty());
  pubcomp(2);
  enqueue("c", qos_1);
  EXPECT_THAT(sent(), ElementsAre("c/3"));
}

// -- what is not sent -------------------------------------------------------------

TEST_F(SessionOutgoing, DropsWhatIsTooLargeAndGoesOn_MQTT5_3_1_2_25_E70) {
  largest_payload_ = 3;
  reconnect(with_quota(1));
  enqueue("large", qos_1);
  enqueue("large", qos_0);
  enqueue("ok", qos_1);
  EXPECT_THAT(sent(), ElementsAre("ok/1"));
  EXPECT_EQ(dropped(drop_reason::too_large), 2U);
}

TEST_F(SessionOutgoing, CompletesWhatHasBecomeTooLargeToSendAgain_E70) {
  enqueue("large", qos_2);
  enqueue("ok", qos_1);
  sent();
  largest_payload_ = 3;
  reconnect();
  EXPECT_THAT(sent(), ElementsAre("ok/2*"));
  EXPECT_EQ(session_.counts().in_flight, 1U);
}

TEST_F(SessionOutgoing, DropsWhatHasExpiredInTheQueue_MQTT5_3_3_2_5_E69) {
  session_.lose(now_);
  enqueue("late", qos_1, now_ + 5s);
  enqueue("ok", qos_1, now_ + 6s);
  session_.attach(resuming(), now_);
  now_ += 5s;
  EXPECT_THAT(sent(), ElementsAre("ok/1"));
  EXPECT_EQ(dropped(drop_reason::expired), 1U);
}

TEST_F(SessionOutgoing, DropsWhatHasExpiredOnArrival_E69) {
  EXPECT_FALSE(enqueue("a", qos_1, now_));
  EXPECT_EQ(dropped(drop_reason::expired), 1U);
}

TEST_F(SessionOutgoing, SendsAgainWhatHasExpiredInFlight_MQTT5_4_3_3_7_E69) {
  enqueue("a", qos_1, now_ + 5s);
  sent();
  now_ += 10s;
  reconnect();
  EXPECT_THAT(sent(), ElementsAre("a/1*"));
}

TEST_F(SessionOutgoing, CompletesQos2ThatHasExpired_MQTT5_4_3_3_13) {
  enqueue("a", qos_2, now_ + 5s);
  sent();
  now_ += 10s;
  EXPECT_EQ(pubrec(1), "PUBREL 1");
  reconnect();
  EXPECT_THAT(sent(), ElementsAre("~1"));
}

// -- queue ------------------------------------------------------------------------

TEST_F(SessionQueue, KeepsMessagesForAClientThatIsAbsent_MQTT5_4_5_0_1) {
  session_.lose(now_);
  enqueue("a", qos_1);
  enqueue("b", qos_2);
  EXPECT_THAT(sent(), IsEmpty());
  session_.attach(resuming(), now_);
  EXPECT_THAT(sent(), ElementsAre("a/1", "b/2"));
}

TEST_F(SessionQueue, KeepsQos0ForAnAbsentClientOnlyIfToldTo) {
  session_.lose(now_);
  EXPECT_FALSE(enqueue("a", qos_0));
  EXPECT_EQ(dropped(drop_reason::client_absent), 1U);
  limits_.queue_qos_0 = true;
  EXPECT_TRUE(enqueue("b", qos_0));
  session_.attach(resuming(), now_);
  EXPECT_THAT(sent(), ElementsAre("b"));
}

TEST_F(SessionQueue, DropsTheNewestWhenFull) {
  limits_.queue_messages = 2;
  session_.lose(now_);
  EXPECT_TRUE(enqueue("a"));
  EXPECT_TRUE(enqueue("b"));
  EXPECT_FALSE(enqueue("c"));
  EXPECT_EQ(dropped(drop_reason::queue_full), 1U);
  session_.attach(resuming(), now_);
  EXPECT_THAT(sent(), ElementsAre("a/1", "b/2"));
}

TEST_F(SessionQueue, DropsTheOldestWhenFullIfToldTo) {
  limits_.queue_messages = 2;
  limits_.when_full = when_full::drop_oldest;
  session_.lose(now_);
  for (const auto* payload : {"a", "b", "c"})
    EXPECT_TRUE(enqueue(payload));
  EXPECT_EQ(dropped(drop_reason::queue_full), 1U);
  session_.attach(resuming(), now_);
  EXPECT_THAT(sent(), ElementsAre("b/1", "c/2"));
}

TEST_F(SessionQueue, DoesNotDropQos1ForQos0) {
  limits_.queue_messages = 1;
  limits_.when_full = when_full::drop_oldest;
  reconnect(with_quota(1));
  enqueue("a", qos_1);
  sent();
  EXPECT_TRUE(enqueue("b", qos_1));
  EXPECT_FALSE(enqueue("c", qos_0));
  EXPECT_EQ(session_.counts().queued, 1U);
}

TEST_F(SessionQueue, CountsBytesToo) {
  limits_.queue_bytes = 2 * make_message("four")->size();
  session_.lose(now_);
  EXPECT_TRUE(enqueue("four"));
  EXPECT_TRUE(enqueue("four"));
  EXPECT_FALSE(enqueue("x"));
  EXPECT_EQ(session_.counts().queued_bytes, limits_.queue_bytes);
}

TEST_F(SessionQueue, DoesNotEmptyItselfForWhatWouldNeverFit) {
  limits_.queue_bytes = 20;
  limits_.when_full = when_full::drop_oldest;
  session_.lose(now_);
  EXPECT_TRUE(enqueue("a"));
  EXPECT_FALSE(enqueue(std::string(30, 'x')));
  EXPECT_EQ(session_.counts().queued, 1U);
}

TEST_F(SessionOutgoing, HoldsBackWhatWouldBeTooManyBytesInFlight) {
  limits_.in_flight_bytes = 15; // with the topic, five bytes
  for (const auto* payload : {"123456", "7890123", "last"})
    enqueue(payload, qos_2);
  EXPECT_THAT(sent(), ElementsAre("123456/1", "7890123/2"));
  pubrec(1); // the message is the client's now
  EXPECT_THAT(sent(), ElementsAre("last/3"));
}

TEST_F(SessionOutgoing, PassesThroughWhatHasNothingBeforeIt) {
  const auto all = [](const delivery&) { return true; };
  auto first = make_delivery("a", qos_1, never);
  const auto packet = session_.pass_through(first, now_, all);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->id, 1);
  EXPECT_EQ(session_.counts().in_flight, 1U);
  EXPECT_EQ(session_.counts().queued, 0U);
  auto again = make_delivery("b", qos_0, never);
  EXPECT_EQ(session_.pass_through(again, now_, all)->id, 0);
}

TEST_F(SessionOutgoing, PassesNothingThroughThatWouldOvertake) {
  const auto all = [](const delivery&) { return true; };
  auto later = make_delivery("later", qos_1, never);
  enqueue("waits", qos_1);
  EXPECT_FALSE(session_.pass_through(later, now_, all)); // the queue
  sent();
  reconnect();
  EXPECT_FALSE(session_.pass_through(later, now_, all)); // what is to be sent again
  sent();
  EXPECT_FALSE(session_.pass_through(later, now_, [](const delivery&) { return false; }));
  auto old = make_delivery("old", qos_1, now_);
  EXPECT_FALSE(session_.pass_through(old, now_, all));
  session_.lose(now_);
  EXPECT_FALSE(session_.pass_through(later, now_, all)); // nobody there
  EXPECT_TRUE(later.message);
}

TEST_F(SessionQueue, LetsALargeMessagePassThroughWhenEmpty) {
  limits_.queue_bytes = 1;
  limits_.queue_messages = 0;
  EXPECT_TRUE(enqueue("large"));
  EXPECT_THAT(sent(), ElementsAre("large/1"));
  EXPECT_TRUE(enqueue("again"));
  EXPECT_THAT(sent(), ElementsAre("again/2"));
}

TEST_F(SessionQueue, MakesRoomFromWhatHasExpired) {
  limits_.queue_messages = 2;
  session_.lose(now_);
  enqueue("a", qos_1, now_ + 1s);
  enqueue("b", qos_1);
  now_ += 1s;
  EXPECT_TRUE(enqueue("c"));
  EXPECT_EQ(dropped(drop_reason::expired), 1U);
  EXPECT_EQ(dropped(drop_reason::queue_full), 0U);
}

TEST_F(SessionQueue, TakesAllRetainedMessagesThatASubscribeCalledFor_E95) {
  limits_.queue_messages = 1;
  reconnect(with_quota(1));
  for (int n = 0; n < 5; ++n)
    EXPECT_FALSE(session_.enqueue(make_delivery("r"), now_, room::unlimited));
  EXPECT_FALSE(enqueue("x"));
  EXPECT_EQ(session_.counts().queued, 5U);
}

TEST_F(SessionQueue, ExchangesNothingUnlessTheOldestMayGo) {
  session_.lose(now_);
  enqueue("a");
  EXPECT_EQ(session_.enqueue(make_delivery("b"), now_, room::exchanged), drop_reason::node_full);
  EXPECT_EQ(session_.counts().queued, 1U);
}

TEST_F(SessionQueue, ExchangesAsMuchOfTheOldestAsComes) {
  limits_.when_full = when_full::drop_oldest;
  limits_.queue_qos_0 = true;
  session_.lose(now_);
  const auto exchange = [this](std::string_view payload, qos quality = qos_1) {
    return session_.enqueue(make_delivery(payload, quality), now_, room::exchanged);
  };
  EXPECT_EQ(exchange("nothing to give"), drop_reason::node_full);
  enqueue("a");
  enqueue("b");
  enqueue("c");
  EXPECT_FALSE(exchange("d"));
  EXPECT_EQ(exchange("e", qos_0), drop_reason::node_full);               // a is more precious
  EXPECT_EQ(exchange(std::string(10'000, 'x')), drop_reason::node_full); // larger than all
  reconnect();
  EXPECT_THAT(sent(), ElementsAre("b/1", "c/2", "d/3"));
}

TEST_F(SessionQueue, HoldsNoMemoryWhenIdle) {
  enqueue("a", qos_0);
  enqueue("b", qos_1);
  sent();
  puback(1);
  session_.shrink();
  EXPECT_EQ(session_.state().queue(), nullptr);
  enqueue("c", qos_1);
  EXPECT_THAT(sent(), ElementsAre("c/2"));
}

// -- what of the queue rests in the store ---------------------------------------------

/// A session that the store has. Its client is away.
class SessionRest : public SessionOutgoing {
protected:
  SessionRest() {
    limits_.keep_log = true;
    session_.lose(now_);
    session_.attach(resuming(), now_);
    session_.lose(now_);
  }

  void fill(std::initializer_list<const char*> payloads) {
    for (const auto* one : payloads)
      enqueue(one);
  }

  void rest() {
    session_.take_log();
    session_.rest(two_, two_);
  }

  void wake(std::initializer_list<const char*> payloads) {
    std::vector<delivery> all;
    for (const auto* one : payloads)
      all.push_back(make_delivery(one));
    session_.wake(std::move(all), now_);
  }

  const message_queue& queue() const { return *session_.state().queue(); }

  static constexpr queue_portion two_{2, UINT64_MAX};
};

TEST_F(SessionRest, DoesNotTouchWhatTheStoreHasNotHeardOf) {
  fill({"a", "b", "c"});
  session_.rest(two_, two_);
  EXPECT_EQ(queue().in_memory().count, 3U);
  rest();
  EXPECT_EQ(queue().in_memory().count, 2U);
  EXPECT_EQ(session_.counts().queued, 3U);
}

TEST_F(SessionRest, SendsNothingPastWhatRests) {
  fill({"a", "b", "c"});
  rest();
  EXPECT_FALSE(session_.wants_more(0));
  session_.attach(resuming(), now_);
  fill({"d"});
  EXPECT_THAT(sent(), ElementsAre("a/1", "b/2"));
  EXPECT_TRUE(session_.wants_more(10));
  wake({"c"});
  EXPECT_FALSE(session_.wants_more(10));
  EXPECT_THAT(sent(), ElementsAre("c/3", "d/4"));
}

TEST_F(SessionRest, SaysToTheStoreThatTheFirstIsSentWhereverItWas) {
  fill({"a", "b", "c"});
  rest();
  session_.attach(resuming(), now_);
  sent();
  wake({"c"});
  sent();
  session_state copy;
  copy.apply(std::vector<operation>{client_attached{forever}});
  for (const auto* one : {"a", "b", "c"})
    copy.apply(delivery_enqueued{make_delivery(one)});
  copy.apply(session_.take_log());
  EXPECT_EQ(copy.outbound()->size(), 3U);
}

TEST_F(SessionRest, CountsWhatRestsAgainstItsLimits) {
  limits_.queue_messages = 3;
  fill({"a", "b", "c"});
  rest();
  EXPECT_FALSE(enqueue("d"));
}

TEST_F(SessionRest, PushesTheOldestOutWhenTheyCanBeReached) {
  limits_.queue_messages = 3;
  limits_.when_full = when_full::drop_oldest;
  fill({"a", "b", "c"});
  rest();
  fill({"d", "e", "f"}); // in the place of a, b and, when that is there, c
  EXPECT_TRUE(queue().front_rests());
  EXPECT_TRUE(session_.wants_more(0));
  wake({"c"});
  EXPECT_EQ(session_.counts().queued, 3U);
  session_.attach(resuming(), now_);
  EXPECT_THAT(sent(), ElementsAre("d/1", "e/2", "f/3"));
}

TEST_F(SessionRest, TakesNobodyBeyondASmallerShareWhileTheOldestCannotBeReached) {
  limits_.queue_messages = 6;
  limits_.when_full = when_full::drop_oldest;
  limits_.shares = queue_shares{{{"topic", 50}}};
  fill({"a", "b", "c"});
  rest();
  fill({"d", "e"}); // in the place of a and b
  EXPECT_FALSE(enqueue("f"));
  EXPECT_FALSE(session_.wants_more(0));
}

TEST_F(SessionRest, GoesOnWhenTheStoreHasLostTheRest) {
  fill({"a", "b", "c"});
  rest();
  session_.attach(resuming(), now_);
  fill({"d"});
  sent();
  wake({});
  EXPECT_THAT(sent(), ElementsAre("d/3"));
}

} // namespace

} // namespace callboard::protocol
