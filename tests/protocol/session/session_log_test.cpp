#include "tests/protocol/session/session_driver.hpp"
#include "tests/protocol/session/session_storm.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <random>
#include <utility>
#include <vector>

namespace callboard::protocol {

namespace {

using namespace std::chrono_literals;

/// Sessions that keep a log.
class SessionLog : public SessionTest {
protected:
  SessionLog() { limits_.keep_log = true; }

  template <class Kind>
  static bool holds(const operation& change) {
    return std::holds_alternative<Kind>(change);
  }
};

TEST_F(SessionLog, IsNotKeptOfASessionThatEndsWithItsConnection) {
  session_.attach(starting_clean(), now_);
  enqueue("a");
  sent();
  EXPECT_FALSE(session_.has_log());
  session_.lose(now_);
  EXPECT_TRUE(session_.take_log().empty());
}

TEST_F(SessionLog, IsNotKeptUnlessAskedFor) {
  limits_.keep_log = false;
  session_.attach(resuming(), now_);
  enqueue("a");
  EXPECT_FALSE(session_.has_log());
}

TEST_F(SessionLog, NamesEachChangeOnce) {
  session_.attach(resuming(), now_);
  EXPECT_EQ(session_.take_log().size(), 1U);
  enqueue("a", qos_2);
  sent();
  pubrec(1);
  pubrec(1);
  pubcomp(1);
  const auto log = session_.take_log();
  ASSERT_EQ(log.size(), 4U);
  EXPECT_TRUE(holds<delivery_enqueued>(log[0]));
  EXPECT_TRUE(holds<delivery_sent>(log[1]));
  EXPECT_TRUE(holds<delivery_released>(log[2]));
  EXPECT_TRUE(holds<delivery_settled>(log[3]));
  EXPECT_FALSE(session_.has_log());
}

TEST_F(SessionLog, IsNotTroubledByASubscriptionThatStaysAsItIs) {
  session_.attach(resuming(), now_);
  session_.subscribe("a", {qos_1}, 3);
  session_.take_log();
  session_.subscribe("a", {qos_1}, 3);
  EXPECT_FALSE(session_.has_log());
}

TEST_F(SessionLog, EndsWithTheSession) {
  session_.attach(resuming(10), now_);
  session_.take_log();
  session_.attach(starting_clean(), now_); // a new one, which does not outlive its connection
  enqueue("a");
  const auto log = session_.take_log();
  ASSERT_FALSE(log.empty());
  EXPECT_TRUE(holds<session_ended>(log.back()));
}

TEST_F(SessionLog, BringsTheSessionBack) {
  session_.attach(with_will(resuming(10), 3), now_);
  session_.subscribe("a", {qos_2}, 7);
  for (const auto* payload : {"a", "b", "c", "d"})
    enqueue(payload, qos_2);
  sent(3);
  pubrec(1);
  session_.finish(session_.accept(publish(qos_2, 5)).ticket, reason_code::success);
  session_.accept(publish(qos_2, 6)); // nobody may have it yet
  session_.lose(now_);

  session_state replayed;
  replayed.apply(session_.take_log());
  EXPECT_TRUE(replayed == session_.state());

  session continued{limits_, std::move(replayed)};
  EXPECT_EQ(continued.next_deadline(), now_ + 3s);
  EXPECT_TRUE(continued.due(now_ + 3s).will);
  EXPECT_TRUE(continued.attach(resuming(10), now_ + 3s).session_present);
  session_ = std::move(continued);
  EXPECT_EQ(sent(), (std::vector<std::string>{"~1", "b/2*", "c/3*", "d/4"}));
  EXPECT_EQ(session_.accept(publish(qos_2, 5)).what, acceptance::verdict::only_acked);
  EXPECT_EQ(session_.accept(publish(qos_2, 6)).what, acceptance::verdict::route);
  EXPECT_TRUE(session_.has_log());
}

TEST_F(SessionLog, TellsStatesApart) {
  session_.attach(resuming(10), now_);
  session_.subscribe("a", {});
  enqueue("a", qos_2);
  session_state before;
  before.apply(session_.take_log());
  EXPECT_TRUE(before == session_.state());
  sent();
  EXPECT_FALSE(before == session_.state());
}

TEST_F(SessionLog, BringsAnyHistoryBack) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  for (std::uint32_t history = 0; history < 200; ++history) {
    session_storm storm{seed + history};
    session_state copy;
    for (int step = 0; step < 200; ++step) {
      storm.step();
      copy.apply(storm.stormy().take_log());
      if (storm.is_logged()) {
        ASSERT_TRUE(copy == storm.stormy().state()) << "history " << history << ", step " << step;
      }
    }
  }
}

TEST_F(SessionLog, IsWorthASnapshot) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  for (std::uint32_t history = 0; history < 200; ++history) {
    session_storm storm{seed + history};
    for (int step = 0; step < 200; ++step) {
      storm.step();
      if (step % 20 != 0)
        continue;
      session_state copy;
      copy.apply(storm.stormy().state().snapshot());
      ASSERT_TRUE(copy == storm.stormy().state()) << "history " << history << ", step " << step;
    }
  }
}

} // namespace

} // namespace callboard::protocol
