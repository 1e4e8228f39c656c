#include "cluster/courier.hpp"

#include "tests/protocol/topics/random_topics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace callboard::cluster {

namespace {

using namespace std::chrono_literals;

constexpr courier_limits narrow{
  .credit = 600, .control_reserve = 200, .waiting = 400, .blob = 100, .largest_whole = 10'000};

/// Two nodes under links that break and starts that nobody expects, at random. Everything
/// carries its number, so each end can say what it should have been.
class storm {
public:
  explicit storm(std::uint32_t seed) : random_{seed} {
    start(0);
    start(1);
  }

  void step() {
    now_ += std::chrono::milliseconds{below(10)};
    switch (below(12)) {
    case 0:
      return below(20) == 0 ? start(below(2)) : cut();
    case 1:
    case 2:
      return link();
    case 3:
    case 4:
    case 5:
      return say(below(2));
    case 6:
      return finish(below(2));
    case 7:
      return put_on_the_wire(below(2));
    default:
      return bring(below(2));
    }
  }

  /// Without faults everything arrives.
  void settle() {
    for (int round = 0; round < 1'000; ++round) {
      if (!is_linked())
        link();
      for (const std::size_t side : {0, 1}) {
        put_on_the_wire(side);
        while (is_linked() && !wires_.at(side).empty())
          bring(side);
        while (!ends_.at(side).open.empty())
          finish(side);
      }
    }
    for (const std::size_t side : {0, 1}) {
      EXPECT_EQ(ends_.at(side).does.under_way(), 0U);
      EXPECT_EQ(ends_.at(side).does.waiting(), 0U);
      for (const auto on : {lane::control, lane::durable})
        EXPECT_EQ(ends_.at(side).said[on], ends_.at(1 - side).heard[on]);
    }
  }

private:
  struct end {
    explicit end(incarnation self) : does{self, narrow} {}

    courier does;
    std::vector<courier::ticket> open;
    each_lane<std::uint64_t> said;  // numbers, to the peer as it is
    each_lane<std::uint64_t> heard; // the last one from it
  };

  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  bool is_linked() const { return ends_[0].does.is_linked() && ends_[1].does.is_linked(); }

  void start(std::size_t side) {
    cut();
    const auto self = ++last_incarnation_;
    if (ends_.size() <= side)
      ends_.emplace_back(self);
    else
      ends_[side] = end{self};
  }

  void cut() {
    for (auto& one : ends_)
      one.does.on_link_lost();
    for (auto& wire : wires_)
      wire.clear();
  }

  /// Sometimes only one end hears of it.
  void link() {
    cut();
    const std::array hellos{ends_[0].does.make_hello(), ends_[1].does.make_hello()};
    const auto how_far = below(3);
    if (how_far != 0)
      greet(0, hellos[1]);
    if (how_far != 1)
      greet(1, hellos[0]);
  }

  void greet(std::size_t side, const hello& from) {
    auto& one = ends_[side];
    const auto before = one.does.peer();
    const auto fault = one.does.on_hello(*decode_hello(encode(from)));
    ASSERT_FALSE(fault) << fault->reason;
    if (one.does.peer() == before)
      return;
    one.heard = {};
    if (before != 0)
      one.said = {};
  }

  void say(std::size_t side) {
    auto& one = ends_[side];
    const auto on = all_lanes.at(below(lane_count));
    const std::string padding(below(10) == 0 ? below(900) : below(40), 'x');
    const auto number = one.said[on] + 1;
    if (on == lane::control && one.does.waiting() > 5'000)
      return;
    if (one.does.send(on, static_cast<std::uint8_t>(on), std::to_string(number) + padding))
      one.said[on] = number;
  }

  void put_on_the_wire(std::size_t side) {
    auto& one = ends_[side];
    while (auto next = one.does.next_blob(now_))
      wires_.at(side).push_back(std::move(*next));
    EXPECT_LE(one.does.under_way(), narrow.credit + narrow.control_reserve);
  }

  void bring(std::size_t side) {
    auto& wire = wires_.at(side);
    auto& to = ends_[1 - side];
    if (wire.empty() || !to.does.is_linked())
      return;
    const auto bytes = std::move(wire.front());
    wire.pop_front();
    const auto found = to.does.on_blob(bytes, now_);
    ASSERT_TRUE(found) << found.error().reason;
    for (const auto& item : found->items)
      hear(to, item);
    if (found->ticket.number != 0)
      to.open.push_back(found->ticket);
  }

  static void hear(end& to, const courier::item& item) {
    const auto on = static_cast<lane>(item.type);
    const auto number = std::stoull(std::string{item.body});
    if (on == lane::lossy)
      EXPECT_GT(number, to.heard[on]);
    else
      EXPECT_EQ(number, to.heard[on] + 1);
    to.heard[on] = number;
  }

  void finish(std::size_t side) {
    auto& one = ends_[side];
    if (one.open.empty())
      return;
    const auto at = one.open.begin() + below(static_cast<std::uint32_t>(one.open.size()));
    one.does.finish(*at);
    one.open.erase(at);
  }

  std::mt19937 random_;
  std::vector<end> ends_;
  std::array<std::deque<std::string>, 2> wires_;
  incarnation last_incarnation_ = 0;
  protocol::time_point now_{1h};
};

} // namespace

TEST(CourierStorm, BringsEverythingOnceWhateverHappensToLinks) {
  const auto first = static_cast<std::uint32_t>(protocol::test_seed());
  for (std::uint32_t seed = first; seed != first + 50 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    storm one{seed};
    for (int i = 0; i < 2'000 && !::testing::Test::HasFailure(); ++i)
      one.step();
    one.settle();
  }
}

} // namespace callboard::cluster
