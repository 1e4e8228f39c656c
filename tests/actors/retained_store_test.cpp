#include "actors/retained_store.hpp"

#include "tests/actors/playhouse.hpp"
#include "tests/actors/stage.hpp"

#include <gmock/gmock.h>

#include <chrono>
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
    home.company.keeper = spawn<extra<journal>>(home.home, [this](const journal& mail) {
      for (const auto& change : mail.changes.retained)
        journaled.push_back((change.message ? "+" : "-") + change.topic);
    });
    asker = subtree_role{spawn<extra<replayed>>(home.home, [this](const replayed& mail) {
      answers.push_back(mail);
    }).actor()};
  }

  void keep(const std::string& topic, time_point expires = protocol::never) {
    tell(store,
      retain{{protocol::message::make({.expires_at = expires, .retain = true}, topic, {}, "m")},
        ++last_retain});
  }

  playhouse theatre;
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

} // namespace callboard::actors
