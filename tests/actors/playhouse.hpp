#pragma once

#include "actors/connection.hpp"
#include "actors/node.hpp"
#include "tests/actors/pipe.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace callboard::testing {

/// A whole node whose units move only when the test says so: no thread, no
/// socket, virtual time.
class playhouse {
public:
  explicit playhouse(std::uint32_t units = 1, actors::settings rules = {}, std::uint64_t seed = 1,
    std::unique_ptr<persistence::store> store = {})
      : rules_{std::move(rules)}, seed_{seed} {
    rules_.units = units;
    begin(std::move(store));
  }

  ~playhouse() { end(); }

  /// Sends everybody home, and gives those who say nothing the time to notice. There
  /// is no node until begin().
  void end() {
    ended_at_ = now();
    tell(company().registry, actors::curtain{});
    play();
    play_for(std::chrono::seconds{rules_.handshake_timeout + 10}, std::chrono::seconds{1});
    node_.reset();
  }

  /// How the next nodes begin: at which pace they read what the store has, and whether
  /// clients can come before they have.
  void begin_slowly(const actors::recovery_pace& pace) {
    pace_ = pace;
    begins_busy_ = true;
  }

  /// Another node, at the time at which end() was called.
  void begin(std::unique_ptr<persistence::store> store) {
    node_ = std::make_unique<actors::node>(rules_, seed_++, "callboard", std::move(store));
    if (ended_at_ > now())
      for (const auto& unit : node_->units())
        unit->advance(ended_at_ - unit->now());
    node_->restore([] {}, pace_);
    if (!begins_busy_)
      play();
  }

  playhouse(const playhouse&) = delete;
  playhouse& operator=(const playhouse&) = delete;

  actors::node& node() { return *node_; }
  const actors::company& company() const { return node_->company(); }

  /// Runs until nobody has anything left to say.
  void play() {
    std::size_t turns = 1;
    while (turns > 0) {
      turns = 0;
      for (const auto& unit : node_->units())
        turns += unit->step();
    }
  }

  /// The same, and lets time pass: in pieces, so that the units stay together.
  void play_for(actors::duration time, actors::duration piece = std::chrono::milliseconds{100}) {
    for (auto rest = time; rest > actors::duration::zero(); rest -= piece) {
      for (const auto& unit : node_->units())
        unit->advance(std::min(piece, rest));
      play();
    }
  }

  actors::time_point now() const { return node_->units().front()->now(); }

  /// A new connection on one of the units.
  std::shared_ptr<pipe_stream> connect(const std::shared_ptr<pipe>& ends, std::size_t unit = 0) {
    auto& home = *company().houses.at(unit);
    auto stream = std::make_shared<pipe_stream>(home.home.io(), ends);
    actors::spawn<actors::connection>(home.home, home, stream);
    return stream;
  }

private:
  actors::settings rules_;
  std::uint64_t seed_;
  actors::time_point ended_at_{};
  actors::recovery_pace pace_;
  bool begins_busy_ = false;
  std::unique_ptr<actors::node> node_;
};

} // namespace callboard::testing
