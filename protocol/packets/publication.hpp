#pragma once

#include "protocol/types.hpp"

#include <cstdint>
#include <string_view>

namespace callboard::protocol {

/// A PUBLISH as it was read, MQTT5-3.3: views into the bytes it came in, so
/// nothing is copied and whoever holds a publication must hold those bytes too.
/// What has to rest somewhere becomes a message.
struct publication {
  /// The whole packet.
  std::string_view packet;

  /// The topic name; empty if the packet names its topic by alias only, until
  /// the connection has looked the alias up.
  std::string_view topic;

  /// MQTT 5 properties that go on to subscribers unchanged, encoded, in order
  /// (see message::make). Not the alias, not the expiry interval.
  std::string_view properties;

  std::string_view payload;

  /// Seconds; `forever` if the publisher gave none (MQTT5-3.3.2.3.3).
  std::uint32_t message_expiry_interval = forever;

  protocol::packet_id packet_id = 0; // 0 at QoS 0
  std::uint16_t topic_alias = 0;     // 0: none
  protocol::qos qos = qos::at_most_once;
  bool retain = false;
  bool dup = false;

  /// The packet may go on to QoS 0 subscribers of its own version as it came,
  /// if they need no property of their own: QoS 0, RETAIN 0, no alias.
  bool forwardable = false;
};

} // namespace callboard::protocol
