#pragma once

#include "tests/durability/durable_node.hpp"
#include "tests/durability/mortal.hpp"
#include "tests/durability/publisher.hpp"
#include "tests/durability/subscriber.hpp"
#include "tests/durability/world.hpp"
#include "tests/simulation/chance.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace callboard::durability {

/// Clients whose sessions last, and a node that is killed and started again, from a
/// seed. All clients are played by one thread, in turns; when exactly a packet
/// arrives, and where in its work the node dies, no seed can say.
class crash_story {
public:
  struct plan {
    std::uint64_t rounds = 1;
    bool kills = true;                              // at the end of each round
    std::chrono::milliseconds time_to_rest{30'000}; // at most, with nothing coming
  };

  crash_story(std::uint64_t seed, std::vector<std::string> flags);

  /// Plays the rounds; then everybody comes to rest. Throws std::runtime_error if a
  /// node does not start.
  void play(const plan& how);

  /// All that was wrong.
  std::vector<std::string> faults() const;

  const testing::delivery_history& history() const { return world_.history; }
  std::uint64_t kills() const { return kills_; }

  /// Copies that came with DUP.
  std::uint64_t repeats() const { return world_.repeats; }

private:
  void cast_publishers();
  void cast_subscribers();
  void cast_group();
  void cast_mortals();
  void cast_late_subscriber();
  lasting_client::habits some_habits(const std::string& id);

  void round(bool kills);
  void end_node();
  void some_are_away(steady_time begin);
  void act_until(steady_time end);
  void turn();
  void kill_node();
  void start_node();
  void come_to_rest(std::chrono::milliseconds time);
  bool is_quiet(steady_time now) const;
  steady_time last_heard() const;
  void ask_what_is_retained();

  testing::chance any_;
  durable_node node_;
  world world_;
  std::uint64_t kills_ = 0;
  std::size_t late_ = 0; // subscribers that came later
  std::vector<std::unique_ptr<publisher>> publishers_;
  std::vector<std::unique_ptr<subscriber>> subscribers_;
  std::vector<std::unique_ptr<mortal>> mortals_;
  std::vector<lasting_client*> clients_; // all of them
};

} // namespace callboard::durability
