#include "actors/keeper.hpp"

#include "tests/actors/keeper_stage.hpp"
#include "tests/actors/player.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;
using callboard::testing::player;
using protocol::qos;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Promise : public callboard::testing::keeper_stage {};

} // namespace

TEST_F(Promise, ConnackOfALastingSessionWaitsForTheStore) {
  player client{*house, "client"};
  client.resume(60);
  play_without_keeper();
  client.listen();
  EXPECT_FALSE(client.connack);
  house->play();
  client.listen();
  EXPECT_TRUE(client.connack);
}

TEST_F(Promise, ConnackOfAnotherSessionDoesNot) {
  player client{*house, "client"};
  client.connect();
  play_without_keeper();
  client.listen();
  EXPECT_TRUE(client.connack);
}

TEST_F(Promise, SubackWaitsForTheStore) {
  player client{*house, "client"};
  client.resume(60);
  client.settle();
  client.subscribe("t", qos::at_least_once);
  play_without_keeper();
  client.listen();
  EXPECT_THAT(client.subacks, IsEmpty());
  client.settle();
  EXPECT_EQ(client.subacks.size(), 1U);
}

TEST_F(Promise, AcknowledgementWaitsForWhatLasts) {
  for (const auto quality : {qos::at_least_once, qos::exactly_once}) {
    player reader{*house, "reader" + std::to_string(static_cast<int>(quality))};
    reader.resume(60, 1);
    reader.settle();
    reader.subscribe("t/" + std::to_string(static_cast<int>(quality)), quality);
    reader.settle();
    player writer{*house, "writer"};
    writer.connect();
    writer.settle();
    writer.publish("t/" + std::to_string(static_cast<int>(quality)), "m", quality);
    play_without_keeper();
    writer.listen();
    EXPECT_THAT(writer.acks, IsEmpty());
    writer.settle();
    EXPECT_EQ(writer.acks.empty(), false);
    writer.leave();
    house->play();
  }
}

TEST_F(Promise, AcknowledgementWaitsForWhatIsRetained) {
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  writer.publish("t", "m", qos::at_least_once, true);
  play_without_keeper();
  writer.listen();
  EXPECT_THAT(writer.acks, IsEmpty());
  writer.settle();
  EXPECT_EQ(writer.acks.size(), 1U);
}

TEST_F(Promise, WhatNeedsNoStoringIsAcknowledgedAtOnce) {
  player reader{*house, "reader"};
  reader.connect();
  reader.settle();
  reader.subscribe("t", qos::at_least_once);
  reader.settle();
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  writer.publish("t", "m", qos::at_least_once);
  play_without_keeper();
  writer.listen();
  EXPECT_EQ(writer.acks.size(), 1U);
}

TEST_F(Promise, IsKeptThroughACrash) {
  {
    player reader{*house, "reader"};
    reader.resume(60);
    reader.settle();
    reader.subscribe("t/+", qos::exactly_once);
    reader.settle();
    reader.vanish();
    player writer{*house, "writer"};
    writer.connect();
    writer.settle();
    writer.publish("t/1", "first", qos::at_least_once);
    writer.publish("t/2", "second", qos::exactly_once, true);
    writer.settle();
  }
  crash();
  player reader{*house, "reader"};
  reader.resume(60);
  reader.settle();
  EXPECT_TRUE(reader.connack->session_present);
  EXPECT_THAT(reader.payloads(), ElementsAre("first", "second"));
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  writer.publish("t/3", "third", qos::at_least_once);
  writer.settle();
  EXPECT_THAT(reader.payloads(), ElementsAre("third"));
  player late{*house, "late"};
  late.connect();
  late.settle();
  late.subscribe("#", qos::at_least_once);
  EXPECT_THAT(late.payloads(), ElementsAre("second"));
}

/// The client has begun with an identifier: it must be the same afterwards.
TEST_F(Promise, WhatIsInFlightKeepsItsIdentifier) {
  player reader{*house, "reader"};
  reader.resume(60);
  reader.settle();
  reader.subscribe("t", qos::exactly_once);
  reader.settle();
  reader.acknowledges = false;
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  writer.publish("t", "m", qos::exactly_once);
  play_without_keeper();
  reader.listen();
  EXPECT_THAT(reader.inbox, IsEmpty()); // it is not sent before it lasts
  house->play();
  reader.listen();
  ASSERT_EQ(reader.inbox.size(), 1U);
  reader.inbox.clear();
  reader.break_off();
  crash();
  player again{*house, "reader"};
  again.acknowledges = false;
  again.resume(60);
  again.settle();
  ASSERT_EQ(again.inbox.size(), 1U);
  EXPECT_TRUE(again.inbox[0].dup);
}

TEST_F(Promise, AWillSurvivesItsNode) {
  {
    player heir{*house, "heir"};
    heir.resume(60);
    heir.settle();
    heir.subscribe("will", qos::at_least_once);
    heir.settle();
    player mortal{*house, "mortal"};
    protocol::will will;
    will.topic = "will";
    will.payload = "gone";
    will.qos = qos::at_least_once;
    mortal.connect_with().will = will;
    mortal.resume(60);
    mortal.settle();
  }
  crash();
  player heir{*house, "heir"};
  heir.resume(60);
  EXPECT_THAT(heir.payloads(), ElementsAre("gone"));
}

TEST_F(Promise, WhatAShareGroupHasSurvives) {
  {
    player member{*house, "member"};
    member.resume(60);
    member.settle();
    member.subscribe("$share/g/t", qos::exactly_once);
    member.settle();
    member.acknowledges = false;
    player writer{*house, "writer"};
    writer.connect();
    writer.settle();
    writer.publish("t", "begun", qos::exactly_once);
    writer.settle();
    member.listen();
    ASSERT_EQ(member.inbox.size(), 1U);
    member.break_off();
    house->play();
    writer.publish("t", "waits", qos::exactly_once);
    writer.settle();
    EXPECT_EQ(writer.acks.size(), 2U + 2U); // PUBREC and PUBCOMP each
  }
  crash();
  player other{*house, "other"};
  other.resume(60);
  other.settle();
  other.subscribe("$share/g/t", qos::exactly_once);
  EXPECT_THAT(other.payloads(), ElementsAre("waits"));
  player member{*house, "member"};
  member.resume(60);
  EXPECT_THAT(member.payloads(), ElementsAre("begun"));
  crash();
  player late{*house, "member"};
  late.resume(60);
  EXPECT_THAT(late.payloads(), IsEmpty());
}

/// Or else it would be acknowledged when it comes again, and nobody would have it.
TEST_F(Promise, APublicationIsNotKnownBeforeSomebodyHasIt) {
  player reader{*house, "reader"};
  reader.resume(60, 1);
  reader.settle();
  reader.subscribe("t", qos::exactly_once);
  reader.settle();
  player writer{*house, "writer"};
  writer.resume(60, 0);
  writer.settle();
  const auto id = writer.publish("t", "m", qos::exactly_once);
  house->node().units()[0]->step();
  house->node().units()[2]->step(); // the KEEPER
  writer.break_off();
  reader.break_off();
  crash();
  player again{*house, "writer"};
  again.resume(60);
  again.settle();
  again.publish("t", "m", qos::exactly_once, false, true, id);
  again.settle();
  player late{*house, "reader"};
  late.resume(60);
  EXPECT_THAT(late.payloads(), ElementsAre("m"));
}

TEST_F(Promise, AWillIsKeptUntilSomebodyHasIt) {
  player heir{*house, "heir"};
  heir.resume(60, 1);
  heir.settle();
  heir.subscribe("will", qos::at_least_once);
  heir.settle();
  player mortal{*house, "mortal"};
  protocol::will will;
  will.topic = "will";
  will.payload = "gone";
  will.qos = qos::at_least_once;
  mortal.connect_with().will = will;
  mortal.resume(60, 0);
  mortal.settle();
  mortal.vanish();
  house->node().units()[0]->step();
  house->node().units()[2]->step(); // the KEEPER
  heir.break_off();
  crash();
  player late{*house, "heir"};
  late.resume(60);
  EXPECT_THAT(late.payloads(), ElementsAre("gone"));
}

/// Also if the group has not heard of it.
TEST_F(Promise, WhatAMemberHasSettledComesToNobodyElse) {
  player member{*house, "member"};
  member.resume(60, 1);
  member.settle();
  member.subscribe("$share/g/t", qos::exactly_once);
  member.settle();
  member.acknowledges = false;
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  writer.publish("t", "m", qos::exactly_once);
  house->play();
  member.acknowledges = true;
  for (int i = 0; i < 3; ++i) {
    member.listen();
    house->node().units()[1]->step(); // not the group's
    house->node().units()[2]->step(); // the KEEPER
    house->node().units()[1]->step();
  }
  ASSERT_EQ(member.inbox.size(), 1U);
  ASSERT_EQ(member.unreleased(), 0U);
  member.break_off();
  writer.break_off();
  crash();
  player again{*house, "member"};
  again.resume(60);
  EXPECT_THAT(again.payloads(), IsEmpty());
}

/// What waits in its queue is the group's still, what it has begun with is its own.
TEST_F(Promise, WhatAMemberBeginsWithAfterItHasLeftComesToNobodyElse) {
  player other{*house, "other"};
  player member{*house, "member"};
  member.connect_with().receive_maximum = 1;
  member.connect_with().receive_maximum_given = true;
  for (auto* one : {&other, &member}) {
    one->resume(60);
    one->settle();
    one->subscribe("$share/g/t", qos::exactly_once);
    one->settle();
  }
  other.vanish();
  house->play();
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  writer.publish("t", "first", qos::exactly_once);
  writer.publish("t", "second", qos::exactly_once);
  house->play();
  member.unsubscribe("$share/g/t");
  for (int i = 0; i < 3; ++i) { // PUBREC, PUBCOMP; the PUBREC of the second one is not read
    house->play();
    member.listen();
  }
  EXPECT_EQ(member.inbox.size(), 2U);
  member.break_off();
  writer.break_off();
  crash();
  player late{*house, "other"};
  late.resume(60);
  EXPECT_THAT(late.payloads(), IsEmpty());
  player again{*house, "member"};
  again.resume(60);
  EXPECT_THAT(again.payloads(), ElementsAre("second"));
}

/// Its SHARE GROUP, on another unit, has not heard of the end.
TEST_F(Promise, WhatEndedWithAMembersSessionComesToNobodyElse) {
  player other{*house, "other"};
  player member{*house, "member"};
  for (auto* one : {&other, &member}) {
    one->resume(60, 1);
    one->settle();
    one->subscribe("$share/g/t", qos::exactly_once);
    one->settle();
  }
  other.vanish();
  house->play();
  member.acknowledges = false;
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  writer.publish("t", "m", qos::exactly_once);
  writer.settle();
  member.listen();
  ASSERT_EQ(member.inbox.size(), 1U);
  protocol::disconnect last;
  last.session_expiry_interval = 0;
  member.leave(last);
  house->node().units()[1]->step();
  house->node().units()[2]->step(); // the KEEPER
  writer.break_off();
  crash();
  player late{*house, "other"};
  late.resume(60);
  EXPECT_THAT(late.payloads(), IsEmpty());
}

/// Also if the member's session does not outlive the node: as if it had ended before.
TEST_F(Promise, WhatAPassingMemberHasBegunWithComesToNobodyElse) {
  player other{*house, "other"};
  other.resume(60);
  other.settle();
  other.subscribe("$share/g/t", qos::exactly_once);
  other.settle();
  other.vanish();
  player member{*house, "member"};
  member.connect();
  member.settle();
  member.subscribe("$share/g/t", qos::exactly_once);
  member.settle();
  member.acknowledges = false;
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  writer.publish("t", "m", qos::exactly_once);
  play_without_keeper();
  member.listen();
  EXPECT_THAT(member.inbox, IsEmpty()); // or else it could come to the other one too
  house->play();
  member.listen();
  ASSERT_EQ(member.inbox.size(), 1U);
  member.break_off();
  writer.break_off();
  crash();
  player late{*house, "other"};
  late.resume(60);
  EXPECT_THAT(late.payloads(), IsEmpty());
}

TEST_F(Promise, ConnackOfACleanStartWaitsUntilTheOldSessionIsForgotten) {
  player client{*house, "client", protocol::version::mqtt_3_1_1};
  client.resume(60);
  client.settle();
  client.subscribe("t", qos::at_least_once);
  client.settle();
  client.vanish();
  house->play();
  client.connect_with().clean_start = true;
  client.connect();
  play_without_keeper();
  client.listen();
  EXPECT_FALSE(client.connack);
  client.settle();
  EXPECT_TRUE(client.connack);
  client.break_off();
  crash();
  player again{*house, "client", protocol::version::mqtt_3_1_1};
  again.resume(60);
  again.settle();
  EXPECT_FALSE(again.connack->session_present);
}

TEST_F(Promise, OnlySessionsThatShallLastAreThereAgain) {
  {
    player client{*house, "client"};
    client.connect();
    client.settle();
    client.subscribe("t", qos::at_least_once);
    client.settle();
  }
  crash();
  EXPECT_EQ(house->company().subscriptions(), 0U);
}

TEST_F(Promise, AStoreThatFailsAcknowledgesNothingAndLosesNothing) {
  player reader{*house, "reader"};
  reader.resume(60);
  reader.settle();
  reader.subscribe("t", qos::at_least_once);
  reader.settle();
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  medium.fails = true;
  writer.publish("t", "1", qos::at_least_once);
  writer.settle();
  EXPECT_THAT(writer.acks, IsEmpty());
  player other{*house, "other"}; // the node knows by now
  other.connect();
  other.settle();
  other.publish("t", "2", qos::at_least_once);
  other.settle();
  ASSERT_EQ(other.acks.size(), 1U);
  EXPECT_EQ(other.acks[0].code, protocol::reason_code::quota_exceeded);
  medium.fails = false;
  house->play_for(2s);
  writer.settle();
  ASSERT_EQ(writer.acks.size(), 1U);
  EXPECT_EQ(writer.acks[0].code, protocol::reason_code::success);
  writer.publish("t", "3", qos::at_least_once);
  writer.settle();
  EXPECT_EQ(writer.acks.size(), 2U);
  EXPECT_THAT(reader.payloads(), ElementsAre("1", "3"));
}

/// Nobody acknowledges them, and still they must not fill the memory.
TEST_F(Promise, WhatIsRetainedAtQosZeroIsReadNoFasterThanItIsStored) {
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  for (int i = 0; i < 1000; ++i)
    writer.publish("t/" + std::to_string(i), std::string(1000, 'x'), qos::at_most_once, true);
  play_without_keeper();
  EXPECT_GT(writer.ends().to_node.size(), 500'000U);
  house->play();
  EXPECT_EQ(writer.ends().to_node.size(), 0U);
}

TEST_F(Promise, WhoAsksForMoreThanMayWaitForTheStoreIsNotRead) {
  player client{*house, "client"};
  client.resume(60);
  client.settle();
  client.subscribe("t", qos::at_least_once); // its answer waits, and all that follows
  for (int i = 0; i < 100'000; ++i)
    client.acknowledge(protocol::ack_type::pubrel, static_cast<protocol::packet_id>(1 + i % 1000));
  play_without_keeper();
  EXPECT_GT(client.ends().to_node.size(), 0U);
  house->play();
  client.settle();
  EXPECT_EQ(client.ends().to_node.size(), 0U);
}

} // namespace callboard::actors
