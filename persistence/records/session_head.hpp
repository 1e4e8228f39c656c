#pragma once

#include "persistence/clock_reading.hpp"
#include "protocol/session/delivery_tally.hpp"
#include "protocol/session/operation.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace callboard::persistence {

/// Names a delivery among those of its session: grows with each one, 1 and up.
using delivery_position = std::uint64_t;

/// Set in the position of a delivery that was in flight at once, so that whoever
/// looks for the next of the queue never meets it.
inline constexpr delivery_position never_queued = delivery_position{1} << 63;

/// A delivery that the client has not acknowledged in full.
struct delivery_sent_off {
  protocol::packet_id id = 0;

  /// PUBREC has come, and the message is gone.
  bool released = false;

  /// It goes back to its share group if the client does not come back.
  bool returns = false;

  /// 0 once it is released.
  delivery_position position = 0;
};

/// A session but for its subscriptions and deliveries, which lie in tables of
/// their own.
struct session_head {
  /// Which session of its client.
  std::uint64_t session = 0;

  /// What its rows in other tables are called; 0: it has none. A session that
  /// begins anew gets another name, so the rows of the old one can go later.
  std::uint64_t rows = 0;

  /// The last record of the journal that the tables hold for this session.
  std::uint64_t folded = 0;

  bool begun = false;
  bool attached = false;
  std::uint32_t expiry = 0;
  protocol::time_point detached_at;
  protocol::will_ptr will;
  protocol::time_point will_at = protocol::never;
  protocol::packet_id last_packet_id = 0;
  protocol::subscription_number last_subscription = 0;

  /// How many subscriptions the tables have of it.
  std::uint64_t subscribed = 0;

  /// From here on deliveries may wait; in front of it none does.
  delivery_position first = 1;

  /// The next delivery's.
  delivery_position next = 1;

  protocol::delivery_tally waiting;

  /// In the order of sending.
  std::deque<delivery_sent_off> in_flight;

  /// Packet identifiers of QoS 2 that the client has not released.
  std::set<protocol::packet_id> inbound;
};

void write_head(std::string& out, const session_head& head, const clock_reading& clock);

/// Empty if it cannot be read. Up to version 1 of the schema heads said nothing of how many
/// bytes wait, and how many messages of QoS 0: then they are none.
std::optional<session_head> read_head(std::string_view content, const clock_reading& clock);

} // namespace callboard::persistence
