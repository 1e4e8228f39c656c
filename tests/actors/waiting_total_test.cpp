#include "actors/waiting_total.hpp"

#include "tests/actors/keeper_stage.hpp"
#include "tests/actors/player.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;
using callboard::testing::keeper_stage;
using callboard::testing::player;
using protocol::qos;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

settings at_most(std::uint64_t messages, std::uint64_t bytes = 0) {
  settings rules;
  rules.queue_total_maximum_messages = messages;
  rules.queue_total_maximum_bytes = bytes;
  return rules;
}

/// A node with sessions whose clients are absent, and one that publishes.
class WaitingTotal : public keeper_stage {
protected:
  WaitingTotal() : keeper_stage{at_most(3)} {}

  void leave_behind(std::string name, std::string filter, std::uint32_t expiry = 600) {
    player reader{*house, std::move(name)};
    reader.resume(expiry);
    reader.settle();
    reader.subscribe(std::move(filter), qos::at_least_once);
    reader.settle();
    reader.vanish();
    house->play();
  }

  void publish(const std::vector<std::string>& topics, const std::string& behind = {}) {
    player writer{*house, "writer"};
    writer.connect();
    writer.settle();
    for (const auto& topic : topics) {
      writer.publish(topic, topic + behind, qos::at_least_once);
      writer.settle();
    }
    writer.leave();
    house->play();
  }

  std::vector<std::string> what_waits_for(std::string name) {
    player reader{*house, std::move(name)};
    reader.resume(600);
    auto all = reader.payloads();
    reader.leave();
    house->play();
    return all;
  }

  std::uint64_t dropped() const { return house->company().sum(&counters::dropped_queues_full); }
  std::uint64_t waiting() const { return house->company().waiting.now().messages; }
};

} // namespace

TEST_F(WaitingTotal, IsHeldByAllQueuesTogether) {
  leave_behind("one", "1/#");
  leave_behind("two", "2/#");
  publish({"1/a", "2/a", "1/b", "2/b", "1/c"});
  EXPECT_EQ(waiting(), 3U);
  EXPECT_EQ(dropped(), 2U);
  EXPECT_THAT(what_waits_for("one"), ElementsAre("1/a", "1/b"));
  EXPECT_THAT(what_waits_for("two"), ElementsAre("2/a"));
  EXPECT_EQ(waiting(), 0U);
}

TEST_F(WaitingTotal, IsHeldWithinOneTurnToo) {
  leave_behind("one", "1/#");
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  for (int i = 0; i < 10; ++i)
    writer.publish("1/a", "m", qos::at_least_once);
  writer.settle();
  EXPECT_EQ(waiting(), 3U);
  EXPECT_EQ(writer.acks.size(), 10U);
}

TEST_F(WaitingTotal, IsNoConcernOfClientsThatAreThere) {
  player reader{*house, "there"};
  reader.connect();
  reader.settle();
  reader.subscribe("#", qos::at_least_once);
  reader.settle();
  leave_behind("one", "1/#");
  publish({"1/a", "1/b", "1/c", "1/d", "1/e"});
  EXPECT_EQ(reader.payloads().size(), 5U);
  EXPECT_EQ(dropped(), 2U);
}

TEST_F(WaitingTotal, HasRoomAgainWhenASessionEnds) {
  leave_behind("one", "1/#", 1);
  leave_behind("two", "2/#");
  publish({"1/a", "1/b", "1/c", "2/a"});
  EXPECT_THAT(what_waits_for("two"), IsEmpty());
  house->play_for(2s);
  EXPECT_EQ(waiting(), 0U);
  publish({"2/b"});
  EXPECT_THAT(what_waits_for("two"), ElementsAre("2/b"));
}

TEST_F(WaitingTotal, CountsWhatTheStoreBringsBack) {
  leave_behind("one", "1/#");
  publish({"1/a", "1/b"});
  crash();
  EXPECT_EQ(waiting(), 2U);
  publish({"1/c", "1/d"});
  EXPECT_THAT(what_waits_for("one"), ElementsAre("1/a", "1/b", "1/c"));
}

TEST_F(WaitingTotal, IsOfBytesToo) {
  begin_with(at_most(0, 100'000));
  leave_behind("one", "1/#");
  publish({"1/a", "1/b", "1/c"}, std::string(40'000, 'x'));
  EXPECT_EQ(waiting(), 2U);
  EXPECT_EQ(dropped(), 1U);
}

TEST_F(WaitingTotal, IsKeptByDroppingASessionsOwnOldest) {
  auto rules = at_most(3);
  rules.queue_policy = queue_policy::drop_oldest;
  begin_with(rules);
  leave_behind("one", "1/#");
  leave_behind("two", "2/#");
  publish({"1/a", "1/b", "1/c", "1/d", "2/a"});
  EXPECT_EQ(dropped(), 2U);
  EXPECT_THAT(what_waits_for("one"), ElementsAre("1/b", "1/c", "1/d"));
  EXPECT_THAT(what_waits_for("two"), IsEmpty()); // it had nothing to give for it
}

TEST_F(WaitingTotal, HasRoomKeptForThoseThatMayFillAllOfIt) {
  auto rules = at_most(4);
  rules.queue_share_for = {{"+/noise", 50}};
  begin_with(rules);
  leave_behind("one", "1/#");
  leave_behind("two", "2/#");
  publish({"1/noise", "2/noise", "1/noise", "1/a", "2/a", "2/b"});
  EXPECT_EQ(dropped(), 2U);
  EXPECT_THAT(what_waits_for("one"), ElementsAre("1/noise", "1/a"));
  EXPECT_THAT(what_waits_for("two"), ElementsAre("2/noise", "2/a"));
}

TEST_F(WaitingTotal, IsToldWhenItIsReached) {
  std::vector<std::string> told;
  house->node().watch(
    [&](const event& what) {
      if (what.what == event::kind::trouble)
        told.emplace_back(what.reason);
    },
    log_level::warning);
  leave_behind("one", "1/#");
  publish({"1/a", "1/b", "1/c"});
  EXPECT_THAT(told, IsEmpty());
  publish({"1/d", "1/e"});
  EXPECT_THAT(told, ElementsAre(HasSubstr("queue_total_maximum_messages")));
  house.reset(); // it tells as long as it is there
}

} // namespace callboard::actors
