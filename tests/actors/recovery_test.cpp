#include "tests/actors/keeper_stage.hpp"
#include "tests/actors/player.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;
using callboard::testing::player;
using protocol::qos;
using protocol::reason_code;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint32_t hour = 3600;

protocol::will a_will(std::uint32_t delay) {
  protocol::will what;
  what.topic = "wills";
  what.payload = "gone";
  what.delay_interval = delay;
  what.qos = qos::at_least_once;
  return what;
}

/// A node that begins again, and reads what its store has one by one, while the test says
/// what comes in between.
class Recovery : public callboard::testing::keeper_stage {
protected:
  explicit Recovery(settings rules = {}) : keeper_stage{std::move(rules)} {}

  /// A session with one subscription, whose client is away.
  void leave_session(const std::string& name, const std::string& filter,
    qos quality = qos::at_least_once, std::uint32_t expiry = hour) {
    player client{*house, name};
    client.resume(expiry);
    client.settle();
    client.subscribe(filter, quality);
    client.settle();
    client.vanish();
    house->play();
  }

  void publish(const std::string& topic, const std::string& payload, bool retain = false) {
    player writer{*house, "writer"};
    writer.connect();
    writer.settle();
    writer.publish(topic, payload, qos::at_least_once, retain);
    writer.settle();
    EXPECT_EQ(writer.acks.size(), 1U);
    writer.vanish();
    house->play();
  }

  /// A crash; the next node has not read anything yet.
  void crash_and_begin() {
    house->begin_slowly({1, 1, 1});
    crash();
    ASSERT_TRUE(is_under_way());
  }

  /// The same, and all has been read.
  void begin_again() {
    crash_and_begin();
    house->play();
    ASSERT_FALSE(is_under_way());
  }

  bool is_under_way() { return house->company().found.under_way; }
  std::uint64_t asleep() { return house->company().found.asleep; }
  std::uint64_t awake() { return house->company().sessions_awake(); }

  /// The KEEPER has so many turns, and all others as many as they want.
  void step_keeper(int turns = 1) {
    play_without_keeper();
    for (; turns > 0; --turns) {
      house->node().units()[2]->step_once(300);
      play_without_keeper();
    }
  }

  /// Who comes back gets this, having said nothing yet.
  std::vector<std::string> what_waits_for(const std::string& name) {
    player client{*house, name};
    client.resume(hour);
    client.settle();
    EXPECT_TRUE(client.connack && client.connack->session_present) << name;
    auto all = client.payloads();
    client.vanish();
    house->play();
    return all;
  }
};

TEST_F(Recovery, AClientIsAnsweredLongBeforeTheListHasComeToIt) {
  for (char name = 'a'; name < 'z'; ++name)
    leave_session({name}, "t");
  crash_and_begin();
  player last{*house, "y"};
  last.resume(hour);
  step_keeper(4);
  last.listen();
  ASSERT_TRUE(last.connack);
  EXPECT_TRUE(last.connack->session_present);
  EXPECT_TRUE(is_under_way());
}

TEST_F(Recovery, ANewClientIsAnsweredToo) {
  for (char name = 'a'; name < 'k'; ++name)
    leave_session({name}, "t");
  crash_and_begin();
  player fresh{*house, "zoe"};
  fresh.resume(hour);
  step_keeper(4);
  fresh.listen();
  ASSERT_TRUE(fresh.connack);
  EXPECT_FALSE(fresh.connack->session_present);
  fresh.subscribe("u", qos::at_least_once);
  step_keeper(2);
  fresh.listen();
  EXPECT_EQ(fresh.subacks.size(), 1U);
  EXPECT_TRUE(is_under_way());
}

TEST_F(Recovery, WhatIsPublishedMeanwhileWaitsForAllWhoWantIt) {
  for (const auto* name : {"a", "b", "c"})
    leave_session(name, "t");
  crash_and_begin();
  player writer{*house, "writer"};
  writer.connect();
  step_keeper();
  writer.listen();
  ASSERT_TRUE(writer.connack);
  for (const auto* text : {"1", "2", "3"})
    writer.publish("t", text, qos::at_least_once);
  play_without_keeper();
  writer.listen();
  ASSERT_TRUE(is_under_way());
  EXPECT_THAT(writer.acks, IsEmpty());
  writer.settle();
  EXPECT_EQ(writer.acks.size(), 3U);
  for (const auto* name : {"a", "b", "c"})
    EXPECT_THAT(what_waits_for(name), ElementsAre("1", "2", "3")) << name;
}

TEST_F(Recovery, NobodyIsBroughtBackTwice) {
  for (const auto* name : {"a", "b", "c"})
    leave_session(name, "t");
  crash_and_begin();
  player early{*house, "c"};
  early.resume(hour);
  house->play();
  early.settle();
  EXPECT_EQ(awake(), 1U);
  EXPECT_EQ(asleep(), 2U);
  EXPECT_EQ(house->company().subscriptions(), 3U);
  publish("t", "once");
  EXPECT_THAT(early.payloads(), ElementsAre("once"));
}

TEST_F(Recovery, ASessionThatEndsMeanwhileDoesNotComeBack) {
  for (const auto* name : {"a", "b", "c"})
    leave_session(name, "t");
  crash_and_begin();
  player early{*house, "c"};
  early.resume(hour);
  step_keeper();
  step_keeper();
  early.listen();
  ASSERT_TRUE(early.connack);
  protocol::disconnect last;
  last.session_expiry_interval = 0;
  early.leave(last);
  play_without_keeper(); // the store has not heard of it
  house->play();
  EXPECT_EQ(awake(), 0U);
  EXPECT_EQ(asleep(), 2U);
  EXPECT_EQ(house->company().subscriptions(), 2U);
  early.resume(hour);
  early.settle();
  EXPECT_FALSE(early.connack->session_present);
}

TEST_F(Recovery, ACleanStartEndsASessionThatTheListHasNotComeTo) {
  for (const auto* name : {"a", "b", "c"})
    leave_session(name, "t");
  crash_and_begin();
  player early{*house, "c"};
  early.connect_with().clean_start = true;
  early.connect_with().session_expiry_interval = hour;
  early.connect();
  early.settle();
  ASSERT_TRUE(early.connack);
  EXPECT_FALSE(early.connack->session_present);
  house->play();
  publish("t", "m");
  EXPECT_THAT(early.payloads(), IsEmpty());
  EXPECT_EQ(house->company().subscriptions(), 2U);
  begin_again();
  EXPECT_THAT(what_waits_for("c"), IsEmpty());
  EXPECT_THAT(what_waits_for("a"), ElementsAre("m"));
}

TEST_F(Recovery, ACrashInTheMiddleLosesNothing) {
  for (const auto* name : {"a", "b", "c", "d"})
    leave_session(name, "t");
  publish("t", "1");
  for (int turns = 0; turns < 6; ++turns) {
    crash_and_begin();
    player early{*house, "c"};
    early.resume(hour);
    for (int i = 0; i < turns; ++i)
      step_keeper();
    early.crash();
  }
  begin_again();
  publish("t", "2");
  for (const auto* name : {"a", "b", "c", "d"})
    EXPECT_THAT(what_waits_for(name), ElementsAre("1", "2")) << name;
}

TEST_F(Recovery, WhatIsRetainedMeanwhileIsYoungerThanWhatTheStoreHad) {
  for (const auto* topic : {"r/kept", "r/removed", "r/replaced"})
    publish(topic, "old", true);
  crash_and_begin();
  player writer{*house, "writer"};
  writer.connect();
  step_keeper();
  writer.publish("r/replaced", "new", qos::at_least_once, true);
  writer.publish("r/removed", "", qos::at_least_once, true);
  writer.settle();
  for (int again = 0; again < 2; ++again) {
    player reader{*house, "reader"};
    reader.connect();
    reader.settle();
    reader.subscribe("r/#");
    EXPECT_THAT(reader.payloads(), ElementsAre("old", "new"));
    begin_again();
  }
}

TEST_F(Recovery, ASubscriberGetsAllThatIsRetainedWhenItIsThere) {
  for (const auto* topic : {"r/1", "r/2", "r/3", "r/4"})
    publish(topic, topic, true);
  crash_and_begin();
  player reader{*house, "reader"};
  reader.connect();
  step_keeper();
  reader.subscribe("r/#");
  step_keeper();
  reader.listen();
  EXPECT_EQ(reader.subacks.size(), 1U);
  EXPECT_TRUE(is_under_way());
  EXPECT_THAT(reader.inbox, IsEmpty());
  EXPECT_THAT(reader.payloads(), ElementsAre("r/1", "r/2", "r/3", "r/4"));
}

TEST_F(Recovery, WillsOfThoseWhoWereConnectedReachAllWhoWantThem) {
  leave_session("listener", "wills");
  player mortal{*house, "a mortal"};
  mortal.connect_with().will = a_will(0);
  mortal.resume(hour);
  mortal.settle();
  begin_again();
  EXPECT_THAT(what_waits_for("listener"), ElementsAre("gone"));
}

/// The other members are not known yet.
TEST_F(Recovery, WhoLeavesAShareGroupMeanwhileDoesNotEndIt) {
  for (const auto* name : {"a", "y", "z"})
    leave_session(name, "$share/g/t");
  publish("t", "message");
  crash_and_begin();
  player early{*house, "z"};
  early.connect_with().clean_start = true;
  early.connect();
  step_keeper(3);
  early.listen();
  ASSERT_TRUE(early.connack);
  ASSERT_TRUE(is_under_way());
  house->play();
  EXPECT_THAT(what_waits_for("y"), ElementsAre("message"));
}

TEST_F(Recovery, WhatAMemberHasBegunWithComesToNobodyElse) {
  for (const auto* name : {"a", "z"})
    leave_session(name, "$share/g/t", qos::exactly_once);
  player last{*house, "z"};
  last.acknowledges = false;
  last.resume(hour);
  last.settle();
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  writer.publish("t", "begun", qos::exactly_once);
  writer.settle();
  ASSERT_THAT(last.payloads(), ElementsAre("begun"));
  crash_and_begin();
  player first{*house, "a"};
  first.resume(hour);
  step_keeper(2);
  first.listen();
  ASSERT_TRUE(first.connack);
  EXPECT_THAT(first.payloads(), IsEmpty());
}

/// The store has room for one of them, so the client waits until the old one is out.
TEST_F(Recovery, AWillIsNotLostThoughItsClientIsBackWithAnotherOne) {
  for (const auto* name : {"b", "c", "d", "listener"})
    leave_session(name, "wills");
  player mortal{*house, "a"};
  mortal.connect_with().will = a_will(0);
  mortal.resume(hour);
  mortal.settle();
  crash_and_begin();
  mortal.connect_with().will->payload = "gone again";
  mortal.resume(hour);
  step_keeper(4);
  ASSERT_TRUE(is_under_way());
  crash_and_begin(); // nobody has the first one yet
  mortal.resume(hour);
  mortal.settle();
  ASSERT_TRUE(mortal.connack);
  begin_again();
  EXPECT_THAT(what_waits_for("listener"), ElementsAre("gone", "gone again"));
}

TEST_F(Recovery, AListThatCannotBeReadIsReadLater) {
  leave_session("a", "t");
  house->begin_slowly({1, 1, 1});
  medium.cannot_list = true;
  crash();
  house->play();
  EXPECT_TRUE(is_under_way());
  medium.cannot_list = false;
  house->play_for(2s);
  EXPECT_FALSE(is_under_way());
  publish("t", "m");
  EXPECT_THAT(what_waits_for("a"), ElementsAre("m"));
}

TEST_F(Recovery, WhatIsNotToBeReadAtAllKeepsNobodyWaitingForever) {
  leave_session("a", "t");
  house->begin_slowly({1, 1, 1});
  medium.cannot_list = true;
  crash();
  house->play_for(5s);
  EXPECT_FALSE(is_under_way());
  publish("t", "m");
}

TEST_F(Recovery, GoesOnWhileTheStoreTakesNothing) {
  leave_session("a", "t");
  crash_and_begin();
  player writer{*house, "writer"};
  writer.connect();
  player other{*house, "other"};
  medium.fails = true;
  other.resume(hour); // waits for the store
  house->play();
  writer.listen();
  EXPECT_TRUE(writer.connack);
  EXPECT_FALSE(is_under_way());
}

// -- sessions that sleep ------------------------------------------------------------

class SleepingSession : public Recovery {
protected:
  explicit SleepingSession(settings rules = {}) : Recovery{std::move(rules)} {}
};

TEST_F(SleepingSession, HasNoActorAndCountsAllTheSame) {
  leave_session("a", "t");
  leave_session("b", "u");
  publish("t", "message");
  const auto queued = house->company().waiting.now();
  begin_again();
  EXPECT_EQ(awake(), 0U);
  EXPECT_EQ(asleep(), 2U);
  EXPECT_EQ(house->company().clients_away(), 2U);
  EXPECT_EQ(house->company().subscriptions(), 2U);
  EXPECT_EQ(house->company().waiting.now(), queued);
  EXPECT_EQ(queued.messages, 1U);
}

TEST_F(SleepingSession, WakesForItsClient) {
  leave_session("a", "t");
  publish("t", "message");
  begin_again();
  for (const std::size_t unit : {0, 1}) {
    player client{*house, "a"};
    client.resume(hour, unit);
    client.settle();
    ASSERT_TRUE(client.connack);
    EXPECT_TRUE(client.connack->session_present);
    EXPECT_EQ(awake(), 1U);
    EXPECT_EQ(asleep(), 0U);
    EXPECT_EQ(house->company().subscriptions(), 1U);
    client.vanish();
    house->play();
  }
}

TEST_F(SleepingSession, WakesForAMessageAndItsPublisherWaits) {
  leave_session("a", "t");
  leave_session("b", "u");
  begin_again();
  player writer{*house, "writer"};
  writer.connect(1);
  writer.settle();
  writer.publish("t", "message", qos::exactly_once);
  play_without_keeper();
  writer.listen();
  EXPECT_THAT(writer.acks, IsEmpty());
  writer.settle();
  EXPECT_EQ(writer.acks.size(), 2U);
  EXPECT_EQ(asleep(), 1U); // the other one
  writer.vanish();
  begin_again();
  EXPECT_THAT(what_waits_for("a"), ElementsAre("message"));
}

/// Or a crash between two commits would have its publisher send it to the others again.
TEST_F(SleepingSession, IsWaitedForByACommitOfQosTwo) {
  leave_session("a", "t", qos::exactly_once);
  begin_again();
  player other{*house, "b"};
  other.resume(hour);
  other.settle();
  other.subscribe("t", qos::exactly_once);
  other.settle();
  player writer{*house, "writer"};
  writer.resume(hour);
  writer.settle();
  const auto& commits = house->company().commits;
  const auto before = commits.load();
  writer.publish("t", "message", qos::exactly_once);
  play_without_keeper();
  house->node().units()[2]->advance(10ms); // reads it; the others have no turn
  EXPECT_EQ(commits, before);
  house->node().units()[2]->advance(300ms); // but not for ever
  EXPECT_GT(commits, before);
  writer.settle();
  EXPECT_EQ(writer.acks.size(), 2U);
  EXPECT_THAT(other.payloads(), ElementsAre("message"));
}

TEST_F(SleepingSession, DoesNotWakeForWhatItWouldNotGet) {
  leave_session("a", "t", qos::at_most_once);
  leave_session("b", "t");
  begin_again();
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  writer.publish("t", "message");
  writer.settle();
  EXPECT_EQ(asleep(), 2U);
  EXPECT_EQ(house->company().sum(&counters::dropped_client_away), 2U);
}

/// Whatever comes between the call and the waking.
TEST_F(SleepingSession, GetsAllInOrder) {
  for (std::size_t moment = 0; moment < 12; ++moment) {
    const auto name = "sleeper" + std::to_string(moment);
    leave_session(name, "t/" + std::to_string(moment) + "/#");
    begin_again();
    player writer{*house, "writer"};
    writer.connect(1);
    writer.settle();
    player client{*house, name};
    std::vector<std::string> expected;
    for (std::size_t i = 0; i < 12; ++i) {
      if (i == moment)
        client.resume(hour, moment % 2);
      expected.push_back(std::to_string(i));
      writer.publish("t/" + std::to_string(moment) + "/x", expected.back(), qos::at_least_once);
      for (const std::size_t unit : {1, 0, 2})
        house->node().units()[unit]->step_once(1);
    }
    writer.settle();
    EXPECT_EQ(writer.acks.size(), 12U);
    EXPECT_THAT(client.payloads(), ::testing::ElementsAreArray(expected)) << moment;
    client.vanish();
    writer.vanish();
    house->play();
  }
}

/// Two subscriptions become known one after the other.
TEST_F(SleepingSession, GetsAMessageOnceWhereTwoOfItsFiltersMatch) {
  leave_session("a", "t/#");
  leave_session("a", "t/+");
  begin_again();
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  for (const auto* text : {"1", "2", "3", "4"}) {
    writer.publish("t/x", text, qos::at_least_once);
    for (const std::size_t unit : {0, 2, 1})
      house->node().units()[unit]->step_once(1);
  }
  writer.settle();
  EXPECT_EQ(writer.acks.size(), 4U);
  EXPECT_THAT(what_waits_for("a"), ElementsAre("1", "2", "3", "4"));
}

/// What waits for it in a SUBTREE goes before what comes from the one that has the topics then.
TEST_F(SleepingSession, GetsAllInOrderThoughTopicsChangeHands) {
  for (const bool merges : {false, true}) {
    leave_session("a", "plant/#");
    leave_session("b", "plant/+");
    begin_again();
    const auto owner = [&] {
      return house->company().houses.front()->routes.now().subtree_of("plant/1");
    };
    if (merges) {
      tell(house->company().broker, hot{owner(), "plant"});
      house->play();
    }
    medium.cannot_load = true;
    player writer{*house, "writer"};
    writer.connect();
    writer.settle();
    writer.publish("plant/1", "1", qos::at_least_once);
    writer.settle();
    const auto before = owner();
    if (merges)
      tell(house->company().broker, cold{before});
    else
      tell(house->company().broker, hot{before, "plant"});
    house->play();
    ASSERT_NE(owner(), before);
    writer.publish("plant/1", "2", qos::at_least_once);
    writer.settle();
    EXPECT_THAT(writer.acks, IsEmpty());
    medium.cannot_load = false;
    house->play_for(2s);
    writer.settle();
    EXPECT_EQ(writer.acks.size(), 2U);
    for (const auto* name : {"a", "b"})
      EXPECT_THAT(what_waits_for(name), ElementsAre("1", "2")) << name << merges;
    writer.vanish();
    house->play();
  }
}

TEST_F(SleepingSession, EndsWhenItsTimeHasCome) {
  leave_session("a", "t", qos::at_least_once, 60);
  begin_again();
  house->play_for(55s, 1s);
  EXPECT_EQ(asleep(), 1U);
  house->play_for(10s, 1s);
  EXPECT_EQ(asleep(), 0U);
  EXPECT_EQ(awake(), 0U);
  EXPECT_EQ(house->company().subscriptions(), 0U);
  EXPECT_FALSE(*medium.content.load_session("a", {}));
}

/// Its connection was there when the node ended: time runs from the first start on, and
/// does not begin anew with the next.
TEST_F(SleepingSession, EndsInTimeThoughItsClientWasConnected) {
  player client{*house, "a"};
  client.resume(60);
  client.settle();
  begin_again();
  EXPECT_EQ(asleep(), 1U);
  house->play_for(40s, 1s);
  begin_again();
  house->play_for(25s, 1s);
  EXPECT_EQ(asleep() + awake(), 0U);
  EXPECT_FALSE(*medium.content.load_session("a", {}));
}

TEST_F(SleepingSession, PublishesItsWillWhenItIsDue) {
  leave_session("listener", "wills");
  player mortal{*house, "mortal"};
  mortal.connect_with().will = a_will(30);
  mortal.resume(hour);
  mortal.settle();
  mortal.vanish();
  house->play();
  begin_again();
  EXPECT_EQ(asleep(), 2U);
  EXPECT_THAT(what_waits_for("listener"), IsEmpty());
  house->play_for(31s, 1s);
  EXPECT_THAT(what_waits_for("listener"), ElementsAre("gone"));
}

TEST_F(SleepingSession, ADelayedWillIsPublishedByACleanStart) {
  leave_session("listener", "wills");
  player mortal{*house, "mortal"};
  mortal.connect_with().will = a_will(30);
  mortal.resume(hour);
  mortal.settle();
  mortal.vanish();
  house->play();
  begin_again();
  mortal.connect_with().clean_start = true;
  mortal.connect_with().will.reset();
  mortal.connect();
  mortal.settle();
  EXPECT_THAT(what_waits_for("listener"), ElementsAre("gone"));
}

TEST_F(SleepingSession, IsNoMemberOfAShareGroup) {
  leave_session("member", "$share/g/t");
  begin_again();
  EXPECT_EQ(asleep(), 0U);
  EXPECT_EQ(awake(), 1U);
  publish("t", "message");
  EXPECT_THAT(what_waits_for("member"), ElementsAre("message"));
}

TEST_F(SleepingSession, IsNotLostWhenItCannotBeReadForAWhile) {
  leave_session("a", "t");
  begin_again();
  medium.cannot_load = true;
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  writer.publish("t", "message", qos::at_least_once);
  writer.publish("other", "message", qos::at_least_once);
  player client{*house, "a"};
  client.resume(hour);
  client.settle();
  writer.settle();
  ASSERT_TRUE(client.connack);
  EXPECT_EQ(client.connack->code, reason_code::server_unavailable);
  EXPECT_THAT(writer.acks, IsEmpty()); // in order, so the second one waits for the first
  medium.cannot_load = false;
  house->play_for(2s);
  writer.settle();
  EXPECT_EQ(writer.acks.size(), 2U);
  EXPECT_THAT(what_waits_for("a"), ElementsAre("message"));
}

/// Somebody has taken it out of the store's file, or damage was found.
TEST_F(SleepingSession, ThatIsLostKeepsNobodyWaiting) {
  leave_session("a", "t/#");
  leave_session("b", "t/#");
  begin_again();
  persistence::batch gone;
  const auto number = *medium.content.find_session("a");
  gone.sessions.push_back({"a", number, {protocol::session_ended{}}});
  medium.content.commit(gone, {});
  publish("t/1", "message");
  EXPECT_THAT(what_waits_for("b"), ElementsAre("message"));
  EXPECT_EQ(house->company().subscriptions(), 1U);
  EXPECT_EQ(asleep(), 0U);
  publish("t/2", "message");
}

} // namespace

} // namespace callboard::actors
