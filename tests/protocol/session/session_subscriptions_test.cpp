#include "tests/protocol/session/session_driver.hpp"

#include <gmock/gmock.h>

namespace callboard::protocol {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Subscriptions and share groups of a client that is attached.
class SessionSubscriptions : public SessionTest {
protected:
  SessionSubscriptions() { session_.attach(resuming(), now_); }

  static subscription_options handling(retain_handling how) {
    subscription_options options;
    options.retain_handling = how;
    return options;
  }

  void enqueue_share(share_token share, qos quality = qos_1) {
    session_.enqueue(make_shared_delivery("s", share, quality), now_);
  }
};

using SessionShares = SessionSubscriptions;

TEST_F(SessionSubscriptions, ReplaceWhatWasThere_MQTT5_3_8_4_3_E90) {
  const auto first = session_.subscribe("a", {}, 1);
  EXPECT_TRUE(first.is_new);
  const auto second = session_.subscribe("a", {qos_2, true}, 2);
  EXPECT_FALSE(second.is_new);
  EXPECT_EQ(second.number, first.number);
  EXPECT_EQ(session_.subscriptions().size(), 1U);
  EXPECT_EQ(session_.subscriptions().find(first.number)->identifier, 2U);
  EXPECT_TRUE(session_.subscriptions().find(first.number)->options.no_local);
}

TEST_F(SessionSubscriptions, LoseTheirIdentifierIfReplacedWithoutOne_E88) {
  const auto number = session_.subscribe("a", {}, 1).number;
  session_.subscribe("a", {});
  EXPECT_EQ(session_.subscriptions().find(number)->identifier, 0U);
}

TEST_F(SessionSubscriptions, WantRetainedMessagesByTheirHandling_MQTT5_3_3_1_9) {
  EXPECT_TRUE(session_.subscribe("a", handling(retain_handling::always)).wants_retained);
  EXPECT_TRUE(session_.subscribe("a", handling(retain_handling::always)).wants_retained);
  EXPECT_TRUE(session_.subscribe("b", handling(retain_handling::if_new)).wants_retained);
  EXPECT_FALSE(session_.subscribe("b", handling(retain_handling::if_new)).wants_retained);
  EXPECT_FALSE(session_.subscribe("c", handling(retain_handling::not_at_all)).wants_retained);
}

TEST_F(SessionSubscriptions, AreNotNewAfterAReconnect_MQTT5_3_3_1_10_E90) {
  session_.subscribe("a", handling(retain_handling::if_new));
  session_.attach(resuming(), now_);
  EXPECT_FALSE(session_.subscribe("a", handling(retain_handling::if_new)).wants_retained);
}

TEST_F(SessionSubscriptions, AreNewAfterUnsubscribe_E90) {
  const auto before = session_.subscribe("a", {});
  EXPECT_EQ(session_.unsubscribe("a")->number, before.number);
  const auto after = session_.subscribe("a", handling(retain_handling::if_new));
  EXPECT_TRUE(after.wants_retained);
  EXPECT_NE(after.number, before.number);
}

TEST_F(SessionSubscriptions, WantNoRetainedMessagesIfShared_E87) {
  EXPECT_FALSE(session_.subscribe("$share/g/a", {}, 0, "g").wants_retained);
  EXPECT_EQ(session_.subscriptions().find("$share/g/a")->topic_filter(), "a");
  EXPECT_FALSE(session_.unsubscribe("a")); // needs the whole text
  EXPECT_TRUE(session_.unsubscribe("$share/g/a"));
}

TEST_F(SessionSubscriptions, CanBeMissing_E96) {
  EXPECT_FALSE(session_.unsubscribe("a"));
}

TEST_F(SessionSubscriptions, AreLimited) {
  limits_.subscriptions = 1;
  session_.subscribe("a", {});
  const auto refused = session_.subscribe("b", {});
  EXPECT_EQ(refused.code, reason_code::quota_exceeded);
  EXPECT_EQ(session_.subscriptions().size(), 1U);
  EXPECT_EQ(session_.subscribe("a", {qos_1}).code, reason_code::success);
}

TEST_F(SessionSubscriptions, NeverShareANumberAcrossSessionsOfAClient) {
  const auto before = session_.subscribe("a", {}).number;
  session_.attach(starting_clean(), now_);
  EXPECT_NE(session_.subscribe("a", {}).number, before);
}

TEST_F(SessionSubscriptions, LeaveBegunDeliveriesAlone_E96) {
  session_.subscribe("a", {});
  enqueue("x", qos_1);
  session_.unsubscribe("a");
  EXPECT_THAT(sent(), ElementsAre("x/1"));
}

// -- share groups -----------------------------------------------------------------

TEST_F(SessionShares, AreReportedWhenTheClientHasThem) {
  enqueue_share(1, qos_0);
  enqueue_share(2, qos_1);
  enqueue_share(3, qos_2);
  EXPECT_THAT(shares(), IsEmpty());
  sent();
  EXPECT_THAT(shares(), ElementsAre("1 settled"));
  puback(1);
  EXPECT_THAT(shares(), ElementsAre("2 settled"));
  pubrec(2);
  EXPECT_THAT(shares(), ElementsAre("3 settled"));
  pubcomp(2);
  EXPECT_THAT(shares(), IsEmpty());
}

TEST_F(SessionShares, AreSettledByAFailureToo_MQTT5_4_8_2_6) {
  enqueue_share(1, qos_1);
  enqueue_share(2, qos_2);
  sent();
  puback(1, reason_code::unspecified_error);
  pubrec(2, reason_code::unspecified_error);
  EXPECT_THAT(shares(), ElementsAre("1 settled", "2 settled"));
}

TEST_F(SessionShares, AreReportedWhenDropped) {
  limits_.queue_messages = 1;
  session_.lose(now_);
  enqueue_share(1);
  enqueue_share(2);
  EXPECT_THAT(shares(), ElementsAre("2 dropped"));
  session_.attach(resuming(), now_);
  largest_payload_ = 0;
  sent();
  EXPECT_THAT(shares(), ElementsAre("1 dropped"));
}

TEST_F(SessionShares, GoBackWithTheSessionUnlessQos2HasBegun_MQTT5_4_8_2_5) {
  enqueue_share(1, qos_2);
  enqueue_share(2, qos_1);
  sent();
  session_.lose(now_);
  enqueue_share(3, qos_2);
  enqueue("own");
  session_.end();
  EXPECT_THAT(shares(), ElementsAre("1 dropped", "2 returned", "3 returned"));
}

TEST_F(SessionShares, GoBackWhileTheClientIsAbsentUnlessQos2HasBegun_MQTT5_4_8_2_4_E87) {
  enqueue_share(1, qos_1);
  enqueue_share(2, qos_2);
  enqueue("own", qos_1);
  sent();
  session_.lose(now_);
  enqueue_share(4, qos_1);
  enqueue("mine", qos_1);
  session_.return_shares();
  EXPECT_THAT(shares(), ElementsAre("1 returned", "4 returned"));
  session_.return_shares();
  EXPECT_THAT(shares(), IsEmpty());
  session_.attach(resuming(), now_);
  EXPECT_THAT(sent(), ElementsAre("s/2*", "own/3*", "mine/4"));
}

} // namespace

} // namespace callboard::protocol
