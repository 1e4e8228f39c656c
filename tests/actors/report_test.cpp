#include "actors/reporter.hpp"

#include "tests/actors/player.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <map>
#include <sstream>
#include <string>

namespace callboard::actors {

namespace {

using callboard::testing::player;
using callboard::testing::playhouse;
using protocol::qos;

/// A report taken apart.
std::map<std::string, std::uint64_t> read(const std::string& line) {
  std::map<std::string, std::uint64_t> numbers;
  std::istringstream words{line};
  for (std::string word; words >> word;) {
    const auto sign = word.find('=');
    EXPECT_NE(sign, std::string::npos) << word;
    EXPECT_FALSE(numbers.contains(word.substr(0, sign))) << "twice: " << word;
    numbers[word.substr(0, sign)] = std::stoull(word.substr(sign + 1));
  }
  return numbers;
}

} // namespace

TEST(Reporter, TellsEveryCounter) {
  const playhouse house;
  // All counters of a unit lie in one struct and nothing else does; besides, there
  // are the clients that are connected and those that are away, and the messages and
  // bytes that wait for these.
  EXPECT_EQ(read(report_of(house.company())).size(), sizeof(counters) / sizeof(counter) + 4);
}

TEST(Reporter, AddsUpWhatTheUnitsCount) {
  playhouse house{3};
  std::uint64_t wanted = 0;
  for (auto* each : house.company().houses) {
    each->counts.errors.add(each->number + 1U);
    wanted += each->number + 1U;
  }
  EXPECT_EQ(read(report_of(house.company())).at("errors"), wanted);
}

TEST(Reporter, EachNumberIsThatOfItsName) {
  playhouse house{2};
  player talker{house, "talker"};
  talker.connect(0);
  talker.settle();
  player listener{house, "listener"};
  listener.connect(1);
  listener.settle();
  listener.subscribe("t", qos::at_least_once);
  listener.settle();
  for (int i = 0; i < 5; ++i)
    talker.publish("t", "m", qos::at_least_once, i == 0);
  talker.settle();
  EXPECT_EQ(listener.payloads().size(), 5U);
  listener.leave();
  house.play_for(std::chrono::seconds{2});
  const auto numbers = read(house.node().report());
  EXPECT_EQ(numbers.at("connections_opened"), 2U);
  EXPECT_EQ(numbers.at("connections_closed"), 1U);
  EXPECT_EQ(numbers.at("sessions_created"), 2U);
  EXPECT_EQ(numbers.at("sessions_ended"), 1U);
  EXPECT_EQ(numbers.at("messages_received"), 5U);
  EXPECT_EQ(numbers.at("messages_sent"), 5U);
  EXPECT_EQ(numbers.at("messages_retained"), 1U);
  EXPECT_EQ(numbers.at("subscriptions_made"), 1U);
  EXPECT_EQ(numbers.at("errors"), 0U);
  EXPECT_GT(numbers.at("bytes_received"), 0U);
  EXPECT_GT(numbers.at("bytes_sent"), 0U);
}

TEST(Reporter, HandsItsReportToWhoAsks) {
  playhouse house{2};
  auto& home = *house.company().houses.back();
  home.counts.errors.add(7);
  const auto role = spawn<reporter>(home.home, home);
  std::string told;
  tell(role, report_wanted{[&](const std::string& report) { told = report; }});
  EXPECT_EQ(told, "") << "not before its turn";
  house.play();
  EXPECT_EQ(told, report_of(house.company()));
  EXPECT_EQ(read(told).at("errors"), 7U);
  dismiss(role);
  house.play();
}

} // namespace callboard::actors
