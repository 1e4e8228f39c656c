#pragma once

#include "tests/conformance/tcp_stream.hpp"
#include "tests/simulation/delivery_history.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace callboard::durability {

/// What all clients of a crash loop share.
struct world {
  conformance::endpoint broker;
  testing::delivery_history history;

  /// Counts the node's processes.
  std::uint32_t life = 0;

  /// False from a kill on, until the next process is started.
  bool node_lives = false;

  /// Share groups to which no member has a SUBACK yet.
  struct group {
    std::string filter;
    testing::delivery_history::moment asked = 0;
  };
  std::map<std::string, group> new_groups;

  /// A SUBACK says that somebody hears wills from now on.
  bool wills_are_heard = false;

  /// The last will that was heard, by its client.
  std::map<std::string, std::uint32_t> wills_heard;

  /// What was wrong besides what the history finds.
  std::vector<std::string> complaints;

  /// Packets that came with DUP.
  std::uint64_t repeats = 0;
};

constexpr std::uint32_t a_long_time = 1'000'000; // seconds

inline protocol::qos qos_of(unsigned number) {
  return static_cast<protocol::qos>(number);
}

} // namespace callboard::durability
