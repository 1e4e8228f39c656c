#include "protocol/session/queue_shares.hpp"

#include "tests/protocol/session/session_driver.hpp"

#include <gmock/gmock.h>

#include <string>
#include <string_view>

namespace callboard::protocol {

namespace {

using ::testing::ElementsAre;

TEST(QueueShares, TheFirstFilterThatMatchesDecides) {
  const queue_shares shares{{{"alarms/test/#", 20}, {"alarms/#", 100}, {"#", 50}}};
  EXPECT_EQ(shares.percent_of("alarms/test/1"), 20);
  EXPECT_EQ(shares.percent_of("alarms/fire"), 100);
  EXPECT_EQ(shares.percent_of("sensors/1"), 50);
  EXPECT_EQ(shares.percent_of("$SYS/1"), 100); // which # does not match
  EXPECT_EQ(shares.least(), 20);
}

TEST(QueueShares, WithoutFiltersAllIsForAll) {
  EXPECT_EQ(queue_shares{}.percent_of("a"), 100);
  EXPECT_EQ(queue_shares{}.least(), 100);
}

TEST(QueueShares, AreRoundedDownAndDoNotOverflow) {
  EXPECT_EQ(share_of(3, 50), 1U);
  EXPECT_EQ(share_of(1, 99), 0U);
  EXPECT_EQ(share_of(1'000, 7), 70U);
  EXPECT_EQ(share_of(UINT64_MAX, 100), UINT64_MAX);
}

/// A session whose client is away, with half of its queue for `noise/#`.
class SharedQueue : public SessionTest {
protected:
  SharedQueue() {
    limits_.queue_messages = 4;
    limits_.shares = queue_shares{{{"noise/#", 50}}};
    session_.attach(resuming(), now_);
    session_.lose(now_);
  }

  bool enqueue_on(std::string_view topic, std::string_view payload, time_point expires_at = never) {
    message_head head;
    head.expires_at = expires_at;
    delivery what;
    what.message = message::make(head, topic, {}, payload);
    what.qos = qos_1;
    return !session_.enqueue(std::move(what), now_);
  }
  bool noise(std::string_view payload, time_point expires_at = never) {
    return enqueue_on("noise/1", payload, expires_at);
  }
  bool alarm(std::string_view payload) { return enqueue_on("alarm", payload); }

  std::vector<std::string> all_that_waits() {
    session_.attach(resuming(), now_);
    return sent();
  }
};

} // namespace

TEST_F(SharedQueue, KeepsRoomForThoseThatMayFillAll) {
  EXPECT_TRUE(noise("a"));
  EXPECT_TRUE(noise("b"));
  EXPECT_FALSE(noise("c"));
  EXPECT_TRUE(alarm("d"));
  EXPECT_TRUE(alarm("e"));
  EXPECT_FALSE(alarm("f"));
  EXPECT_EQ(dropped(drop_reason::queue_full), 2U);
  EXPECT_THAT(all_that_waits(), ElementsAre("a/1", "b/2", "d/3", "e/4"));
}

TEST_F(SharedQueue, IsNotLeftToThoseWhoseShareOthersHaveFilled) {
  EXPECT_TRUE(alarm("a"));
  EXPECT_TRUE(alarm("b"));
  EXPECT_FALSE(noise("c"));
  EXPECT_TRUE(alarm("d"));
}

TEST_F(SharedQueue, IsOfBytesToo) {
  limits_.queue_messages = 100;
  limits_.queue_bytes = 4 * message::make({}, "noise/1", {}, "four")->size();
  EXPECT_TRUE(noise("four"));
  EXPECT_TRUE(noise("four"));
  EXPECT_FALSE(noise("x"));
  EXPECT_TRUE(alarm("four"));
}

TEST_F(SharedQueue, LetsTheOldestGoForTheNextOfItsKind) {
  limits_.when_full = when_full::drop_oldest;
  for (const auto* payload : {"a", "b", "c"})
    EXPECT_TRUE(noise(payload));
  EXPECT_THAT(all_that_waits(), ElementsAre("b/1", "c/2"));
}

TEST_F(SharedQueue, DoesNotLetTheOldestGoForThoseThatMayFillLess) {
  limits_.when_full = when_full::drop_oldest;
  EXPECT_TRUE(alarm("a"));
  EXPECT_TRUE(alarm("b"));
  EXPECT_FALSE(noise("c"));
  for (const auto* payload : {"d", "e", "f"})
    EXPECT_TRUE(alarm(payload));
  EXPECT_THAT(all_that_waits(), ElementsAre("b/1", "d/2", "e/3", "f/4"));
}

TEST_F(SharedQueue, HasRoomAgainWhenItsFirstHaveExpired) {
  EXPECT_TRUE(noise("a", now_ + std::chrono::seconds{1}));
  EXPECT_TRUE(noise("b"));
  now_ += std::chrono::seconds{2};
  EXPECT_TRUE(noise("c"));
  EXPECT_EQ(dropped(drop_reason::expired), 1U);
  EXPECT_THAT(all_that_waits(), ElementsAre("b/1", "c/2"));
}

TEST_F(SharedQueue, LetsPassOneOfAnyWhenItIsEmpty) {
  limits_.queue_messages = 1;
  EXPECT_TRUE(noise("a"));
  EXPECT_FALSE(noise("b"));
}

} // namespace callboard::protocol
