#include "actors/event.hpp"

#include "tests/actors/player.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;
using callboard::testing::player;
using callboard::testing::playhouse;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using kind = event::kind;

/// A playhouse whose events are written down.
class EventTest : public ::testing::Test {
protected:
  void watch(playhouse& any, log_level up_to) {
    any.node().watch(
      [this](const event& what) {
        told.emplace_back(what.what, std::string{what.name});
        numbers.push_back(what.number);
      },
      up_to);
  }

  std::vector<std::pair<kind, std::string>> told;
  std::vector<std::uint64_t> numbers;
};

} // namespace

TEST_F(EventTest, TellsWhoComesAndGoes) {
  playhouse house;
  watch(house, log_level::debug);
  player one{house, "one"};
  one.connect();
  one.settle();
  one.leave();
  house.play();
  EXPECT_THAT(told, ElementsAre(std::pair{kind::client_connected, std::string{"one"}},
                      std::pair{kind::client_left, std::string{"one"}}));
}

TEST_F(EventTest, TellsNothingAboveItsLevel) {
  playhouse house;
  watch(house, log_level::info);
  player one{house, "one"};
  one.connect();
  one.settle();
  one.vanish();
  house.play();
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(EventTest, TellsWhomTheGatekeeperRefuses) {
  settings rules;
  rules.client_id_maximum_length = 2;
  playhouse house{1, rules};
  watch(house, log_level::debug);
  player one{house, "one"};
  one.connect();
  one.settle();
  EXPECT_THAT(told, ElementsAre(std::pair{kind::client_refused, std::string{"one"}}));
}

TEST_F(EventTest, TellsHowTheTopicsAreDivided) {
  playhouse house{2};
  watch(house, log_level::info);
  const auto owner = [&] {
    return house.company().houses.front()->routes.now().subtree_of("plant/7");
  };
  tell(house.company().broker, hot{owner(), "plant"});
  house.play();
  tell(house.company().broker, cold{owner()});
  house.play();
  EXPECT_THAT(told, ElementsAre(std::pair{kind::subtree_split, std::string{"plant"}},
                      std::pair{kind::subtree_merged, std::string{"plant"}}));
}

TEST_F(EventTest, TellsTroubleAtMostOnceASecondAndNothingOnceItIsOver) {
  settings rules;
  rules.retained_maximum_messages = 1;
  playhouse house{1, rules};
  watch(house, log_level::warning);
  player one{house, "one"};
  one.connect();
  one.settle();
  for (int i = 0; i < 25; ++i) {
    one.publish("topic/" + std::to_string(i), "m", {}, true);
    house.play_for(100ms);
  }
  house.play_for(5s);
  EXPECT_EQ(numbers.front(), 1U);
  EXPECT_EQ(numbers.size(), 4U); // 2.4 seconds
  EXPECT_EQ(std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0}), 24U);
  one.publish("topic/late", "m", {}, true);
  house.play();
  EXPECT_EQ(numbers.back(), 1U);
}

} // namespace callboard::actors
