#pragma once

#include "protocol/message.hpp"
#include "protocol/session/subscription_identifiers.hpp"
#include "protocol/types.hpp"

#include <cstdint>

namespace callboard::protocol {

/// Names a delivery to the share group that it came from. 0: it came from none.
using share_token = std::uint64_t;

/// One message on its way to one client. Millions of them rest in queues and
/// windows, hence the layout.
struct delivery {
  protocol::message_ptr message;

  /// Told back to the share group when the delivery is done (see
  /// session::take_shares).
  share_token share = 0;

  /// All identifiers of the client's subscriptions that match.
  [[no_unique_address]] subscription_identifiers identifiers;

  /// The lower of what was published and what was granted (MQTT5-3.8.4-8).
  protocol::qos qos = protocol::qos::at_most_once;

  /// RETAIN as it shall be sent (MQTT5-3.3.1-12, -13).
  bool retain = false;

  /// Whether a store hears of it. If not, it is gone with the process, whatever its
  /// session is.
  bool lasting = true;

  /// Equal messages are as good as the same one.
  friend bool operator==(const delivery& left, const delivery& right);
};

static_assert(sizeof(delivery) == 32);

/// What became of a delivery that came from a share group.
enum class share_outcome : std::uint8_t {
  /// The client has it, or refused it: no other member gets it (MQTT5-4.8.2-6).
  settled,
  /// Will not be sent: expired, too large, no room, or begun at QoS 2 with a
  /// session that has ended (MQTT5-4.8.2-5).
  dropped,
  /// Another member may have it.
  returned,
};

struct share_report {
  share_token share = 0;
  share_outcome outcome = share_outcome::settled;

  friend bool operator==(const share_report&, const share_report&) = default;
};

/// The message expiry interval to send, in whole seconds, begun ones counted:
/// `forever` if the message never expires, 0 if it has expired, which only a
/// message that is sent again can have (MQTT5-3.3.2-6, MQTT5-4.3.3-7, E69).
std::uint32_t remaining_interval(const message& sent, time_point now);

} // namespace callboard::protocol
