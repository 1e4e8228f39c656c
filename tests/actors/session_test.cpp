#include "actors/session.hpp"

#include "tests/actors/player.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;
using callboard::testing::player;
using callboard::testing::playhouse;
using protocol::qos;
using protocol::reason_code;
using protocol::version;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

protocol::will will_of(std::string payload, std::uint32_t delay = 0) {
  protocol::will will;
  will.topic = "wills";
  will.payload = std::move(payload);
  will.delay_interval = delay;
  will.qos = qos::at_least_once;
  return will;
}

/// A playhouse with somebody who hears all wills.
class SessionTest : public ::testing::Test {
protected:
  SessionTest() {
    watcher.connect();
    watcher.settle();
    watcher.subscribe("wills", qos::at_least_once);
    watcher.settle();
  }

  playhouse house;
  player watcher{house, "watcher"};
};

} // namespace

TEST_F(SessionTest, LivesThroughAWeekOfAbsence) {
  player sleeper{house, "sleeper"};
  sleeper.resume(7 * 24 * 3600);
  sleeper.settle();
  sleeper.subscribe("news", qos::exactly_once);
  sleeper.settle();
  sleeper.vanish();
  watcher.publish("news", "first", qos::at_least_once);
  house.play_for(7 * 24h - 1min, 1h);
  sleeper.resume(7 * 24 * 3600);
  sleeper.settle();
  EXPECT_TRUE(sleeper.connack->session_present);
  EXPECT_THAT(sleeper.payloads(), ElementsAre("first"));
}

TEST_F(SessionTest, EndsWhenItsTimeIsUp) {
  player sleeper{house, "sleeper"};
  sleeper.resume(7 * 24 * 3600);
  sleeper.settle();
  sleeper.vanish();
  house.play_for(7 * 24h + 1min, 1h);
  sleeper.resume(60);
  sleeper.settle();
  EXPECT_FALSE(sleeper.connack->session_present);
}

TEST_F(SessionTest, ATakeoverTellsTheOldConnectionAndKeepsTheQueue) {
  player first{house, "same"};
  first.resume(60);
  first.settle();
  first.subscribe("t", qos::at_least_once);
  first.settle();
  first.acknowledges = false;
  watcher.publish("t", "m", qos::at_least_once);
  EXPECT_THAT(first.payloads(), ElementsAre("m"));
  player second{house, "same"};
  second.resume(60);
  second.settle();
  first.settle();
  ASSERT_TRUE(first.disconnect);
  EXPECT_EQ(first.disconnect->code, reason_code::session_taken_over);
  EXPECT_TRUE(second.connack->session_present);
  ASSERT_EQ(second.inbox.size(), 1U);
  EXPECT_TRUE(second.inbox.front().dup);
}

TEST_F(SessionTest, ATakeoverFromAnotherUnitMovesTheConnection) {
  playhouse wide{3};
  player first{wide, "same"};
  first.resume(60, 0);
  first.settle();
  first.subscribe("t", qos::exactly_once);
  first.settle();
  first.vanish();
  wide.play();
  player writer{wide, "writer"};
  writer.connect(1);
  writer.settle();
  writer.publish("t", "m", qos::exactly_once);
  writer.settle();
  first.resume(60, 2);
  first.settle();
  EXPECT_TRUE(first.connack->session_present);
  EXPECT_THAT(first.payloads(), ElementsAre("m"));
}

/// The session ends when it is taken over, while messages for it are under way.
TEST_F(SessionTest, ANewSessionGetsNothingThatWasForTheOldOne) {
  for (const auto* topic : {"a", "b", "c", "d"}) {
    for (int rounds = 0; rounds < 6; ++rounds) {
      playhouse wide{2};
      player writer{wide, "writer"};
      writer.connect(1);
      player client{wide, "same", version::mqtt_3_1_1};
      client.connect(0);
      client.settle();
      client.subscribe(topic, qos::at_least_once);
      client.settle();
      writer.publish(topic, "m", qos::at_least_once);
      for (int i = 0; i < rounds; ++i)
        wide.node().units()[1]->step_once(1);
      client.connect_with().clean_start = false;
      client.connect(0);
      wide.node().units()[0]->step();
      EXPECT_THAT(client.payloads(), IsEmpty()) << topic << ' ' << rounds;
    }
  }
}

/// It came first, but has to go to another unit.
TEST_F(SessionTest, AnOlderConnectDoesNotTakeOverFromAYounger) {
  playhouse wide{2};
  player older{wide, "same"};
  older.resume(60, 0);
  older.settle();
  older.vanish();
  wide.play();
  older.resume(60, 1);
  wide.node().units()[1]->step();
  player younger{wide, "same"};
  younger.resume(60, 0);
  wide.node().units()[0]->step();
  younger.settle();
  wide.play_for(2s);
  EXPECT_TRUE(younger.is_connected());
  EXPECT_TRUE(older.was_closed());
}

TEST_F(SessionTest, ACleanStartForgetsTheOldSession) {
  player client{house, "same"};
  client.resume(60);
  client.settle();
  client.subscribe("t", qos::at_least_once);
  client.settle();
  client.vanish();
  client.connect_with().clean_start = true;
  client.connect();
  client.settle();
  watcher.publish("t", "m", qos::at_least_once);
  EXPECT_FALSE(client.connack->session_present);
  EXPECT_THAT(client.payloads(), IsEmpty());
}

TEST_F(SessionTest, AWillComesWhenItsDelayIsOver) {
  player client{house, "gone"};
  client.connect_with().will = will_of("farewell", 3600);
  client.resume(7200);
  client.settle();
  client.vanish();
  house.play_for(59min, 1min);
  EXPECT_THAT(watcher.payloads(), IsEmpty());
  house.play_for(2min);
  EXPECT_THAT(watcher.payloads(), ElementsAre("farewell"));
}

TEST_F(SessionTest, AWillIsNotSentIfTheClientIsBackInTime) {
  player client{house, "gone"};
  client.connect_with().will = will_of("farewell", 3600);
  client.resume(7200);
  client.settle();
  client.vanish();
  house.play_for(59min, 1min);
  client.connect_with().will = std::nullopt;
  client.resume(7200);
  client.settle();
  house.play_for(2h, 1min);
  EXPECT_THAT(watcher.payloads(), IsEmpty());
}

TEST_F(SessionTest, ASessionThatEndsSendsItsWillBeforeTheDelay) {
  player client{house, "gone"};
  client.connect_with().will = will_of("farewell", 3600);
  client.resume(60);
  client.settle();
  client.vanish();
  house.play_for(61s);
  EXPECT_THAT(watcher.payloads(), ElementsAre("farewell"));
}

TEST_F(SessionTest, ASilentClientIsDisconnectedAfterOneAndAHalfTimesItsKeepAlive) {
  player client{house, "silent"};
  client.connect_with().keep_alive = 10;
  client.connect_with().will = will_of("silence");
  client.connect();
  client.settle();
  house.play_for(14s);
  client.settle();
  EXPECT_FALSE(client.disconnect);
  house.play_for(2s);
  client.settle();
  ASSERT_TRUE(client.disconnect);
  EXPECT_EQ(client.disconnect->code, reason_code::keep_alive_timeout);
  EXPECT_THAT(watcher.payloads(), ElementsAre("silence"));
}

TEST_F(SessionTest, WhatIsQueuedExpires) {
  player sleeper{house, "sleeper"};
  sleeper.resume(3600);
  sleeper.settle();
  sleeper.subscribe("t", qos::at_least_once);
  sleeper.settle();
  sleeper.vanish();
  watcher.publish("t", "short", qos::at_least_once, false, false, 0, 10);
  watcher.publish("t", "long", qos::at_least_once, false, false, 0, 1000);
  house.play_for(11s);
  sleeper.resume(3600);
  sleeper.settle();
  EXPECT_THAT(sleeper.payloads(), ElementsAre("long"));
}

TEST_F(SessionTest, AReplayGoesOnWhenTheClientIsBack) {
  for (int i = 0; i < 3000; ++i) {
    watcher.publish("kept/" + std::to_string(i), "m", qos::at_least_once, true);
    if (i % 500 == 0)
      watcher.settle();
  }
  watcher.settle();
  player sleeper{house, "sleeper"};
  sleeper.acknowledges = false;
  sleeper.resume(3600);
  sleeper.settle();
  sleeper.subscribe("kept/#", qos::at_least_once);
  sleeper.settle();
  sleeper.vanish();
  house.play();
  sleeper.acknowledges = true;
  sleeper.resume(3600);
  sleeper.settle();
  std::set<std::string> topics;
  for (const auto& one : sleeper.inbox)
    topics.insert(one.topic);
  EXPECT_EQ(topics.size(), 3000U);
}

TEST_F(SessionTest, ReplaysOfManySubscribesWaitUntilTheClientTakesThem) {
  constexpr auto kept = 256U;
  constexpr auto subscribes = 40U;
  for (auto i = 0U; i < kept; ++i)
    watcher.publish("kept/" + std::to_string(i), "m", qos::at_least_once, true);
  watcher.settle();
  player greedy{house, "greedy"};
  greedy.connect_with().receive_maximum = 10;
  greedy.connect_with().receive_maximum_given = true;
  greedy.acknowledges = false;
  greedy.resume(3600);
  greedy.settle();
  for (auto i = 0U; i < subscribes; ++i) {
    greedy.subscribe("kept/#", qos::at_least_once);
    if (i % 20 == 0)
      house.play();
  }
  house.play();
  greedy.vanish();
  house.play();
  EXPECT_LT(house.company().waiting.now().messages, 1000U); // of 10,240
  greedy.acknowledges = true;
  greedy.resume(3600);
  greedy.settle();
  std::map<std::string, unsigned> times;
  for (const auto& one : greedy.inbox)
    times[one.topic] += one.dup ? 0 : 1;
  EXPECT_EQ(times.size(), kept);
  for (const auto& [topic, count] : times)
    EXPECT_EQ(count, subscribes) << topic; // MQTT5-3.8.4-4: for each of them
}

TEST_F(SessionTest, ASubscribeInTheMiddleOfAReplayIsAnsweredByAnother) {
  for (int i = 0; i < 3000; ++i) {
    watcher.publish("kept/" + std::to_string(i), "m", qos::at_least_once, true);
    if (i % 500 == 0)
      watcher.settle();
  }
  watcher.settle();
  player reader{house, "reader"};
  reader.acknowledges = false;
  reader.resume(3600);
  reader.settle();
  reader.subscribe("kept/#", qos::at_least_once);
  reader.settle();
  reader.subscribe("kept/#", qos::at_least_once);
  reader.settle();
  EXPECT_LT(reader.inbox.size(), 3000U);
  reader.vanish();
  reader.acknowledges = true;
  reader.resume(3600);
  reader.settle();
  std::map<std::string, int> times;
  for (const auto& one : reader.inbox)
    times[one.topic] += one.dup ? 0 : 1;
  EXPECT_EQ(times.size(), 3000U);
  for (const auto& [topic, count] : times)
    EXPECT_EQ(count, 2) << topic; // MQTT5-3.3.1-9, MQTT5-3.8.4-4
}

TEST_F(SessionTest, OneWhoNeverConnectsIsSentAway) {
  const auto ends = std::make_shared<callboard::testing::pipe>();
  house.connect(ends);
  house.play_for(9s);
  EXPECT_FALSE(ends->node_gone);
  house.play_for(2s);
  EXPECT_TRUE(ends->node_gone);
}

TEST_F(SessionTest, QosZeroIsNotOvertakenWhenItsPathChanges) {
  player reader{house, "reader"};
  reader.connect_with().receive_maximum = 1;
  reader.connect_with().receive_maximum_given = true;
  reader.connect();
  reader.settle();
  reader.subscribe("t", qos::at_most_once);
  reader.subscribe("+", qos::at_least_once);
  reader.settle();
  reader.acknowledges = false;
  for (const auto* text : {"in flight", "waiting"})
    watcher.publish("t", text, qos::at_least_once);
  watcher.publish("t", "by its session");
  reader.settle();
  reader.unsubscribe("+");
  reader.settle();
  watcher.publish("t", "by the express");
  EXPECT_THAT(reader.payloads(), ElementsAre("in flight", "by its session", "by the express"));
  reader.acknowledge(protocol::ack_type::puback, 1);
  EXPECT_THAT(reader.payloads(), ElementsAre("waiting"));
}

/// The EXPRESS of the reader's unit lags behind. Which unit has the topic is up to its
/// hash: so each one is the reader's once.
TEST_F(SessionTest, QosZeroDoesNotOvertakeWhatTheExpressHasNotCarriedYet) {
  for (const std::size_t here : {0U, 1U}) {
    playhouse wide{2};
    auto& mine = *wide.node().units()[here];
    auto& other = *wide.node().units()[1 - here];
    player reader{wide, "reader"};
    player writer{wide, "writer"};
    reader.connect(here);
    writer.connect(1 - here);
    reader.settle();
    reader.subscribe("t");
    reader.settle();
    std::vector<std::string> sent;
    const auto publish = [&] {
      sent.push_back(std::to_string(sent.size()));
      writer.publish("t", sent.back());
      other.step();
    };
    for (int i = 0; i < 20; ++i)
      publish();
    reader.subscribe("+", qos::at_least_once);
    for (int i = 0; i < 5; ++i)
      mine.step_once(1);
    publish();
    for (int i = 0; i < 5; ++i)
      mine.step_once(1);
    EXPECT_EQ(reader.payloads(), sent);
  }
}

/// The SESSION lags behind: reader, writer and topic are on a unit each, in one of the
/// six ways to place the first two.
TEST_F(SessionTest, TheExpressDoesNotOvertakeWhatTheSessionHasNotReadYet) {
  for (std::size_t way = 0; way < 6; ++way) {
    const auto readers = way / 2;
    const auto writers = (readers + 1 + way % 2) % 3;
    playhouse wide{3};
    const auto unit = [&wide](std::size_t number) -> auto& {
      return *wide.node().units()[number];
    };
    player reader{wide, "reader"};
    player writer{wide, "writer"};
    reader.connect(readers);
    writer.connect(writers);
    reader.settle();
    reader.subscribe("t");
    reader.subscribe("+", qos::at_least_once);
    reader.settle();
    std::vector<std::string> sent;
    const auto publish = [&] {
      sent.push_back(std::to_string(sent.size()));
      writer.publish("t", sent.back());
      unit(writers).step();
    };
    for (int i = 0; i < 3; ++i)
      publish();
    reader.unsubscribe("+");
    unit(readers).step();
    publish();
    for (int i = 0; i < 6; ++i)
      unit(3 - readers - writers).step_once(1);
    unit(readers).step_once(1);
    EXPECT_EQ(reader.payloads(), sent);
  }
}

/// What is held at the express waits for a queue that does not move; meanwhile the topic
/// leaves the express, and comes back.
TEST_F(SessionTest, QosZeroKeepsItsOrderIfItsWayChangesTwiceWhileTheExpressIsHeld) {
  settings rules;
  rules.queue_qos0 = true;
  playhouse slow{1, rules};
  player writer{slow, "writer"};
  writer.connect();
  writer.settle();
  player reader{slow, "reader"};
  reader.connect_with().receive_maximum = 1;
  reader.connect_with().receive_maximum_given = true;
  reader.resume(60);
  reader.settle();
  reader.subscribe("t");
  reader.subscribe("other", qos::at_least_once);
  reader.settle();
  reader.vanish();
  slow.play();
  for (const auto* text : {"in flight", "waiting"})
    writer.publish("other", text, qos::at_least_once);
  writer.publish("t", "1: queued");
  slow.play();
  reader.acknowledges = false;
  reader.resume(60);
  reader.settle();
  writer.publish("t", "2: held");
  slow.play();
  reader.subscribe("+", qos::at_least_once);
  reader.settle();
  writer.publish("t", "3: followed");
  slow.play();
  reader.unsubscribe("+");
  reader.settle();
  writer.publish("t", "4: held behind");
  slow.play();
  EXPECT_THAT(reader.payloads(), ElementsAre("in flight"));
  reader.acknowledge(protocol::ack_type::puback, 1);
  EXPECT_THAT(reader.payloads(),
    ElementsAre("waiting", "1: queued", "2: held", "3: followed", "4: held behind"));
}

TEST_F(SessionTest, QosZeroOfAFormerSubscriptionIsNotOvertakenByTheExpress) {
  settings rules;
  rules.queue_qos0 = true;
  playhouse slow{1, rules};
  player writer{slow, "writer"};
  writer.connect();
  writer.settle();
  player reader{slow, "reader"};
  reader.connect_with().receive_maximum = 1;
  reader.connect_with().receive_maximum_given = true;
  reader.acknowledges = false;
  reader.resume(60);
  reader.settle();
  reader.subscribe("t", qos::at_least_once);
  reader.settle();
  reader.vanish();
  slow.play();
  for (const auto* text : {"in flight", "waiting"})
    writer.publish("t", text, qos::at_least_once);
  writer.publish("t", "1: queued");
  slow.play();
  reader.resume(60);
  reader.settle();
  reader.unsubscribe("t");
  reader.settle();
  reader.vanish();
  reader.inbox.clear();
  reader.resume(60);
  reader.settle();
  reader.subscribe("t");
  reader.settle();
  writer.publish("t", "2: by the express");
  EXPECT_THAT(reader.payloads(), ElementsAre("in flight"));
  reader.acknowledge(protocol::ack_type::puback, 1);
  EXPECT_THAT(reader.payloads(), ElementsAre("waiting", "1: queued", "2: by the express"));
}

/// It subscribes at another QoS when it has only just come back. Those topics are on
/// unit 1 for which it matters.
TEST_F(SessionTest, QosZeroKeepsItsOrderIfTwoChangesOfItsWayMeet) {
  for (const std::string topic : {"a", "b", "c", "d", "e", "f"}) {
    playhouse wide{2};
    player reader{wide, "reader"};
    player writer{wide, "writer"};
    writer.connect();
    reader.resume(60);
    reader.settle();
    reader.subscribe(topic);
    reader.settle();
    reader.vanish();
    wide.play();
    std::vector<std::string> sent;
    const auto publish = [&] {
      sent.push_back(std::to_string(sent.size()));
      writer.publish(topic, sent.back());
      wide.node().units()[0]->step();
    };
    publish();
    reader.resume(60);
    wide.node().units()[0]->step();
    publish();
    reader.subscribe("+", qos::at_least_once);
    wide.node().units()[0]->step();
    publish();
    wide.play();
    publish();
    const auto heard = reader.payloads(); // on unit 0 the first one is too early
    EXPECT_TRUE(std::ranges::is_sorted(heard)) << topic;
    EXPECT_GE(heard.size(), sent.size() - 1);
  }
}

/// The SESSION lags behind on that unit which does not have the topic: the CONNECTION
/// has left before it reads.
TEST_F(SessionTest, ReadsTheLastUnsubscribeOfAClientThatIsGone) {
  for (const std::size_t here : {0U, 1U}) {
    playhouse wide{2};
    player reader{wide, "reader"};
    player writer{wide, "writer"};
    reader.resume(60, here);
    writer.connect(1 - here);
    reader.settle();
    reader.subscribe("t", qos::at_least_once);
    reader.settle();
    for (int i = 0; i < 20; ++i) {
      writer.publish("t", "m");
      wide.node().units()[1 - here]->step();
    }
    reader.unsubscribe("t");
    reader.vanish();
    for (int i = 0; i < 5; ++i)
      wide.node().units()[here]->step_once(1);
    wide.play();
    reader.resume(60, here);
    reader.settle();
    EXPECT_TRUE(reader.is_connected());
  }
}

TEST_F(SessionTest, AClientThatReadsNothingLosesQosZeroOnly) {
  player reader{house, "reader"};
  reader.resume(60);
  reader.settle();
  reader.subscribe("fast", qos::at_most_once);
  reader.subscribe("sure", qos::at_least_once);
  reader.settle();
  reader.ends().room = 1000;
  const std::string large(100'000, 'x');
  for (int i = 0; i < 400; ++i)
    watcher.publish("fast", large);
  watcher.publish("sure", "kept", qos::at_least_once);
  watcher.settle();
  EXPECT_GT(house.company().houses.front()->counts.dropped_output_full.value(), 0U);
  reader.ends().room = SIZE_MAX;
  const auto got = reader.payloads();
  ASSERT_FALSE(got.empty());
  EXPECT_EQ(got.back(), "kept");
}

TEST_F(SessionTest, WithoutExpiryEndsWhenItIsTakenOverAndLeavesNoSubscription) {
  player first{house, "same"};
  first.resume(0);
  first.settle();
  first.subscribe("t", qos::at_least_once);
  first.settle();
  player second{house, "same"};
  second.resume(0);
  second.settle();
  EXPECT_FALSE(second.connack->session_present);
  watcher.publish("t", "ghost", qos::at_least_once);
  EXPECT_THAT(second.payloads(), IsEmpty());
}

TEST_F(SessionTest, AWillComesBehindWhatTheClientPublishedBefore) {
  player client{house, "leaving"};
  client.connect_with().will = will_of("farewell");
  client.connect();
  client.settle();
  client.publish("wills", "1", qos::at_least_once);
  client.publish("wills", "2", qos::at_least_once);
  protocol::disconnect last;
  last.code = reason_code::disconnect_with_will_message;
  client.leave(last);
  EXPECT_THAT(watcher.payloads(), ElementsAre("1", "2", "farewell"));
}

TEST_F(SessionTest, NothingComesBehindDisconnect_MQTT5_3_14_4_1) {
  playhouse wide{2};
  player writer{wide, "writer"};
  writer.connect(0);
  writer.settle();
  player first{wide, "same"};
  first.resume(60, 1);
  first.settle();
  first.subscribe("#");
  first.settle();
  player second{wide, "same"};
  second.resume(60, 1);
  wide.node().units().back()->step(); // it is ahead of what is published now
  for (int i = 0; i < 10; ++i)
    writer.publish(std::to_string(i), "m");
  first.settle();
  EXPECT_TRUE(first.disconnect);
  EXPECT_EQ(first.after_disconnect, 0);
}

TEST_F(SessionTest, AClientThatReadsNothingAndBreaksOffIsNoticed) {
  player reader{house, "reader"};
  reader.connect_with().will = will_of("broken");
  reader.connect();
  reader.settle();
  reader.subscribe("flood");
  reader.settle();
  reader.ends().room = 1000;
  for (int i = 0; i < 10; ++i)
    watcher.publish("flood", std::string(100'000, 'x'));
  watcher.settle();
  reader.publish("t", "not read any more");
  house.play();
  reader.break_off();
  EXPECT_THAT(watcher.payloads(), ElementsAre("broken"));
}

TEST(SessionQueueing, QueuedQosZeroComesBeforeWhatWasPublishedLater) {
  settings rules;
  rules.queue_qos0 = true;
  playhouse house{1, rules};
  player sleeper{house, "sleeper"};
  sleeper.resume(60);
  sleeper.settle();
  sleeper.subscribe("t");
  sleeper.settle();
  sleeper.vanish();
  player writer{house, "writer"};
  writer.connect();
  writer.settle();
  const std::string tail(10'000, 'x');
  for (int i = 0; i < 100; ++i) // more than an output takes at once
    writer.publish("t", std::to_string(1000 + i) + tail);
  writer.settle();
  sleeper.resume(60);
  sleeper.ends().room = 1000;
  house.play();
  writer.publish("t", "2000");
  writer.settle();
  sleeper.ends().room = SIZE_MAX;
  const auto got = sleeper.payloads();
  ASSERT_EQ(got.size(), 101U);
  EXPECT_TRUE(std::ranges::is_sorted(got));
}

} // namespace callboard::actors
