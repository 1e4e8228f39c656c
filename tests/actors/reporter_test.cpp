#include "actors/reporter.hpp"

#include "tests/actors/player.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;
using callboard::testing::player;
using callboard::testing::playhouse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ReporterTest : public ::testing::Test {
protected:
  ReporterTest() {
    listener.connect();
    listener.settle();
  }

  playhouse house{2};
  player listener{house, "listener"};
};

} // namespace

TEST_F(ReporterTest, SaysAtOnceAndThenInIntervalsWhatIsNew) {
  listener.subscribe("$SYS/broker/uptime");
  EXPECT_THAT(listener.payloads(), ElementsAre("0 seconds"));
  house.play_for(25s);
  EXPECT_THAT(listener.payloads(), ElementsAre("10 seconds", "20 seconds"));
}

TEST_F(ReporterTest, SaysOnlyWhatIsNew) {
  listener.subscribe("$SYS/broker/version");
  EXPECT_THAT(listener.payloads(), ElementsAre("callboard"));
  house.play_for(25s);
  EXPECT_THAT(listener.payloads(), IsEmpty());
}

TEST_F(ReporterTest, IsSilentAsSoonAsNobodyListens) {
  player other{house, "other"};
  other.connect(1);
  other.settle();
  listener.subscribe("$SYS/#");
  other.subscribe("$SYS/broker/uptime");
  other.settle();
  listener.settle();
  EXPECT_GT(house.company().retained(), 10U);
  listener.unsubscribe("$SYS/#");
  listener.settle();
  EXPECT_GT(house.company().retained(), 10U);
  other.leave(); // and its session with it
  house.play();
  EXPECT_EQ(house.company().retained(), 0U);
  const auto before = house.company().sum(&counters::messages_retained);
  house.play_for(60s);
  EXPECT_EQ(house.company().sum(&counters::messages_retained), before);
}

TEST_F(ReporterTest, CountsSubscriptionsThatThereAre) {
  listener.subscribe("a");
  listener.subscribe("a");
  listener.subscribe("$share/g/b");
  listener.settle();
  EXPECT_EQ(house.company().subscriptions(), 2U);
  listener.unsubscribe("a");
  listener.settle();
  EXPECT_EQ(house.company().subscriptions(), 1U);
  listener.vanish();
  house.play();
  EXPECT_EQ(house.company().subscriptions(), 0U);
}

TEST_F(ReporterTest, CountsClientsAndTheMostThatThereWere) {
  player other{house, "other"};
  other.resume(100);
  other.settle();
  EXPECT_EQ(house.company().clients.value(), 2U);
  other.vanish();
  house.play();
  EXPECT_EQ(house.company().clients.value(), 1U);
  EXPECT_EQ(house.company().clients.highest(), 2U);
  EXPECT_EQ(house.company().clients_away(), 1U);
  EXPECT_THAT(report_of(house.company()), HasSubstr("clients=1 clients_away=1 "));
  house.play_for(101s, 1s);
  EXPECT_EQ(house.company().clients_away(), 0U);
}

TEST_F(ReporterTest, CountsRetainedMessagesThatThereAre) {
  listener.publish("a", "1", {}, true);
  listener.publish("a", "2", {}, true);
  listener.publish("b", "1", {}, true, false, 0, 5);
  listener.settle();
  EXPECT_EQ(house.company().retained(), 2U);
  listener.publish("a", "", {}, true);
  listener.settle();
  EXPECT_EQ(house.company().retained(), 1U);
  house.play_for(10s, 1s);
  EXPECT_EQ(house.company().retained(), 0U);
}

} // namespace callboard::actors
