#include "actors/transient_topics.hpp"

#include "tests/actors/keeper_stage.hpp"
#include "tests/actors/player.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace callboard::actors {

namespace {

using callboard::testing::keeper_stage;
using callboard::testing::player;
using protocol::ack_type;
using protocol::qos;
using protocol::reason_code;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto qos_1 = qos::at_least_once;
constexpr auto qos_2 = qos::exactly_once;

settings with(durability node, std::vector<topic_durability> topics) {
  settings rules;
  rules.durability = node;
  rules.durability_for = std::move(topics);
  return rules;
}

/// A node on a disk, but for topics below `t/fast`.
class TopicDurability : public keeper_stage {
protected:
  TopicDurability() : keeper_stage{with(durability::disk, {{"t/fast/#", durability::memory}})} {}

  /// A session that outlives its connection, and is served before the test goes on.
  void arrive(player& who, std::string filter = {}, qos quality = qos_2) {
    who.resume(600);
    who.settle();
    if (filter.empty())
      return;
    who.subscribe(std::move(filter), quality);
    who.settle();
  }

  /// A session that waits with what comes for its client.
  void leave_behind(std::string name, std::string filter) {
    player reader{*house, std::move(name)};
    arrive(reader, std::move(filter));
    reader.vanish();
    house->play();
  }

  std::vector<std::string> what_waits_for(std::string name) {
    player reader{*house, std::move(name)};
    reader.resume(600);
    return reader.payloads();
  }

  std::vector<std::string> retained() {
    player late{*house, "late"};
    late.connect();
    late.settle();
    late.subscribe("#", qos_1);
    return late.payloads();
  }

  std::uint64_t commits() const { return house->company().commits; }
};

std::vector<reason_code> codes_of(const player& who) {
  std::vector<reason_code> codes;
  for (const auto& ack : who.acks)
    codes.push_back(ack.code);
  return codes;
}

} // namespace

TEST_F(TopicDurability, AtMemoryNoAcknowledgementWaitsForTheStore) {
  leave_behind("reader", "#");
  leave_behind("member", "$share/g/#");
  for (const bool lasting : {false, true}) {
    player writer{*house, "writer"};
    writer.resume(lasting ? 600 : 0);
    writer.settle();
    writer.publish("t/fast/1", "m", qos_1, true);
    writer.publish("t/fast/2", "m", qos_2, true);
    play_without_keeper();
    writer.listen(); // PUBREL
    play_without_keeper();
    writer.listen();
    EXPECT_EQ(writer.acks.size(), 3U);
    writer.leave();
    house->play();
  }
}

TEST_F(TopicDurability, AtMemoryNothingIsStored) {
  player reader{*house, "reader"};
  arrive(reader, "#", qos_1);
  leave_behind("away", "#");
  leave_behind("member", "$share/g/#");
  player writer{*house, "writer"};
  arrive(writer);
  const auto before = commits();
  for (const auto quality : {qos::at_most_once, qos_1, qos_2}) {
    writer.publish("t/fast/1", "m", quality, true);
    writer.settle();
    EXPECT_EQ(reader.payloads().size(), 1U);
  }
  EXPECT_EQ(commits(), before);
  writer.publish("t/slow/1", "m", qos_1);
  writer.settle();
  EXPECT_GT(commits(), before);
}

TEST_F(TopicDurability, AtMemoryWhatWaitsIsThereAsLongAsTheNode) {
  leave_behind("reader", "#");
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  for (const auto* topic : {"t/fast/1", "t/slow/1", "t/fast/2", "t/slow/2"})
    writer.publish(topic, topic, qos_2, true);
  writer.settle();
  EXPECT_THAT(
    what_waits_for("reader"), ElementsAre("t/fast/1", "t/slow/1", "t/fast/2", "t/slow/2"));
  EXPECT_EQ(retained().size(), 4U);
}

TEST_F(TopicDurability, AtMemoryNothingSurvivesAndTheRestDoesInOrder) {
  leave_behind("reader", "#");
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  for (const auto* topic : {"t/fast/1", "t/slow/1", "t/fast/2", "t/slow/2", "t/fast/3"})
    writer.publish(topic, topic, qos_2, true);
  writer.settle();
  writer.break_off();
  crash();
  EXPECT_THAT(what_waits_for("reader"), ElementsAre("t/slow/1", "t/slow/2"));
  EXPECT_THAT(retained(), ::testing::UnorderedElementsAre("t/slow/1", "t/slow/2"));
}

/// Those that were begun with, and those behind them.
TEST_F(TopicDurability, WhatIsLostTakesNothingElseWithIt) {
  player reader{*house, "reader"};
  arrive(reader, "#");
  reader.acknowledges = false;
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  for (const auto* topic : {"t/fast/1", "t/slow/1", "t/fast/2", "t/slow/2"})
    writer.publish(topic, topic, qos_1);
  writer.settle();
  EXPECT_EQ(reader.payloads().size(), 4U);
  reader.break_off();
  house->play();
  for (const auto* topic : {"t/slow/3", "t/fast/3", "t/slow/4"})
    writer.publish(topic, topic, qos_1);
  writer.settle();
  writer.break_off();
  crash();
  reader.acknowledges = true;
  reader.resume(600);
  EXPECT_THAT(reader.payloads(), ElementsAre("t/slow/1", "t/slow/2", "t/slow/3", "t/slow/4"));
}

/// The client still has in mind what it received: another message under the same
/// identifier would be taken for that.
TEST_F(TopicDurability, AnIdentifierThatTheClientHasBegunWithNamesNothingElse) {
  player reader{*house, "reader"};
  arrive(reader, "#");
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  writer.publish("t/fast/1", "fast", qos_2);
  house->play();
  reader.listen(); // it answers PUBREC, which is lost
  ASSERT_EQ(reader.unreleased(), 1U);
  reader.crash();
  writer.break_off();
  crash();
  reader.inbox.clear();
  reader.resume(600);
  reader.settle();
  ASSERT_TRUE(reader.connack->session_present);
  EXPECT_EQ(reader.unreleased(), 0U); // PUBREL has come
  writer.connect();
  writer.settle();
  for (const auto* payload : {"1", "2"})
    writer.publish("t/slow/1", payload, qos_2);
  writer.settle();
  EXPECT_THAT(reader.payloads(), ElementsAre("1", "2"));
}

TEST_F(TopicDurability, AtMemoryAShareGroupKeepsItsMessagesAsLongAsTheNode) {
  leave_behind("member", "$share/g/#");
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  for (const auto* topic : {"t/fast/1", "t/slow/1", "t/fast/2"})
    writer.publish(topic, topic, qos_2);
  writer.settle();
  EXPECT_THAT(what_waits_for("member"), ElementsAre("t/fast/1", "t/slow/1", "t/fast/2"));
  for (const auto* topic : {"t/fast/3", "t/slow/3", "t/fast/4"})
    writer.publish(topic, topic, qos_2);
  writer.settle();
  writer.break_off();
  crash();
  EXPECT_THAT(what_waits_for("member"), ElementsAre("t/slow/3"));
}

TEST_F(TopicDurability, AtMemoryQosTwoIsDeliveredOnceAsLongAsTheNode) {
  player reader{*house, "reader"};
  arrive(reader, "#", qos_1);
  player writer{*house, "writer"};
  arrive(writer);
  writer.acknowledges = false; // no PUBREL
  const auto id = writer.publish("t/fast/1", "m", qos_2);
  writer.settle();
  writer.publish("t/fast/1", "m", qos_2, false, true, id);
  writer.settle();
  EXPECT_THAT(reader.payloads(), ElementsAre("m"));
  writer.break_off();
  crash();
  reader.resume(600);
  reader.settle();
  writer.resume(600);
  writer.settle();
  writer.publish("t/fast/1", "m", qos_2, false, true, id); // nobody knows that there was one
  writer.settle();
  EXPECT_THAT(reader.payloads(), ElementsAre("m"));
}

/// PUBACKs leave in the order of the PUBLISHes (MQTT311-4.6.0-2), so what came behind
/// one that waits has to wait too.
TEST_F(TopicDurability, WhatWaitsForTheStoreHoldsNobodyUpThatCameBefore) {
  leave_behind("reader", "#");
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  writer.publish("t/fast/1", "m", qos_1);
  const auto slow = writer.publish("t/slow/1", "m", qos_1);
  writer.publish("t/fast/2", "m", qos_1);
  play_without_keeper();
  writer.listen();
  ASSERT_EQ(writer.acks.size(), 1U);
  EXPECT_LT(writer.acks[0].packet_id, slow);
  writer.settle();
  EXPECT_EQ(writer.acks.size(), 3U);
}

TEST_F(TopicDurability, AStoreThatFailsIsNoConcernOfTopicsAtMemory) {
  leave_behind("reader", "#");
  medium.fails = true;
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  writer.publish("t/slow/1", "m", qos_1);
  writer.settle();
  player other{*house, "other"}; // the node knows by now
  other.connect();
  other.settle();
  other.publish("t/fast/1", "m", qos_1);
  other.publish("t/slow/1", "m", qos_1);
  other.settle();
  EXPECT_THAT(codes_of(other), ElementsAre(reason_code::success, reason_code::quota_exceeded));
  medium.fails = false;
}

TEST_F(TopicDurability, TheFirstFilterThatMatchesDecides) {
  begin_with(with(durability::disk, {{"t/fast/but/safe", durability::os},
                                      {"t/fast/#", durability::memory}, {"#", durability::disk}}));
  leave_behind("reader", "#");
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  for (const auto* topic : {"t/fast/1", "t/fast/but/safe", "other"})
    writer.publish(topic, topic, qos_1);
  writer.settle();
  writer.break_off();
  crash();
  EXPECT_THAT(what_waits_for("reader"), ElementsAre("t/fast/but/safe", "other"));
}

TEST_F(TopicDurability, ANodeAtMemoryKeepsWhatAFilterAsksFor) {
  begin_with(with(durability::memory, {{"orders/#", durability::disk}}));
  leave_behind("reader", "#");
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  for (const auto* topic : {"fast", "orders/1"})
    writer.publish(topic, topic, qos_1, true);
  play_without_keeper();
  writer.listen();
  EXPECT_EQ(writer.acks.size(), 1U);
  writer.settle();
  EXPECT_EQ(writer.acks.size(), 2U);
  writer.break_off();
  crash();
  EXPECT_THAT(what_waits_for("reader"), ElementsAre("orders/1"));
  EXPECT_THAT(retained(), ElementsAre("orders/1"));
}

TEST_F(TopicDurability, TheStoreIsAsSafeAsTheSafestFilter) {
  const auto commit_with = [this](settings rules) {
    begin_with(std::move(rules));
    leave_behind("reader", "#");
    return medium.how;
  };
  const topic_durability safe{"orders/#", durability::disk};
  const topic_durability at_os{"orders/#", durability::os};
  EXPECT_EQ(commit_with(with(durability::os, {safe})), persistence::durability::disk);
  EXPECT_EQ(commit_with(with(durability::disk, {at_os})), persistence::durability::disk);
  EXPECT_EQ(commit_with(with(durability::memory, {at_os})), persistence::durability::os);
}

TEST_F(TopicDurability, ThereIsAStoreIfAnybodyAsksForOne) {
  EXPECT_FALSE(with(durability::memory, {}).keeps());
  EXPECT_FALSE(with(durability::memory, {{"#", durability::memory}}).keeps());
  EXPECT_TRUE(with(durability::memory, {{"a", durability::os}}).keeps());
  EXPECT_TRUE(with(durability::disk, {{"#", durability::memory}}).keeps());
  auto rules = with(durability::disk, {{"a", durability::disk}});
  rules.ephemeral = true;
  EXPECT_FALSE(rules.keeps());
}

/// Else the store would bring it back long after it was replaced.
TEST_F(TopicDurability, WhatWasRetainedBeforeItsTopicWentToMemoryComesBackOnce) {
  begin_with({});
  {
    player writer{*house, "writer"};
    writer.connect();
    writer.settle();
    writer.publish("t/fast/1", "old", qos_1, true);
    writer.settle();
  }
  begin_with(with(durability::disk, {{"t/fast/#", durability::memory}}));
  EXPECT_THAT(retained(), ElementsAre("old"));
  {
    player writer{*house, "writer"};
    writer.connect();
    writer.settle();
    writer.publish("t/fast/1", "new", qos_1, true);
    writer.settle();
  }
  EXPECT_THAT(retained(), ElementsAre("new"));
  crash();
  EXPECT_THAT(retained(), IsEmpty());
}

TEST_F(TopicDurability, WhatIsRetainedAtMemoryIsSentToSessionsAsSuch) {
  player writer{*house, "writer"};
  writer.connect();
  writer.settle();
  writer.publish("t/fast/1", "m", qos_1, true);
  writer.settle();
  player reader{*house, "reader"};
  arrive(reader);
  reader.acknowledges = false;
  reader.subscribe("t/fast/#", qos_1);
  EXPECT_THAT(reader.payloads(), ElementsAre("m"));
  reader.break_off();
  writer.break_off();
  crash();
  EXPECT_THAT(what_waits_for("reader"), IsEmpty());
}

} // namespace callboard::actors
