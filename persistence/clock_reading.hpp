#pragma once

#include "protocol/types.hpp"

#include <chrono>
#include <cstdint>
#include <limits>

namespace callboard::persistence {

/// Both clocks, read at the same moment by whoever owns a store. Ties deadlines,
/// which are steady times that mean nothing to the next process, to wall-clock
/// times, which do.
struct clock_reading {
  protocol::time_point steady;
  std::chrono::system_clock::time_point wall;

  /// Nanoseconds since 1970; what cannot be said is the first or last that can.
  std::int64_t to_wall(protocol::time_point at) const {
    return at == protocol::never ? last : add(count(at), difference());
  }

  protocol::time_point from_wall(std::int64_t at) const {
    return at == last ? protocol::never : time(add(at, -difference()));
  }

private:
  static constexpr auto first = std::numeric_limits<std::int64_t>::min();
  static constexpr auto last = std::numeric_limits<std::int64_t>::max();

  static std::int64_t count(protocol::time_point at) {
    return std::chrono::nanoseconds{at.time_since_epoch()}.count();
  }

  static protocol::time_point time(std::int64_t at) {
    return protocol::time_point{std::chrono::nanoseconds{at}};
  }

  static std::int64_t add(std::int64_t left, std::int64_t right) {
    if (right > 0 && left > last - right)
      return last;
    return right < 0 && left < first - right ? first : left + right;
  }

  std::int64_t difference() const {
    return std::chrono::nanoseconds{wall.time_since_epoch()}.count() - count(steady);
  }
};

} // namespace callboard::persistence
