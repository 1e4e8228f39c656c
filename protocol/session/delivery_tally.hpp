#pragma once

#include "protocol/session/delivery.hpp"
#include "protocol/types.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace callboard::protocol {

/// How many deliveries there are, and what has to be known of them without looking at
/// each.
struct delivery_tally {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0; // of their messages
  std::uint64_t qos_0 = 0;
  std::uint64_t shared = 0;   // they came from share groups
  std::uint64_t fleeting = 0; // no store has them

  delivery_tally& operator+=(const delivery_tally& other) {
    count += other.count;
    bytes += other.bytes;
    qos_0 += other.qos_0;
    shared += other.shared;
    fleeting += other.fleeting;
    return *this;
  }

  /// Not below nothing, whatever a damaged store says.
  delivery_tally& operator-=(const delivery_tally& other) {
    count -= std::min(count, other.count);
    bytes -= std::min(bytes, other.bytes);
    qos_0 -= std::min(qos_0, other.qos_0);
    shared -= std::min(shared, other.shared);
    fleeting -= std::min(fleeting, other.fleeting);
    return *this;
  }

  friend bool operator==(const delivery_tally&, const delivery_tally&) = default;
};

/// Of one delivery, with a message of this size.
inline delivery_tally tally_of(const delivery& what, std::uint64_t size) {
  return {1, size, what.qos == qos::at_most_once ? 1U : 0U, what.share != 0 ? 1U : 0U,
    what.lasting ? 0U : 1U};
}

/// Of one delivery that has its message.
inline delivery_tally tally_of(const delivery& what) {
  return tally_of(what, what.message->size());
}

/// How much of a queue shall be in memory at once.
struct queue_portion {
  std::size_t messages = SIZE_MAX;
  std::uint64_t bytes = UINT64_MAX;

  /// Whether there is room for one more.
  bool has_room_behind(const delivery_tally& taken) const {
    return taken.count < messages && taken.bytes < bytes;
  }
};

} // namespace callboard::protocol
