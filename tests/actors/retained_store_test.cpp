#include "actors/retained_store.hpp"

#include "persistence/memory_store.hpp"
#include "tests/actors/playhouse.hpp"
#include "tests/actors/stage.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;
using callboard::testing::extra;
using callboard::testing::playhouse;
using ::testing::ElementsAre;

/// A RETAINED STORE alone, and what it says.
class RetainedStoreTest : public ::testing::Test {
protected:
  RetainedStoreTest() {
    home.company.keeper = keeper_role{spawn<extra<journal>>(home.home, [this](const auto& mail) {
      for (const auto& change : mail.changes.retained)
        journaled.push_back((change.message ? "+" : "-") + change.topic);
    }).actor()};
    asker = subtree_role{spawn<extra<replayed>>(home.home, [this](const replayed& mail) {
      answers.push_back(mail);
    }).actor()};
  }

  void keep(const std::string& topic, time_point expires = protocol::never) {
    tell(store,
      retain{{protocol::message::make({.expires_at = expires, .retain = true}, topic, {}, "m")},
        ++last_retain});
  }

  playhouse theatre{1, {}, 1, std::make_unique<persistence::memory_store>()};
  house& home = *theatre.company().houses.front();
  retained_store_role store = spawn<retained_store>(home.home, home);
  subtree_role asker;
  std::uint64_t last_retain = 0;
  std::vector<std::string> journaled;
  std::vector<replayed> answers;
};

} // namespace

TEST_F(RetainedStoreTest, WhatHasExpiredLeavesTheKeepersStoreToo) {
  keep("a", theatre.now() + 10s);
  keep("b", theatre.now() + 100s);
  theatre.play();
  theatre.play_for(20s, 1s);
  EXPECT_THAT(journaled, ElementsAre("+a", "+b", "-a"));
}

TEST_F(RetainedStoreTest, AnAnswerEndsWhereItBecomesDear) {
  for (int i = 0; i < 40'000; ++i)
    keep("t/" + std::to_string(100'000 + i) + (i % 4000 == 0 ? "/y" : "/x"));
  theatre.play();
  tell(store, replay{asker, 1, "t/+/y", {}, {}});
  theatre.play();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_FALSE(answers.front().cursor.done());
  std::size_t found = 0;
  while (!answers.back().cursor.done()) {
    found += answers.back().messages.size();
    tell(store, replay{asker, 1, "t/+/y", answers.back().cursor, {}});
    theatre.play();
  }
  found += answers.back().messages.size();
  EXPECT_EQ(found, 10U);
}

/// What the node's store had comes in portions, and something younger may be quicker.
TEST_F(RetainedStoreTest, WaitsForTheLastPortionAndKeepsWhatIsYounger) {
  const auto old = [](const std::string& topic, time_point expires = protocol::never) {
    return protocol::message::make({.expires_at = expires, .retain = true}, topic, {}, "old");
  };
  tell(store, expect_retained{});
  keep("t/1");
  tell(store, adopt_retained{{old("t/1"), old("t/2")}, true});
  tell(store, replay{asker, 1, "t/#", {}, {}});
  theatre.play();
  EXPECT_TRUE(answers.empty());
  keep("t/3");
  tell(store, adopt_retained{{old("t/3"), old("t/4", theatre.now())}, true});
  tell(store, adopt_retained{});
  theatre.play();
  ASSERT_EQ(answers.size(), 1U);
  std::vector<std::string> found;
  for (const auto& one : answers.front().messages)
    found.push_back(std::string{one->topic()}.append("=").append(one->payload()));
  EXPECT_THAT(found, ElementsAre("t/1=m", "t/2=old", "t/3=m"));
  EXPECT_THAT(journaled, ElementsAre("+t/1", "+t/3", "-t/4")); // it has expired
}

TEST_F(RetainedStoreTest, DoesNotAnswerEverybodyInOneTurn) {
  for (int i = 0; i < 1000; ++i)
    keep("t/" + std::to_string(i));
  theatre.play();
  // A ball that two actors throw each other: one throw a round.
  int rounds = 0;
  role<expire> left;
  role<expire> right;
  left = spawn<extra<expire>>(home.home, [&](const expire&) { tell(right, expire{}); });
  right = spawn<extra<expire>>(home.home, [&](const expire&) {
    if (answers.size() < 300 && ++rounds < 1000)
      tell(left, expire{});
  });
  for (int i = 0; i < 300; ++i)
    tell(store, replay{asker, 1, "t/#", {}, {}});
  tell(left, expire{});
  theatre.play();
  EXPECT_EQ(answers.size(), 300U);
  EXPECT_GE(rounds, 5);
}

} // namespace callboard::actors
