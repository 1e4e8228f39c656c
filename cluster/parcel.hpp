#pragma once

#include "cluster/frame.hpp"
#include "protocol/types.hpp"

#include <cstdint>
#include <string>

namespace callboard::cluster {

/// Frames of one lane that travel together, numbered without gaps.
struct parcel {
  std::uint64_t first = 1;
  std::uint64_t count = 0;
  std::string frames;

  /// When it went the last time.
  protocol::time_point sent_at{};

  std::uint64_t last() const { return first + count - 1; }

  void add(const frame& what) {
    append(frames, what);
    ++count;
  }
};

} // namespace callboard::cluster
