#pragma once

#include "tests/actors/disk.hpp"
#include "tests/actors/playhouse.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/delivery_history.hpp"
#include "tests/simulation/mortal.hpp"
#include "tests/simulation/reader.hpp"
#include "tests/simulation/writer.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace callboard::testing {

/// What happens to one node and some hundred clients, all of it drawn from a
/// seed: publications of every QoS, retained or not, comings, goings, crashes and
/// takeovers, readers that take nothing for a while, wills, share groups whose
/// members come and go; while most of the traffic wanders from one part of the
/// topics to the next, so that subtrees split and merge.
///
/// A node that crashes has a store, whose disk takes nothing for a while now and
/// then. It loses what it has not committed, and its clients all that was on the way.
/// Noise is what may be lost, and must not disturb the rest.
class story {
public:
  enum class fate : std::uint8_t {
    lives,
    crashes,
    crashes_amid_noise // on topics whose messages are left in memory
  };

  explicit story(std::uint64_t seed, fate of_the_node = fate::lives);

  /// Plays it to the end, until all that is owed has been delivered.
  void play();

  /// What went wrong; empty if nothing did.
  std::vector<std::string> faults() const;

  // -- that it was worth it -----------------------------------------------------------

  std::uint64_t splits() const { return sum(&actors::counters::subtree_splits); }
  std::uint64_t merges() const { return sum(&actors::counters::subtree_merges); }
  std::uint64_t takeovers() const { return takeovers_; }
  std::uint64_t crashes() const { return crashes_; }
  std::uint64_t disk_failures() const { return disk_failures_; }
  const delivery_history& history() const { return history_; }

private:
  static actors::settings rules(fate of_the_node);

  // -- the cast -----------------------------------------------------------------------

  void cast_writers();
  void cast_readers();
  void cast_groups();
  void cast_mortals();
  reader::habits some_habits();
  std::string some_filter();

  // -- what happens -------------------------------------------------------------------

  void something_happens();
  void somebody_publishes();
  void noise_is_made();
  void something_is_retained();
  void a_writer_stumbles();
  void a_reader_stumbles(reader& one);
  void a_reader_changes_its_mind(reader& one);
  void a_member_does_something();
  void mortals_act();
  void units_move();
  void listen();

  // -- what befalls the node ----------------------------------------------------------

  void disk_acts();
  void mend_disk();
  bool can_crash() const { return fate_ != fate::lives; }
  bool crashes_now();
  void crash();
  void some_come_back();

  // -- the end ------------------------------------------------------------------------

  template <class Client>
  void come_if_away(const std::vector<std::unique_ptr<Client>>& all);
  void come_to_rest();
  void play_until_quiet(const std::function<void()>& listen);
  bool all_are_served() const;
  bool all_is_acknowledged() const;
  bool all_is_released() const;
  void ask_what_is_retained();
  void complain_unless(bool condition, const std::string& otherwise);
  using one_counter = actors::counter actors::counters::*;
  std::uint64_t sum(one_counter which) const;

  std::string some_topic(std::size_t number);
  std::size_t some_unit() { return any_.pick(units_); }

  chance any_;
  chance any_noise_;
  fate fate_;
  std::size_t units_;
  disk disk_;
  delivery_history history_;
  playhouse house_;
  player noise_{house_, "noise"};
  std::vector<std::unique_ptr<writer>> writers_;
  std::vector<std::unique_ptr<reader>> readers_;
  std::vector<std::unique_ptr<reader>> members_;
  std::vector<std::unique_ptr<mortal>> mortals_;
  std::size_t hot_area_ = 0;
  std::uint64_t takeovers_ = 0;
  std::uint64_t crashes_ = 0;
  std::uint64_t disk_failures_ = 0;
  bool disk_is_bad_ = false; // now and then
  actors::counters counted_; // by nodes that have crashed
  std::vector<std::string> complaints_;
};

} // namespace callboard::testing
