#include "tests/protocol/session/session_driver.hpp"
#include "tests/protocol/session/session_storm.hpp"

#include <gmock/gmock.h>

#include <random>
#include <utility>
#include <vector>

namespace callboard::protocol {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A session of which a store hears, with deliveries of which it does not.
class SessionTransient : public SessionTest {
protected:
  SessionTransient() {
    limits_.keep_log = true;
    session_.attach(resuming(), now_);
  }

  static delivery transient(std::string_view payload, qos quality = qos_1) {
    auto what = make_delivery(payload, quality);
    what.lasting = false;
    return what;
  }

  void enqueue_transient(std::string_view payload, qos quality = qos_1) {
    ASSERT_FALSE(session_.enqueue(transient(payload, quality), now_));
  }

  /// The process ends, and another one goes on with what the store has heard.
  void restart() {
    store_.apply(session_.take_log());
    session_state stored;
    stored.apply(store_.snapshot());
    session_ = session{limits_, std::move(stored)};
    session_.lose(now_);
    session_.attach(resuming(), now_);
  }

  session_state store_;
};

TEST_F(SessionTransient, OfQosOneTheStoreHearsNothing) {
  session_.take_log();
  enqueue_transient("a");
  enqueue_transient("b", qos_0);
  EXPECT_THAT(sent(), ElementsAre("a/1", "b"));
  puback(1);
  auto passing = transient("c");
  ASSERT_TRUE(session_.pass_through(passing, now_, [](const delivery&) { return true; }));
  puback(2);
  EXPECT_FALSE(session_.has_log());
}

TEST_F(SessionTransient, OfQosTwoTheStoreHearsTheIdentifier) {
  session_.take_log();
  enqueue_transient("a", qos_2);
  EXPECT_FALSE(session_.has_log());
  EXPECT_THAT(sent(), ElementsAre("a/1"));
  auto log = session_.take_log();
  ASSERT_EQ(log.size(), 1U);
  const auto& taken = std::get<delivery_in_flight>(log[0]);
  EXPECT_EQ(taken.id, 1);
  EXPECT_TRUE(taken.released);
  EXPECT_FALSE(taken.what.message);
  pubrec(1);
  EXPECT_FALSE(session_.has_log());
  pubcomp(1);
  EXPECT_EQ(session_.take_log().size(), 1U); // it is free again
}

TEST_F(SessionTransient, WhatLastsKeepsItsPlaceBetweenThem) {
  limits_.in_flight = 3;
  session_.attach(resuming(), now_);
  enqueue_transient("a");
  enqueue("1");
  enqueue_transient("b");
  enqueue("2");
  enqueue_transient("c");
  enqueue("3");
  EXPECT_THAT(sent(), ElementsAre("a/1", "1/2", "b/3"));
  puback(1);
  EXPECT_THAT(sent(), ElementsAre("2/4"));
  puback(2);
  restart();
  EXPECT_THAT(sent(), ElementsAre("2/4*", "3/5"));
}

TEST_F(SessionTransient, ItsIdentifierIsReleasedAfterARestartAndOnlyThenUsedAgain) {
  enqueue_transient("a", qos_2);
  enqueue("1", qos_2);
  EXPECT_THAT(sent(), ElementsAre("a/1", "1/2"));
  restart();
  EXPECT_THAT(sent(), ElementsAre("~1", "1/2*"));
  ASSERT_NE(session_.state().outbound()->find(1), nullptr);
  EXPECT_FALSE(session_.state().outbound()->find(1)->what.message);
  pubcomp(1);
  restart();
  EXPECT_THAT(sent(), ElementsAre("1/2*"));
}

TEST_F(SessionTransient, AFullQueueDropsTheOldestInTheStoreToo) {
  limits_.queue_messages = 3;
  limits_.when_full = when_full::drop_oldest;
  session_.lose(now_);
  enqueue_transient("a");
  enqueue("1");
  enqueue_transient("b");
  enqueue("2"); // pushes a out
  enqueue("3"); // pushes 1 out
  restart();
  EXPECT_THAT(sent(), ElementsAre("2/1", "3/2"));
}

TEST_F(SessionTransient, IsNotInTheSnapshotThatBeginsALog) {
  limits_.keep_log = false;
  session_ = session{limits_};
  session_.attach(resuming(), now_);
  enqueue_transient("a");
  enqueue_transient("b", qos_2);
  EXPECT_THAT(sent(), ElementsAre("a/1", "b/2"));
  enqueue_transient("c");
  enqueue("1");
  limits_.keep_log = true;
  session_.attach(resuming(), now_);
  restart();
  EXPECT_THAT(sent(), ElementsAre("~2", "1/3"));
}

TEST_F(SessionTransient, APublicationThatPassesIsKnownUntilTheProcessEnds) {
  session_.take_log();
  session_.finish(
    session_.accept(publish(qos_2, 5)).ticket, reason_code::success, reception::passing);
  EXPECT_THAT(acks(), ElementsAre("PUBREC 5"));
  EXPECT_EQ(session_.accept(publish(qos_2, 5)).what, acceptance::verdict::only_acked);
  EXPECT_FALSE(session_.has_log());
  restart();
  EXPECT_EQ(session_.accept(publish(qos_2, 5)).what, acceptance::verdict::route);
}

TEST_F(SessionTransient, APublicationThatPassesIsFreedWithoutTheStore) {
  session_.finish(
    session_.accept(publish(qos_2, 5)).ticket, reason_code::success, reception::passing);
  session_.take_log();
  EXPECT_EQ(pubrel(5), "PUBCOMP 5");
  EXPECT_FALSE(session_.has_log());
  session_.finish(session_.accept(publish(qos_2, 5)).ticket, reason_code::success);
  EXPECT_TRUE(session_.has_log()); // another one under the same identifier
}

TEST_F(SessionTransient, DisturbsNoHistory) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  for (std::uint32_t history = 0; history < 200; ++history) {
    session_storm storm{seed + history, session_storm::some_transient};
    session_state store;
    for (int step = 0; step < 200; ++step) {
      storm.step();
      store.apply(storm.stormy().take_log());
      if (!storm.is_logged())
        continue;
      const auto& live = storm.stormy().state();
      session_state lasting;
      lasting.apply(live.snapshot());
      auto heard = session_state{};
      heard.apply(store.snapshot());
      if (live.outbound() != nullptr) // the store need not know of the last ones
        heard.apply(
          numbers_continued{live.outbound()->last_id(), live.subscriptions().last_number()});
      ASSERT_TRUE(heard == lasting) << "history " << history << ", step " << step;
    }
  }
}

} // namespace

} // namespace callboard::protocol
