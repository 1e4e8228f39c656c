#pragma once

#include "protocol/packets/properties.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::protocol {

/// The properties of a message that go from publisher to subscribers unchanged,
/// one by one. Inside the broker they stay encoded (see message::make); this is
/// for those who write or read messages themselves.
struct message_properties {
  std::optional<bool> payload_is_utf8; // payload format indicator
  std::optional<std::string> content_type;
  std::optional<std::string> response_topic;
  std::optional<std::string> correlation_data; // binary
  protocol::user_properties user_properties;

  friend bool operator==(const message_properties&, const message_properties&) = default;
};

/// In the order of the members, without a length in front.
std::string encode(const message_properties& properties);

/// Reads properties that came through decode_publish() or encode(). What is not
/// among the members is skipped; reading ends where the bytes make no sense.
message_properties decode_message_properties(std::string_view properties);

/// The subscription identifiers of an MQTT 5.0 PUBLISH that a server sent, in
/// their order (MQTT5-3.3.4-3). `publish` is the whole packet.
std::vector<std::uint32_t> subscription_identifiers(std::string_view publish);

} // namespace callboard::protocol
