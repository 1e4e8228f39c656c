#include "actors/share_group.hpp"

#include "tests/actors/player.hpp"
#include "tests/actors/stage.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace callboard::actors {

namespace {

using callboard::testing::extra;
using callboard::testing::player;
using callboard::testing::playhouse;
using protocol::qos;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Three members of one group and a publisher.
class group {
public:
  explicit group(share_strategy strategy, qos quality = qos::at_least_once)
      : house{2, with(strategy)} {
    writer.connect();
    writer.settle();
    for (int i = 0; i < 3; ++i) {
      members.push_back(std::make_unique<player>(house, "member" + std::to_string(i)));
      members.back()->resume(60, static_cast<std::size_t>(i) % 2);
      members.back()->settle();
      members.back()->subscribe("$share/g/t/#", quality);
      members.back()->settle();
    }
  }

  void publish(int count, std::string_view topic = "t", qos quality = qos::at_least_once) {
    for (int i = 0; i < count; ++i)
      writer.publish(topic, std::to_string(i), quality);
    writer.settle();
  }

  std::vector<std::size_t> counts() {
    std::vector<std::size_t> all;
    for (const auto& one : members)
      all.push_back(one->payloads().size());
    return all;
  }

  static settings with(share_strategy strategy) {
    settings rules;
    rules.share_strategy = strategy;
    return rules;
  }

  playhouse house;
  player writer{house, "writer"};
  std::vector<std::unique_ptr<player>> members;
};

/// A SHARE GROUP alone with two members that are no more than ears.
class two_ears {
public:
  explicit two_ears(const settings& rules) : house{1, rules} {
    for (std::uint64_t key : {1, 2}) {
      subscribed_session who;
      who.session =
        session_role{spawn<extra<deliver_share>>(home.home, [this, key](const auto& mail) {
          for (const auto& delivery : mail.deliveries) {
            heard[key].emplace_back(delivery.message->payload());
            tokens[key].push_back(delivery.share);
          }
        }).actor()};
      who.session_number = key;
      who.connected = true;
      who.options.maximum_qos = qos::at_least_once;
      tell(troupe, join_group{"g", "t", who, {}});
      members[key] = who;
    }
    house.play();
  }

  void distribute(int count, std::size_t size = 0) {
    auto batch = std::make_shared<packet_batch>();
    std::vector<std::uint32_t> which;
    for (int i = 0; i < count; ++i) {
      protocol::publication publication;
      publication.topic = "t";
      publication.payload = payloads.emplace_back(std::to_string(i) + std::string(size, 'x'));
      publication.qos = qos::at_least_once;
      which.push_back(static_cast<std::uint32_t>(batch->packets.size()));
      batch->packets.emplace_back(publication);
    }
    tell(troupe, actors::distribute{batch, which, 7});
  }

  std::uint64_t dropped() const { return home.counts.dropped_queue_full.value(); }

  std::deque<std::string> payloads;
  playhouse house;
  actors::house& home = *house.company().houses.front();
  share_group_role troupe = spawn<share_group>(home.home, home, "g", "t");
  std::map<std::uint64_t, subscribed_session> members;
  std::map<std::uint64_t, std::vector<std::string>> heard;
  std::map<std::uint64_t, std::vector<protocol::share_token>> tokens;
};

} // namespace

TEST(ShareGroup, RoundRobinGivesEachTheSame) {
  group any{share_strategy::round_robin};
  any.publish(30);
  EXPECT_THAT(any.counts(), ElementsAre(10U, 10U, 10U));
  group unsure{share_strategy::round_robin, qos::at_most_once};
  unsure.publish(30, "t", qos::at_most_once);
  EXPECT_THAT(unsure.counts(), ElementsAre(10U, 10U, 10U));
}

TEST(ShareGroup, LocalIsRoundRobinOnOneNode) {
  group any{share_strategy::local};
  any.publish(30);
  EXPECT_THAT(any.counts(), ElementsAre(10U, 10U, 10U));
}

TEST(ShareGroup, StickyStaysWithOneUntilItLeaves) {
  group any{share_strategy::sticky};
  any.publish(10);
  EXPECT_THAT(any.counts(), ElementsAre(10U, 0U, 0U));
  any.members[0]->leave();
  any.publish(10);
  EXPECT_THAT(any.counts(), ElementsAre(0U, 10U, 0U));
}

TEST(ShareGroup, HashOfTopicKeepsTopicsTogether) {
  group any{share_strategy::hash_topic};
  for (int topic = 0; topic < 20; ++topic) {
    any.publish(5, "t/" + std::to_string(topic));
    for (const auto count : any.counts())
      EXPECT_TRUE(count == 0 || count == 5) << count;
  }
}

TEST(ShareGroup, HashOfClientIdKeepsPublishersTogether) {
  group any{share_strategy::hash_client_id};
  for (int topic = 0; topic < 5; ++topic)
    any.publish(3, "t/" + std::to_string(topic));
  EXPECT_THAT(any.counts(), ::testing::Contains(15U));
}

TEST(ShareGroup, HashOfClientIdKeepsAPublisherThatComesAgain) {
  group any{share_strategy::hash_client_id};
  std::set<std::size_t> chosen;
  for (int number = 0; number < 12; ++number) {
    player publisher{any.house, "publisher" + std::to_string(number)};
    std::set<std::size_t> of_this_one;
    for (int time = 0; time < 3; ++time) {
      publisher.connect();
      publisher.settle();
      publisher.publish("t", "m", qos::at_least_once);
      publisher.settle();
      publisher.leave();
      any.house.play();
      const auto counts = any.counts();
      EXPECT_THAT(counts, ::testing::UnorderedElementsAre(1U, 0U, 0U));
      of_this_one.insert(
        static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin()));
    }
    EXPECT_EQ(of_this_one.size(), 1U) << number;
    chosen.insert(of_this_one.begin(), of_this_one.end());
  }
  EXPECT_EQ(chosen.size(), 3U); // not all publishers with one
}

TEST(ShareGroup, MayHaveAStrategyOfItsOwn) {
  auto rules = group::with(share_strategy::round_robin);
  rules.share_strategies["own"] = share_strategy::sticky;
  playhouse house{2, rules};
  player writer{house, "writer"};
  writer.connect();
  writer.settle();
  std::vector<std::unique_ptr<player>> members;
  for (const std::string share : {"own", "own", "other", "other"}) {
    members.push_back(std::make_unique<player>(house, "member" + std::to_string(members.size())));
    members.back()->connect();
    members.back()->settle();
    members.back()->subscribe("$share/" + share + "/t", qos::at_least_once);
    members.back()->settle();
  }
  for (int i = 0; i < 10; ++i)
    writer.publish("t", "m", qos::at_least_once);
  writer.settle();
  std::vector<std::size_t> counts;
  for (const auto& one : members)
    counts.push_back(one->payloads().size());
  EXPECT_THAT(counts, ElementsAre(10U, 0U, 5U, 5U));
}

TEST(ShareGroup, RandomReachesEverybody) {
  group any{share_strategy::random};
  any.publish(100);
  std::size_t sum = 0;
  for (const auto count : any.counts()) {
    EXPECT_GT(count, 0U);
    sum += count;
  }
  EXPECT_EQ(sum, 100U);
}

TEST(ShareGroup, FewestInFlightSparesTheSlow) {
  group any{share_strategy::fewest_in_flight};
  any.members[0]->acknowledges = false;
  for (int i = 0; i < 30; ++i) {
    any.publish(1);
    for (const auto& one : any.members)
      one->settle();
  }
  const auto counts = any.counts();
  EXPECT_EQ(counts[0], 1U);
  EXPECT_EQ(counts[1] + counts[2], 29U);
}

TEST(ShareGroup, WhatAMemberHasNotAcknowledgedGoesToAnotherWhenItGoes) {
  group any{share_strategy::sticky};
  any.members[0]->acknowledges = false;
  any.publish(5);
  EXPECT_THAT(any.counts(), ElementsAre(5U, 0U, 0U));
  any.members[0]->vanish();
  any.house.play();
  EXPECT_THAT(any.members[1]->payloads(), ElementsAre("0", "1", "2", "3", "4"));
}

TEST(ShareGroup, WhatAMemberWouldGetAtTheEndOfTheTurnGoesToAnotherIfItLeaves) {
  two_ears any{group::with(share_strategy::round_robin)};
  any.distribute(6);
  tell(any.troupe, leave_group{"g", "t", 1, {}, false});
  any.house.play();
  EXPECT_THAT(any.heard[1], IsEmpty());
  EXPECT_THAT(any.heard[2], ElementsAre("1", "3", "5", "0", "2", "4"));
}

TEST(ShareGroup, WhatASessionGotAfterItsEndGoesToAnother) {
  two_ears any{group::with(share_strategy::sticky)};
  any.distribute(2);
  any.house.play();
  share_settled back{1, {}};
  for (const auto token : any.tokens[1])
    back.reports.push_back({token, protocol::share_outcome::returned});
  tell(any.troupe,
    back); // and the same one gets them, which hears nothing any more
  any.house.play();
  tell(any.troupe, leave_group{"g", "t", 1, {}, true});
  any.house.play();
  EXPECT_THAT(any.heard[2], ElementsAre("0", "1"));
}

TEST(ShareGroup, WhatASessionGotBetweenItsLeavingAndItsEndGoesToAnother) {
  two_ears any{group::with(share_strategy::sticky)};
  any.distribute(2);
  any.house.play(); // sent, but say that the session will not read it
  tell(any.troupe, leave_group{"g", "t", 1, {}, false});
  any.house.play();
  EXPECT_THAT(any.heard[2], IsEmpty());
  tell(any.troupe, leave_group{"g", "t", 1, {}, true});
  any.house.play();
  EXPECT_THAT(any.heard[2], ElementsAre("0", "1"));
}

TEST(ShareGroup, ASessionThatEndsLeavesNothingBehind) {
  group any{share_strategy::sticky};
  any.members[0]->acknowledges = false;
  any.publish(5);
  EXPECT_THAT(any.counts(), ElementsAre(5U, 0U, 0U));
  protocol::disconnect last;
  last.session_expiry_interval = 0;
  any.members[0]->leave(last);
  any.house.play();
  EXPECT_THAT(any.members[1]->payloads(), ElementsAre("0", "1", "2", "3", "4"));
}

TEST(ShareGroup, KnowsWhatAMemberStillHasWhenItJoinsAgain) {
  group any{share_strategy::sticky};
  auto& member = *any.members[0];
  member.acknowledges = false;
  any.publish(2);
  member.settle();
  member.unsubscribe("$share/g/t/#");
  member.settle();
  member.subscribe("$share/g/t/#", qos::at_least_once);
  member.settle();
  for (const auto id : {protocol::packet_id{1}, protocol::packet_id{2}})
    member.acknowledge(protocol::ack_type::puback, id);
  member.acknowledges = true;
  any.members[1]->leave();
  any.members[2]->leave();
  member.settle();
  member.inbox.clear();
  any.publish(1);
  EXPECT_THAT(member.payloads(), ElementsAre("0"));
}

TEST(ShareGroup, KeepsMessagesWhileAllAreAway) {
  group any{share_strategy::round_robin};
  for (const auto& one : any.members)
    one->vanish();
  any.house.play();
  any.publish(3);
  any.members[1]->resume(60);
  EXPECT_THAT(any.members[1]->payloads(), ElementsAre("0", "1", "2"));
}

TEST(ShareGroup, WhatWaitsHasALimitInBytesToo) {
  auto rules = group::with(share_strategy::sticky);
  rules.share_queue_maximum_bytes = 10'500;
  two_ears any{rules};
  any.distribute(20, 1000);
  any.house.play();
  ASSERT_EQ(any.heard[1].size(), 20U); // and does not acknowledge them
  tell(any.troupe, leave_group{"g", "t", 2, {}, true});
  subscribed_session away;
  away.session_number = 1;
  tell(any.troupe, join_group{"g", "t", away, {}});
  any.distribute(4, 1000);
  any.house.play();
  EXPECT_EQ(any.dropped(), 0U);
  share_settled back{1, {}};
  for (const auto token : any.tokens[1])
    back.reports.push_back({token, protocol::share_outcome::returned});
  tell(any.troupe, back);
  any.house.play();
  EXPECT_EQ(any.dropped(), 14U);
  any.distribute(3, 1000);
  any.house.play();
  EXPECT_EQ(any.dropped(), 17U);
}

TEST(ShareGroup, GivesNothingToWhoHasGivenBackBeforeTheRegistrySaysWhy) {
  playhouse house{2};
  player writer{house, "writer"};
  player first{house, "first"};
  player member{house, "member"};
  for (auto* one : {&writer, &first, &member}) {
    one->connect(1);
    one->settle();
  }
  first.subscribe("$share/a/x"); // this group lives on unit 0, the next one on 1
  first.settle();
  member.subscribe("$share/b/t", qos::at_least_once);
  member.settle();
  member.acknowledges = false;
  writer.publish("t", "m", qos::at_least_once);
  writer.settle();
  member.vanish();
  // The REGISTRY, on unit 0, reads nothing meanwhile.
  std::size_t rounds = 0;
  while (house.node().units()[1]->step_once(100) > 0 && rounds < 100)
    ++rounds;
  EXPECT_LT(rounds, 100U);
}

TEST(ShareGroup, GivesToWhoIsBackThoughWhatItHadComesBackLater) {
  two_ears any{group::with(share_strategy::sticky)};
  tell(any.troupe, leave_group{"g", "t", 2, {}, true});
  any.distribute(2);
  any.house.play();
  tell(any.troupe, join_group{"g", "t", any.members.at(1), {}}); // taken over
  share_settled back{1, {}};
  for (const auto token : any.tokens[1])
    back.reports.push_back({token, protocol::share_outcome::returned});
  tell(any.troupe, back);
  any.house.play();
  EXPECT_THAT(any.heard[1], ElementsAre("0", "1", "0", "1"));
}

TEST(ShareGroup, EndsWithItsLastMemberAndMayComeAgain) {
  group any{share_strategy::round_robin};
  for (const auto& one : any.members) {
    one->unsubscribe("$share/g/t/#");
    one->settle();
  }
  any.publish(3);
  EXPECT_THAT(any.counts(), ElementsAre(0U, 0U, 0U));
  any.members[0]->subscribe("$share/g/t/#", qos::at_least_once);
  any.members[0]->settle();
  any.publish(3);
  EXPECT_THAT(any.counts(), ElementsAre(3U, 0U, 0U));
}

} // namespace callboard::actors
