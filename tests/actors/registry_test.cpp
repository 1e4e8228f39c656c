#include "actors/registry.hpp"

#include "tests/actors/player.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;
using callboard::testing::player;
using callboard::testing::playhouse;
using protocol::qos;
using protocol::reason_code;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::uint64_t sessions_alive(const playhouse& house) {
  std::uint64_t alive = 0;
  for (const auto* each : house.company().houses)
    alive += each->counts.sessions_created.value() - each->counts.sessions_ended.value();
  return alive;
}

} // namespace

TEST(Registry, NamesTheNamelessAndNoTwoAlike) {
  playhouse house{3};
  std::set<std::string> names;
  std::vector<std::unique_ptr<player>> nameless;
  for (std::size_t i = 0; i < 50; ++i) {
    nameless.push_back(std::make_unique<player>(house, ""));
    nameless.back()->connect(i % 3);
    nameless.back()->settle();
    ASSERT_TRUE(nameless.back()->connack);
    names.insert(nameless.back()->connack->assigned_client_identifier.value_or(""));
  }
  EXPECT_EQ(names.size(), 50U);
  EXPECT_FALSE(names.contains(""));
  EXPECT_EQ(sessions_alive(house), 50U);
}

TEST(Registry, AssignedNameLeadsToItsSession) {
  playhouse house;
  player nameless{house, ""};
  nameless.resume(60);
  nameless.settle();
  const auto name = nameless.connack->assigned_client_identifier.value_or("");
  nameless.vanish();
  house.play();
  player named{house, name};
  named.resume(60);
  named.settle();
  EXPECT_TRUE(named.connack->session_present);
}

TEST(Registry, LeadsToTheSameSessionFromEveryUnit) {
  playhouse house{3};
  for (std::size_t unit = 0; unit < 3; ++unit) {
    player same{house, "same"};
    same.resume(60, unit);
    same.settle();
    ASSERT_TRUE(same.connack);
    EXPECT_EQ(same.connack->session_present, unit > 0);
    same.vanish();
    house.play();
  }
  EXPECT_EQ(sessions_alive(house), 1U);
}

TEST(Registry, NewestOfThoseWhoComeAtOnceStaysAndTheOthersHearWhy) {
  for (const bool clean : {false, true}) {
    playhouse house{3};
    std::vector<std::unique_ptr<player>> crowd;
    for (std::size_t i = 0; i < 9; ++i) {
      crowd.push_back(std::make_unique<player>(house, "same"));
      if (clean)
        crowd.back()->connect(i % 3); // nothing is played in between
      else
        crowd.back()->resume(60, i % 3);
    }
    for (const auto& each : crowd)
      each->settle();
    int staying = 0;
    for (const auto& each : crowd) {
      ASSERT_TRUE(each->connack);
      if (each->connack->code == reason_code::unspecified_error)
        continue; // it was late
      EXPECT_EQ(each->connack->code, reason_code::success);
      if (each->disconnect)
        EXPECT_EQ(each->disconnect->code, reason_code::session_taken_over);
      else
        ++staying;
    }
    EXPECT_EQ(staying, 1);
    EXPECT_EQ(sessions_alive(house), 1U);
  }
}

TEST(Registry, CleanStartLeavesNothingOfTheOldSession) {
  playhouse house{2};
  player first{house, "same"};
  first.resume(60, 0);
  first.settle();
  first.subscribe("t", qos::at_least_once);
  first.settle();
  player second{house, "same"};
  second.connect(1);
  second.settle();
  first.settle();
  ASSERT_TRUE(first.disconnect);
  EXPECT_FALSE(second.connack->session_present);
  player writer{house, "writer"};
  writer.connect();
  writer.settle();
  writer.publish("t", "for nobody", qos::at_least_once);
  writer.settle();
  EXPECT_THAT(second.payloads(), IsEmpty());
  EXPECT_EQ(sessions_alive(house), 2U);
}

TEST(Registry, EndOfAnOldSessionDoesNotHideTheNewOne) {
  playhouse house{2};
  player first{house, "same"};
  first.resume(60, 0);
  first.settle();
  player second{house, "same"};
  second.connect_with().session_expiry_interval = 60;
  second.connect(1); // a clean start: the old session clears up beside it
  second.settle();
  first.settle();
  second.subscribe("t", qos::at_least_once);
  second.settle();
  second.vanish();
  house.play();
  player third{house, "same"};
  third.resume(60, 0);
  third.settle();
  EXPECT_TRUE(third.connack->session_present);
}

TEST(Registry, ForgetsClientsWhoseSessionIsOver) {
  playhouse house{2};
  for (int i = 0; i < 20; ++i) {
    player passing{house, "passing" + std::to_string(i)};
    passing.resume(10, static_cast<std::size_t>(i) % 2);
    passing.settle();
    passing.vanish();
  }
  house.play();
  EXPECT_EQ(sessions_alive(house), 20U);
  house.play_for(11s, 1s);
  EXPECT_EQ(sessions_alive(house), 0U);
}

TEST(Registry, SharesOfOneNameAndFilterAreOneGroupWhateverTheUnit) {
  playhouse house{3};
  std::vector<std::unique_ptr<player>> members;
  for (std::size_t i = 0; i < 3; ++i) {
    members.push_back(std::make_unique<player>(house, "member" + std::to_string(i)));
    members.back()->connect(i);
    members.back()->settle();
    members.back()->subscribe("$share/g/t", qos::at_least_once);
    members.back()->settle();
  }
  player writer{house, "writer"};
  writer.connect();
  writer.settle();
  for (int i = 0; i < 30; ++i)
    writer.publish("t", std::to_string(i), qos::at_least_once);
  writer.settle();
  std::multiset<std::string> heard;
  for (const auto& each : members) {
    const auto some = each->payloads();
    EXPECT_EQ(some.size(), 10U);
    heard.insert(some.begin(), some.end());
  }
  EXPECT_EQ(heard.size(), 30U);
  EXPECT_EQ(std::set<std::string>(heard.begin(), heard.end()).size(), 30U);
}

TEST(Registry, GroupThatEndedBeginsAnew) {
  playhouse house{2};
  player writer{house, "writer"};
  writer.connect();
  writer.settle();
  for (int round = 0; round < 3; ++round) {
    player member{house, "member"};
    member.connect(static_cast<std::size_t>(round) % 2);
    member.settle();
    member.subscribe("$share/g/t", qos::at_least_once);
    member.settle();
    writer.publish("t", std::to_string(round), qos::at_least_once);
    writer.settle();
    EXPECT_THAT(member.payloads(), ElementsAre(std::to_string(round)));
    member.leave();
    house.play();
  }
}

TEST(Registry, CurtainSendsClientsHomeAndLetsNobodyIn) {
  playhouse house{2};
  player guest{house, "watcher"};
  guest.resume(60, 0);
  guest.settle();
  player other{house, "other"};
  other.connect(1);
  other.settle();
  tell(house.company().registry, curtain{});
  house.play();
  for (auto* each : {&guest, &other}) {
    each->settle();
    ASSERT_TRUE(each->disconnect);
    EXPECT_EQ(each->disconnect->code, reason_code::server_shutting_down);
  }
  player late{house, "late"};
  late.connect();
  late.settle();
  EXPECT_FALSE(late.connack);
  house.play_for(2s);
  EXPECT_TRUE(late.was_closed());
}

} // namespace callboard::actors
