#pragma once

#include <atomic>
#include <cstdint>

namespace callboard::actors {

/// What a node has found in its store when it started, how far it has come with it, and
/// what still sleeps there. The node, the REGISTRY and the KEEPER write it, any thread may
/// read it.
struct recovery {
  /// Not everything is where it belongs yet.
  std::atomic<bool> under_way = false;

  /// Found so far; once it is over, all that there was.
  std::atomic<std::uint64_t> sessions = 0;
  std::atomic<std::uint64_t> retained = 0;
  std::atomic<std::uint64_t> shares = 0; // messages of share groups

  /// From the beginning of the process to when its ports were open, and from when it began
  /// to read to when all was there; 0 before.
  std::atomic<std::uint64_t> ports_open_ms = 0;
  std::atomic<std::uint64_t> milliseconds = 0;

  /// Sessions that only the store has at this time, and their subscriptions.
  std::atomic<std::uint64_t> asleep = 0;
  std::atomic<std::uint64_t> asleep_subscriptions = 0;

  /// Those that somebody has called since.
  std::atomic<std::uint64_t> woken = 0;
};

} // namespace callboard::actors
