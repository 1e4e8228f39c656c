#pragma once

#include "protocol/session/queue_shares.hpp"
#include "protocol/types.hpp"

#include <cstdint>

namespace callboard::protocol {

/// What a full queue does with the next message.
enum class when_full : std::uint8_t {
  /// Does not take it.
  drop_newest,
  /// Makes room by dropping from its front. A message of QoS 0 does not push
  /// out one of QoS 1 or 2, nor one that may fill less of the queue one that may
  /// fill more: it is dropped itself.
  drop_oldest,
};

/// Limits of sessions; usually one object for many of them.
struct session_limits {
  /// The longest session expiry interval, in seconds; `forever`: no limit.
  std::uint32_t session_expiry = forever;

  /// How many subscriptions a session may have.
  std::uint32_t subscriptions = 10'000;

  /// How many messages of QoS 1 and 2 may be in flight to a client, whatever
  /// larger receive maximum it gives. 1 to 65,535.
  std::uint16_t in_flight = 1'024;

  /// Our own receive maximum: how many messages of QoS 1 and 2 a client may send
  /// ahead of their acknowledgement. 1 to 65,535.
  std::uint16_t receive_maximum = 1'024;

  /// Messages and bytes that wait for a client, those in flight not counted.
  std::uint32_t queue_messages = 1'000;
  std::uint64_t queue_bytes = 16U << 20U;

  /// Bytes of messages in flight to a client. One message always may be.
  std::uint64_t in_flight_bytes = 16U << 20U;

  protocol::when_full when_full = protocol::when_full::drop_newest;

  /// Whose messages may fill less of a queue than its limits.
  queue_shares shares;

  /// Whether messages of QoS 0 wait for a client that is absent.
  bool queue_qos_0 = false;

  /// Whether sessions that outlive their connection keep a log of operations
  /// for take_log().
  bool keep_log = false;
};

} // namespace callboard::protocol
