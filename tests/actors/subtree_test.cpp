#include "actors/subtree.hpp"

#include "tests/actors/player.hpp"
#include "tests/actors/stage.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;
using callboard::testing::extra;
using callboard::testing::player;
using callboard::testing::playhouse;
using protocol::qos;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SubtreeTest : public ::testing::Test {
protected:
  SubtreeTest() {
    reader.connect(0);
    writer.connect(1);
    reader.settle();
    writer.settle();
  }

  const subtree_role& owner_of(std::string_view topic) {
    return house.company().houses.front()->routes.now().subtree_of(topic);
  }

  void split(const std::string& prefix) {
    tell(house.company().broker, hot{owner_of(prefix), prefix});
    house.play();
  }

  void merge(const std::string& prefix) {
    tell(house.company().broker, cold{owner_of(prefix)});
    house.play();
  }

  void split_all() {
    for (const std::string prefix : {"a", "z"})
      split(prefix);
  }

  void merge_all() {
    for (const std::string prefix : {"a", "z"})
      merge(prefix);
  }

  void step(int times) {
    for (int i = 0; i < times; ++i)
      for (const auto& unit : house.node().units())
        unit->step();
  }

  playhouse house{2};
  player reader{house, "reader"};
  player writer{house, "writer"};
};

/// Each of them so often one turn of one mail for each actor.
void let_units_run(playhouse& house, int rounds) {
  for (int i = 0; i < rounds; ++i)
    for (const auto& unit : house.node().units())
      unit->step_once(1);
}

} // namespace

TEST_F(SubtreeTest, ASplitAndAMergeAreFollowedByAllUnits) {
  const auto before = owner_of("plant/7");
  const auto other = owner_of("other");
  split("plant");
  const auto after = owner_of("plant/7");
  EXPECT_NE(before, after);
  EXPECT_EQ(house.company().houses.back()->routes.now().subtree_of("plant/7"), after);
  EXPECT_EQ(owner_of("other"), other);
  merge("plant");
  EXPECT_EQ(owner_of("plant/7"), before);
  EXPECT_EQ(house.company().houses.back()->routes.now().subtree_of("plant/7"), before);
}

TEST_F(SubtreeTest, SubscriptionsFollowTheirTopics) {
  for (const auto* filter : {"plant/7", "plant/+", "#", "+/7"})
    reader.subscribe(filter);
  reader.settle();
  split("plant");
  writer.publish("plant/7", "split");
  writer.settle();
  EXPECT_THAT(reader.payloads(), ElementsAre("split"));
  reader.subscribe("plant/#", qos::at_least_once);
  reader.settle();
  writer.publish("plant/8", "new", qos::at_least_once);
  writer.settle();
  EXPECT_THAT(reader.payloads(), ElementsAre("new"));
  merge("plant");
  writer.publish("plant/7", "merged");
  writer.settle();
  EXPECT_THAT(reader.payloads(), ElementsAre("merged"));
}

TEST_F(SubtreeTest, AnUnsubscribeReachesWhatWasSplitOff) {
  reader.subscribe("plant/7");
  reader.subscribe("#");
  reader.settle();
  split("plant");
  reader.unsubscribe("plant/7");
  reader.unsubscribe("#");
  reader.settle();
  writer.publish("plant/7", "m");
  writer.settle();
  EXPECT_THAT(reader.payloads(), IsEmpty());
  merge("plant");
  writer.publish("plant/7", "m");
  writer.settle();
  EXPECT_THAT(reader.payloads(), IsEmpty());
}

TEST_F(SubtreeTest, OneThatWasMergedIsNotSplitAnyMore) {
  reader.subscribe("plant/#");
  reader.settle();
  split("plant");
  const auto gone = owner_of("plant");
  merge("plant");
  tell(house.company().broker, hot{gone, "plant/7"}); // said before it was merged
  house.play();
  writer.publish("plant/7/a", "m");
  writer.settle();
  EXPECT_THAT(reader.payloads(), ElementsAre("m"));
}

TEST_F(SubtreeTest, RetainedMessagesFollowTheirTopics) {
  writer.publish("plant/7", "a", qos::at_least_once, true);
  writer.publish("other", "b", qos::at_least_once, true);
  writer.settle();
  split("plant");
  writer.publish("plant/8", "c", qos::at_least_once, true);
  writer.settle();
  reader.subscribe("#", qos::at_least_once);
  EXPECT_THAT(reader.payloads(), ::testing::UnorderedElementsAre("a", "b", "c"));
  reader.unsubscribe("#");
  merge("plant");
  reader.subscribe("#", qos::at_least_once);
  EXPECT_THAT(reader.payloads(), ::testing::UnorderedElementsAre("a", "b", "c"));
}

TEST_F(SubtreeTest, AStoreThatGotNothingBackKeepsWhatComesAfterwards) {
  split("plant");
  merge("plant"); // with nothing retained
  writer.publish("plant/8", "c", qos::at_least_once, true);
  step(20); // not play(), which ends when nobody has anything left to say
  reader.subscribe("plant/8", qos::at_least_once);
  step(20);
  reader.listen();
  ASSERT_EQ(reader.inbox.size(), 1U);
  EXPECT_EQ(reader.inbox.front().payload, "c");
}

TEST_F(SubtreeTest, IsMadeWithoutTouchingTheUnitItWillLiveOn) {
  auto& its_unit = *house.node().units().back();
  const auto before = its_unit.random();
  tell(house.company().broker, hot{owner_of("plant"), "plant"});
  house.node().units().front()->step(); // the BROKER's
  EXPECT_TRUE(its_unit.random() == before);
}

/// With more units, the parent may live on another than the BROKER and the
/// child.
TEST_F(SubtreeTest, NothingIsOvertakenWhereTheOldWayIsSlow) {
  playhouse large{3};
  player from{large, "from"};
  player to{large, "to"};
  for (auto* each : {&from, &to}) {
    each->connect();
    each->settle();
  }
  const auto& units = large.node().units();
  for (const std::string prefix : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
    to.subscribe(prefix + "/#");
    to.settle();
    const auto parent = large.company().houses.front()->routes.now().subtree_of(prefix);
    tell(large.company().broker, hot{parent, prefix});
    large.play();
    const auto child = large.company().houses.front()->routes.now().subtree_of(prefix);
    ASSERT_NE(parent, child);
    tell(large.company().broker, cold{child});
    const auto publish_and_step = [&](const char* payload) {
      from.publish(prefix, payload);
      units[0]->step();
    };
    units[0]->step();
    units[2]->step(); // the fence, if there is one, before the parent has said
                      // anything
    units[0]->step();
    units[1]->step();
    publish_and_step("1");
    units[2]->step();
    publish_and_step("2");
    large.play();
    EXPECT_THAT(to.payloads(), ElementsAre("1", "2")) << prefix;
  }
}

TEST_F(SubtreeTest, WhatIsUnsubscribedInAMergeIsGone) {
  for (const std::string prefix : {"a", "b", "c", "d"}) {
    const auto parent = owner_of(prefix);
    split(prefix);
    int heard = 0;
    auto& home = *house.company().houses.front();
    subscribed_session ghost;
    ghost.session =
      session_role{spawn<extra<deliver>>(home.home, [&](const deliver&) { ++heard; }).actor()};
    ghost.session_number = 1000;
    ghost.options.maximum_qos = qos::at_least_once;
    tell(house.company().broker, cold{owner_of(prefix)});
    house.node().units().front()->step();
    tell(parent, subscribe_to{prefix + "/#", ghost, {}});
    house.node().units().back()->step(); // the child gives all back
    tell(parent, unsubscribe_from{prefix + "/#", ghost.key(), false, {}});
    house.play();
    writer.publish(prefix, "m", qos::at_least_once);
    house.play();
    EXPECT_EQ(heard, 0) << prefix;
  }
}

TEST_F(SubtreeTest, AReplayGoesOnWhereItsTopicsAre) {
  const std::string large(1000, 'x'); // so that the output is full for a while
  for (int i = 0; i < 400; ++i) {
    for (const std::string first : {"a", "b", "z"})
      writer.publish(first + "/" + std::to_string(i), large, qos::at_least_once, true);
    if (i % 100 == 0)
      writer.settle();
  }
  writer.settle();
  for (const auto quality : {qos::at_most_once, qos::at_least_once}) {
    for (const std::string filter : {"#", "+/+", "z/#", "a/+"}) {
      for (const bool merges : {false, true}) {
        for (const int steps : {0, 1, 2, 100}) {
          if (merges)
            split_all();
          player slow{house, "slow"};
          slow.connect();
          slow.settle();
          slow.ends().room = 1000;
          slow.subscribe(filter, quality);
          step(steps);
          if (merges)
            merge_all();
          else
            split_all();
          slow.ends().room = SIZE_MAX;
          slow.settle();
          EXPECT_EQ(
            slow.inbox.size(), filter.front() == '#' || filter.front() == '+' ? 1200U : 400U)
            << filter << (merges ? " merged" : " split") << " after " << steps;
          slow.leave();
          merge_all();
        }
      }
    }
  }
}

TEST_F(SubtreeTest, NothingIsLostOrOvertakenWhileItSplitsAndMerges) {
  reader.subscribe("plant/+", qos::exactly_once);
  reader.settle();
  constexpr int messages = 600;
  for (int i = 0; i < messages; ++i) {
    writer.publish("plant/7", std::to_string(i), qos::at_least_once);
    // In the middle of the stream, without waiting for anything to settle.
    if (i % 100 == 30)
      tell(house.company().broker, hot{owner_of("plant"), "plant"});
    if (i % 100 == 80)
      tell(house.company().broker, cold{owner_of("plant")});
    if (i % 7 == 0)
      house.node().units()[static_cast<std::size_t>(i) % 2]->step();
  }
  writer.settle();
  std::vector<std::string> wanted;
  for (int i = 0; i < messages; ++i)
    wanted.push_back(std::to_string(i));
  EXPECT_EQ(reader.payloads(), wanted);
  EXPECT_GT(house.company().houses[0]->counts.subtree_splits.value() +
              house.company().houses[1]->counts.subtree_splits.value(),
    0U);
}

/// Wherever the split meets the SUBSCRIBE and what follows from it.
TEST(Subtree, WhatIsRetainedComesThoughASplitComesBetween) {
  for (int rounds = 0; rounds < 12; ++rounds) {
    playhouse house{2};
    player reader{house, "reader"};
    reader.connect();
    reader.publish("plant/7", "m", qos::at_least_once, true);
    reader.settle();
    reader.subscribe("plant/#", qos::at_least_once);
    let_units_run(house, rounds);
    const auto owner = house.company().houses.front()->routes.now().subtree_of("plant");
    tell(house.company().broker, hot{owner, "plant"});
    EXPECT_THAT(reader.payloads(), ElementsAre("m")) << rounds;
  }
}

/// What reaches the parent while its child gives back is not applied before what
/// came earlier.
TEST(Subtree, AnUnsubscribeIsNotUndoneByAMerge) {
  for (const auto* prefix : {"plant", "house", "garden"}) {
    for (int rounds = 0; rounds < 16; ++rounds) {
      playhouse house{2};
      const auto& topics = house.company().houses.front()->routes;
      player reader{house, "reader"};
      reader.connect();
      reader.settle();
      tell(house.company().broker, hot{topics.now().subtree_of(prefix), prefix});
      house.play();
      tell(house.company().broker, cold{topics.now().subtree_of(prefix)});
      const auto filter = std::string{prefix} + "/+";
      reader.subscribe(filter, qos::at_least_once);
      house.node().units()[0]->step();
      for (int i = 0; i < rounds; ++i)
        house.node().units()[1]->step_once(1);
      reader.unsubscribe(filter);
      house.node().units()[0]->step();
      house.play();
      reader.publish(std::string{prefix} + "/7", "m");
      EXPECT_THAT(reader.payloads(), IsEmpty()) << filter << ' ' << rounds;
    }
  }
}

TEST_F(SubtreeTest, AHotTopicSplitsAndAColdOneMergesByItself) {
  settings rules;
  rules.subtree_split_rate = 100;
  rules.subtree_merge_rate = 10;
  playhouse busy{2, rules};
  player loud{busy, "loud"};
  loud.connect();
  loud.settle();
  const auto before = busy.company().houses.front()->routes.now().split_off().size();
  for (int i = 0; i < 300; ++i) {
    loud.publish("plant/7", "m");
    busy.play_for(5ms, 5ms);
  }
  EXPECT_EQ(before, 0U);
  EXPECT_EQ(busy.company().houses.front()->routes.now().split_off().size(), 1U);
  busy.play_for(30s, 1s);
  EXPECT_EQ(busy.company().houses.front()->routes.now().split_off().size(), 0U);
}

TEST_F(SubtreeTest, TheNodeKeepsNoMoreRetainedMessagesThanItMay) {
  for (const bool by_bytes : {false, true}) {
    settings rules;
    rules.retained_maximum_messages = by_bytes ? 0 : 5;
    rules.retained_maximum_bytes = by_bytes ? 5500 : 0;
    playhouse full{2, rules};
    player client{full, "client"};
    client.connect();
    client.settle();
    const auto publish = [&](int topic, std::size_t size) {
      client.publish(std::to_string(topic), std::string(size, 'x'), qos::at_least_once, true);
      client.settle();
    };
    for (int i = 0; i < 12; ++i) // of both units
      publish(i, 1000);
    client.subscribe("#", qos::at_least_once);
    EXPECT_EQ(client.payloads().size(), 5U) << by_bytes;
    std::uint64_t dropped = 0;
    for (const auto& each : full.company().houses)
      dropped += each->counts.dropped_retained_full.value();
    EXPECT_EQ(dropped, 7U) << by_bytes;
    client.unsubscribe("#");
    publish(0, 0);    // forgotten
    publish(11, 900); // so this has room
    publish(11, 901); // and this too, in its place
    client.settle();
    client.inbox.clear();
    client.subscribe("#", qos::at_least_once);
    EXPECT_THAT(client.payloads(), ::testing::Contains(std::string(901, 'x'))) << by_bytes;
  }
}

TEST_F(SubtreeTest, ReplaysManyRetainedMessagesInPieces) {
  for (int i = 0; i < 3000; ++i) {
    writer.publish("many/" + std::to_string(i), "m", qos::at_least_once, true);
    if (i % 500 == 0)
      writer.settle(); // within the receive maximum
  }
  writer.settle();
  reader.subscribe("many/#", qos::at_least_once);
  EXPECT_EQ(reader.payloads().size(), 3000U);
  player fast{house, "fast"};
  fast.connect();
  fast.settle();
  fast.subscribe("many/#");
  EXPECT_EQ(fast.payloads().size(), 3000U);
}

} // namespace callboard::actors
