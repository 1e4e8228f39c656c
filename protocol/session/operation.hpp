#pragma once

#include "protocol/packets/connect.hpp"
#include "protocol/session/delivery.hpp"
#include "protocol/session/delivery_tally.hpp"
#include "protocol/session/subscription_set.hpp"
#include "protocol/types.hpp"

#include <cstdint>
#include <memory>
#include <variant>

namespace callboard::protocol {

using will_ptr = std::shared_ptr<const will>;

// What can happen to a session's lasting state, and all that can: a store or a
// copy on another node that applies the same operations in the same order has
// the same session. Decisions were made before; an operation only states them.
//
// Of deliveries that do not last (delivery::lasting) a log has none. They leave the
// queue in the same order as the others, so that whoever applies the log has the same
// one as the first of the queue whenever it says so.

/// A connection has come. `expiry` in seconds, as granted.
struct client_attached {
  std::uint32_t expiry = 0;
};

/// The connection has gone; the expiry interval starts.
struct client_detached {
  time_point at;
};

/// In seconds, as granted.
struct expiry_changed {
  std::uint32_t expiry = 0;
};

/// The connection brought a will.
struct will_set {
  will_ptr what;
};

/// The will shall be published at this time, or when the session ends.
struct will_armed {
  time_point at;
};

/// The will was published or cancelled.
struct will_cleared {};

/// Made, or replaced if the number is there already.
struct subscription_put {
  subscription what;
};

struct subscription_removed {
  subscription_number number = 0;
};

struct delivery_enqueued {
  delivery what;
};

/// The first of the queue is gone: sent at QoS 0, or dropped.
struct delivery_passed {};

/// The first of the queue is in flight.
struct delivery_sent {
  packet_id id = 0;
};

/// PUBREC has come for a delivery in flight.
struct delivery_released {
  packet_id id = 0;
};

/// A delivery is no longer in flight.
struct delivery_settled {
  packet_id id = 0;
};

/// What came from share groups went back: all of the queue, and what is in
/// flight at QoS 1.
struct shares_returned {};

/// A publication of QoS 2 has arrived.
struct publication_received {
  packet_id id = 0;
};

/// An identifier of QoS 2 is free again.
struct publication_freed {
  packet_id id = 0;
};

/// The session is over; only its numbers go on.
struct session_ended {};

/// A delivery is in flight that never waited in the queue; in snapshots all that
/// are, in the order of sending.
struct delivery_in_flight {
  packet_id id = 0;
  bool released = false;
  delivery what;
};

/// All that a store hears of a delivery of QoS 2 that does not last: its identifier
/// is in use, as if PUBREC had come. After a restart PUBREL has the client free it, so
/// that another message under it is not taken for this one (MQTT5-4.3.3-10).
inline delivery_in_flight identifier_taken(packet_id id) {
  delivery_in_flight change{id, true, {}};
  change.what.qos = qos::exactly_once;
  return change;
}

/// In snapshots: where numbers go on.
struct numbers_continued {
  packet_id last_packet_id = 0;
  subscription_number last_subscription = 0;
};

/// In snapshots that leave out the end of the queue: so much more waits, and the store
/// has it.
struct deliveries_resting {
  delivery_tally what;
};

using operation =
  std::variant<client_attached, client_detached, expiry_changed, will_set, will_armed, will_cleared,
    subscription_put, subscription_removed, delivery_enqueued, delivery_passed, delivery_sent,
    delivery_released, delivery_settled, shares_returned, publication_received, publication_freed,
    session_ended, delivery_in_flight, numbers_continued, deliveries_resting>;

} // namespace callboard::protocol
