#include "tests/protocol/session/session_driver.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <utility>

namespace callboard::protocol {

namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

using SessionPresent = SessionTest;
using SessionExpiry = SessionTest;
using SessionWill = SessionTest;

// -- session present --------------------------------------------------------------

TEST_F(SessionPresent, IsFalseForAFreshSession_MQTT5_3_1_2_6) {
  EXPECT_FALSE(session_.attach(resuming(), now_).session_present);
  EXPECT_TRUE(session_.is_attached());
}

TEST_F(SessionPresent, IsTrueIfTheSessionIsResumed_MQTT5_3_1_2_5_E40) {
  session_.attach(resuming(), now_);
  session_.subscribe("a", {});
  session_.lose(now_);
  EXPECT_TRUE(session_.attach(resuming(), now_).session_present);
  EXPECT_EQ(session_.subscriptions().size(), 1U);
}

TEST_F(SessionPresent, IsFalseAfterACleanStart_MQTT5_3_1_2_4) {
  session_.attach(resuming(), now_);
  session_.subscribe("a", {});
  enqueue("x");
  session_.lose(now_);
  EXPECT_FALSE(session_.attach(starting_clean(10), now_).session_present);
  EXPECT_TRUE(session_.subscriptions().empty());
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(SessionPresent, IsTrueOnATakeover) {
  session_.attach(resuming(), now_);
  EXPECT_TRUE(session_.attach(resuming(), now_).session_present);
}

TEST_F(SessionPresent, IsFalseIfTheTakenOverSessionEndsWithItsConnection_E53) {
  session_.attach(starting_clean(), now_);
  session_.subscribe("a", {});
  EXPECT_FALSE(session_.attach(resuming(), now_).session_present);
  EXPECT_TRUE(session_.subscriptions().empty());
}

// -- expiry -----------------------------------------------------------------------

TEST_F(SessionExpiry, OfZeroEndsTheSessionWithItsConnection_MQTT5_4_1_0_2) {
  session_.attach(starting_clean(), now_);
  EXPECT_TRUE(session_.lose(now_).ended);
  EXPECT_EQ(session_.next_deadline(), never);
  EXPECT_FALSE(session_.attach(resuming(), now_).session_present);
}

TEST_F(SessionExpiry, OfZeroAlsoEndsASessionThatWasResumed_E38) {
  session_.attach(resuming(), now_);
  session_.lose(now_);
  EXPECT_TRUE(session_.attach(resuming(0), now_).session_present);
  EXPECT_TRUE(session_.leave(goodbye(), now_).ended);
}

TEST_F(SessionExpiry, CountsFromTheEndOfTheConnection_MQTT5_3_1_2_23) {
  session_.attach(resuming(10), now_);
  EXPECT_EQ(session_.next_deadline(), never);
  now_ += 60s;
  EXPECT_FALSE(session_.lose(now_).ended);
  EXPECT_EQ(session_.next_deadline(), now_ + 10s);
  EXPECT_FALSE(session_.due(now_ + 9s).ended);
  EXPECT_TRUE(session_.due(now_ + 10s).ended);
  EXPECT_FALSE(session_.due(now_ + 10s).ended);
}

TEST_F(SessionExpiry, IsNoticedByALateReturnToo) {
  session_.attach(resuming(10), now_);
  session_.lose(now_);
  EXPECT_FALSE(session_.attach(resuming(10), now_ + 10s).session_present);
}

TEST_F(SessionExpiry, OfForeverNeverComes_E100) {
  session_.attach(resuming(forever), now_);
  session_.lose(now_);
  EXPECT_EQ(session_.next_deadline(), never);
  EXPECT_FALSE(session_.due(now_ + 24h * 365 * 100).ended);
}

TEST_F(SessionExpiry, OfAnOldTimerDoesNotEndANewSession_E99) {
  session_.attach(resuming(10), now_);
  session_.lose(now_);
  session_.attach(resuming(10), now_ + 5s);
  EXPECT_FALSE(session_.due(now_ + 10s).ended);
  session_.lose(now_ + 20s);
  EXPECT_FALSE(session_.due(now_ + 21s).ended);
}

TEST_F(SessionExpiry, IsCappedByTheServer_E39) {
  limits_.session_expiry = 100;
  EXPECT_EQ(session_.attach(resuming(forever), now_).session_expiry_interval, 100U);
  session_.lose(now_);
  EXPECT_EQ(session_.next_deadline(), now_ + 100s);
}

TEST_F(SessionExpiry, MayNotBeRaisedFromZeroByDisconnect_E44) {
  session_.attach(with_will(starting_clean(), 0), now_);
  const auto outcome = session_.leave(goodbye(reason_code::success, 10), now_);
  EXPECT_EQ(outcome.error.code, reason_code::protocol_error);
  EXPECT_TRUE(outcome.ended);
  ASSERT_TRUE(outcome.will);
  EXPECT_EQ(outcome.will->topic, "will");
}

TEST_F(SessionExpiry, IsComparedWithWhatTheClientAskedFor_E44) {
  limits_.session_expiry = 0; // the server makes all sessions end
  session_.attach(resuming(10), now_);
  const auto outcome = session_.leave(goodbye(reason_code::success, 20), now_);
  EXPECT_EQ(outcome.error.code, reason_code::success);
  EXPECT_TRUE(outcome.ended);
}

TEST_F(SessionExpiry, MayBeGivenAgainAsZero_E44) {
  session_.attach(starting_clean(), now_);
  const auto outcome = session_.leave(goodbye(reason_code::success, 0), now_);
  EXPECT_EQ(outcome.error.code, reason_code::success);
  EXPECT_TRUE(outcome.ended);
}

TEST_F(SessionExpiry, IsChangedByDisconnect_E45) {
  session_.attach(resuming(10), now_);
  EXPECT_FALSE(session_.leave(goodbye(reason_code::success, 20), now_).ended);
  EXPECT_EQ(session_.next_deadline(), now_ + 20s);
}

TEST_F(SessionExpiry, IsKeptByADisconnectThatSaysNothingOfIt_E45) {
  session_.attach(resuming(10), now_);
  EXPECT_FALSE(session_.leave(goodbye(), now_).ended);
  EXPECT_EQ(session_.next_deadline(), now_ + 10s);
}

TEST_F(SessionExpiry, EndsTheSessionIfDisconnectSaysZero_E45) {
  session_.attach(resuming(10), now_);
  EXPECT_TRUE(session_.leave(goodbye(reason_code::success, 0), now_).ended);
}

TEST_F(SessionExpiry, LeavesNothingBehind_E99) {
  session_.attach(resuming(10), now_);
  session_.subscribe("a", {});
  enqueue("x", qos_1);
  sent();
  enqueue("y", qos_2);
  session_.accept(publish(qos_2, 1));
  session_.lose(now_);
  EXPECT_TRUE(session_.due(now_ + 10s).ended);
  const auto counts = session_.counts();
  EXPECT_EQ(counts.subscriptions + counts.in_flight + counts.queued + counts.unreleased, 0U);
}

TEST_F(SessionExpiry, MayBeForestalled) {
  session_.attach(with_will(resuming(), 10), now_);
  session_.lose(now_);
  const auto outcome = session_.end();
  EXPECT_TRUE(outcome.ended);
  EXPECT_TRUE(outcome.will);
  EXPECT_FALSE(session_.end().ended);
}

TEST_F(SessionExpiry, LosesAConnectionOnlyOnce) {
  session_.attach(with_will(resuming(10), 0), now_);
  EXPECT_TRUE(session_.lose(now_).will);
  EXPECT_FALSE(session_.lose(now_ + 5s).will);
  EXPECT_EQ(session_.next_deadline(), now_ + 10s);
}

// -- will -------------------------------------------------------------------------

TEST_F(SessionWill, IsForgottenByANormalDisconnect_MQTT5_3_14_4_3) {
  session_.attach(with_will(resuming(), 5), now_);
  EXPECT_FALSE(session_.leave(goodbye(), now_).will);
  EXPECT_EQ(session_.next_deadline(), never);
}

TEST_F(SessionWill, IsPublishedByDisconnectWithWill_E46) {
  session_.attach(with_will(resuming(), 0), now_);
  const auto code = reason_code::disconnect_with_will_message;
  EXPECT_TRUE(session_.leave(goodbye(code), now_).will);
}

TEST_F(SessionWill, IsPublishedAfterItsDelayByDisconnectWithWill_E46) {
  session_.attach(with_will(resuming(), 5), now_);
  EXPECT_FALSE(session_.leave(goodbye(reason_code::unspecified_error), now_).will);
  EXPECT_EQ(session_.next_deadline(), now_ + 5s);
  EXPECT_TRUE(session_.due(now_ + 5s).will);
}

TEST_F(SessionWill, IsPublishedOnce_MQTT5_3_1_2_10) {
  session_.attach(with_will(resuming(60), 5), now_);
  EXPECT_FALSE(session_.lose(now_).will);
  EXPECT_FALSE(session_.due(now_ + 4s).will);
  EXPECT_TRUE(session_.due(now_ + 5s).will);
  EXPECT_FALSE(session_.due(now_ + 6s).will);
  EXPECT_EQ(session_.next_deadline(), now_ + 60s);
  const auto last = session_.due(now_ + 60s);
  EXPECT_TRUE(last.ended);
  EXPECT_FALSE(last.will);
}

TEST_F(SessionWill, IsPublishedWhenTheSessionEndsBeforeItsDelay_E51) {
  session_.attach(with_will(resuming(3), 5), now_);
  session_.lose(now_);
  const auto outcome = session_.due(now_ + 3s);
  EXPECT_TRUE(outcome.ended);
  EXPECT_TRUE(outcome.will);
}

TEST_F(SessionWill, IsPublishedAtOnceIfTheSessionEndsWithItsConnection_E51) {
  session_.attach(with_will(starting_clean(), 5), now_);
  const auto outcome = session_.lose(now_);
  EXPECT_TRUE(outcome.ended);
  EXPECT_TRUE(outcome.will);
}

TEST_F(SessionWill, IsCancelledByAReturnWithinItsDelay_MQTT5_3_1_3_9_E52) {
  session_.attach(with_will(resuming(), 5), now_);
  session_.lose(now_);
  EXPECT_FALSE(session_.attach(resuming(), now_ + 4s).will);
  EXPECT_FALSE(session_.lose(now_ + 4s).will);
  EXPECT_EQ(session_.next_deadline(), never);
}

TEST_F(SessionWill, IsPublishedByACleanStartWithinItsDelay_E52) {
  session_.attach(with_will(resuming(), 5, "old"), now_);
  session_.lose(now_);
  const auto outcome = session_.attach(with_will(starting_clean(), 0, "new"), now_ + 4s);
  ASSERT_TRUE(outcome.will);
  EXPECT_EQ(outcome.will->topic, "old");
  EXPECT_EQ(session_.lose(now_ + 4s).will->topic, "new");
}

TEST_F(SessionWill, IsPublishedByAReturnThatComesTooLate) {
  session_.attach(with_will(resuming(60), 5), now_);
  session_.lose(now_);
  const auto outcome = session_.attach(resuming(60), now_ + 5s); // before anyone called due()
  EXPECT_TRUE(outcome.session_present);
  EXPECT_TRUE(outcome.will);
}

TEST_F(SessionWill, IsPublishedOnATakeoverIfItHasNoDelay_E53) {
  session_.attach(with_will(resuming(), 0), now_);
  EXPECT_TRUE(session_.attach(resuming(), now_).will);
}

TEST_F(SessionWill, IsPublishedOnATakeoverIfTheSessionEndsWithItsConnection_E53) {
  session_.attach(with_will(starting_clean(0), 5), now_);
  EXPECT_TRUE(session_.attach(resuming(), now_).will);
}

TEST_F(SessionWill, IsPublishedOnATakeoverByACleanStart_E53) {
  session_.attach(with_will(resuming(), 5), now_);
  EXPECT_TRUE(session_.attach(starting_clean(), now_).will);
}

TEST_F(SessionWill, IsCancelledOnATakeoverThatResumesWithinItsDelay_E53) {
  session_.attach(with_will(resuming(), 5), now_);
  EXPECT_FALSE(session_.attach(resuming(), now_).will);
}

TEST_F(SessionWill, OfAnEarlierConnectionDoesNotLinger_E54) {
  session_.attach(with_will(resuming(), 0), now_);
  session_.attach(resuming(), now_);
  EXPECT_FALSE(session_.lose(now_).will);
}

} // namespace

} // namespace callboard::protocol
