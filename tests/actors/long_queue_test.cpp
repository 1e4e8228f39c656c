#include "tests/actors/keeper_stage.hpp"
#include "tests/actors/player.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace callboard::actors {

namespace {

using callboard::testing::player;
using protocol::qos;

/// A node that keeps little of a queue in memory.
class LongQueue : public callboard::testing::keeper_stage {
protected:
  static constexpr std::uint32_t in_memory = 4;

  LongQueue() : keeper_stage{rules()} {
    absent = std::make_unique<player>(*house, "reader");
    auto& reader = *absent;
    reader.resume(60);
    reader.settle();
    reader.subscribe("t", qos::at_least_once);
    reader.settle();
    reader.vanish();
    house->play();
  }

  static settings rules() {
    settings all;
    all.queue_memory_messages = in_memory;
    return all;
  }

  /// "1", "2" and so on, to a session whose client is away or not.
  void publish(int first, int last) {
    player writer{*house, "writer"};
    writer.connect();
    writer.settle();
    for (; first <= last; ++first)
      writer.publish("t", std::to_string(first), qos::at_least_once);
    writer.settle();
  }

  static std::vector<std::string> numbers(int first, int last) {
    std::vector<std::string> all;
    for (; first <= last; ++first)
      all.push_back(std::to_string(first));
    return all;
  }

  std::unique_ptr<player> absent;
};

} // namespace

TEST_F(LongQueue, ComesInOrderWhenTheClientComes) {
  publish(1, 500);
  absent->resume(60);
  absent->settle();
  EXPECT_EQ(absent->payloads(), numbers(1, 500));
  EXPECT_GT(medium.readings, 1U);
}

TEST_F(LongQueue, IsReadAgainAfterACrash) {
  publish(1, 300);
  crash();
  publish(301, 400);
  player again{*house, "reader"};
  again.resume(60);
  again.settle();
  EXPECT_EQ(again.payloads(), numbers(1, 400));
}

TEST_F(LongQueue, GoesOnWhereAClientBrokeOff) {
  publish(1, 300);
  absent->acknowledges = false;
  absent->connect_with().receive_maximum = 10;
  absent->connect_with().receive_maximum_given = true;
  absent->resume(60);
  absent->settle();
  EXPECT_EQ(absent->payloads(), numbers(1, 10));
  absent->vanish();
  publish(301, 310);
  absent->acknowledges = true;
  absent->resume(60);
  absent->settle();
  EXPECT_EQ(absent->payloads(), numbers(1, 310));
}

/// Others write while the client takes what waits: it asks for one part after the other,
/// and what has come since lies in memory.
TEST_F(LongQueue, StaysInOrderWhileMoreComes) {
  publish(1, 300);
  absent->connect_with().receive_maximum = 3;
  absent->connect_with().receive_maximum_given = true;
  absent->resume(60);
  std::vector<std::string> all;
  for (int last = 300; last < 420; last += 20) {
    play_without_keeper();
    absent->listen();
    publish(last + 1, last + 20);
    for (auto& one : absent->payloads())
      all.push_back(std::move(one));
  }
  absent->settle();
  for (auto& one : absent->payloads())
    all.push_back(std::move(one));
  EXPECT_EQ(all, numbers(1, 420));
}

/// Others are served meanwhile, and the disk is not asked each time that they are.
TEST_F(LongQueue, ComesWhenTheDiskCanBeReadAgain) {
  using namespace std::chrono_literals;
  publish(1, 100);
  medium.cannot_read = true;
  absent->resume(60);
  absent->settle();
  publish(101, 120);
  const auto readings = medium.readings;
  publish(121, 140);
  publish(141, 160);
  EXPECT_EQ(medium.readings, readings);
  medium.cannot_read = false;
  house->play_for(2s);
  EXPECT_EQ(absent->payloads(), numbers(1, 160));
}

} // namespace callboard::actors
