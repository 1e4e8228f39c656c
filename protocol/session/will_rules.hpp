#pragma once

#include "protocol/packets/disconnect.hpp"
#include "protocol/types.hpp"

#include <cstdint>

namespace callboard::protocol {

/// How a connection ended, as far as it matters for the session.
enum class departure : std::uint8_t {
  /// DISCONNECT with code 0x00.
  normal,
  /// DISCONNECT with another code (E46).
  with_will,
  /// Anything else: socket closed, keep alive, protocol error, taken over.
  lost,
};

/// How a client departs that sends this DISCONNECT.
departure departure_of(const disconnect& packet);

/// What becomes of a will.
struct will_fate {
  enum class what : std::uint8_t { forgotten, due_now, due_later };

  what is = what::forgotten;

  /// When it is due, if later.
  time_point at = never;

  friend bool operator==(const will_fate&, const will_fate&) = default;
};

/// When a connection ends: delay and expiry in seconds, whichever comes first
/// (MQTT5-3.1.2-8, MQTT5-3.14.4-3, E45, E46, E51). 3.x has no delay. A takeover
/// is a loss followed by a return.
will_fate will_on_departure(
  departure how, std::uint32_t delay_interval, std::uint32_t session_expiry, time_point now);

/// When the client is back while a will is due at `due`: resuming the session
/// cancels it (MQTT5-3.1.3-9), a clean start ends the session and so publishes
/// it (E52, E53). Never due_later.
will_fate will_on_return(bool clean_start, time_point due, time_point now);

} // namespace callboard::protocol
