#pragma once

#include "tests/conformance/bytes.hpp"
#include "tests/conformance/packet_builder.hpp"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace callboard::conformance {

/// The properties that a server may send, by their identifiers (MQTT5-2.2.2.2).
enum class property_id : std::uint8_t {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0B,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  response_information = 0x1A,
  server_reference = 0x1C,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
  wildcard_subscription_available = 0x28,
  subscription_identifiers_available = 0x29,
  shared_subscription_available = 0x2A,
};

/// One property as it came: `number` or `text`, whatever its type has.
struct received_property {
  property_id id{};
  std::uint32_t number = 0;
  std::string text{};  ///< string, binary data, or the key of a pair
  std::string value{}; ///< the value of a pair
};

using string_pair = std::pair<std::string, std::string>;

/// A packet of the server, taken apart.
struct received_packet {
  bytes raw{};
  packet_type type{};
  unsigned flags = 0; ///< low four bits of the first octet
  std::uint16_t packet_id = 0;
  unsigned acknowledge_flags = 0;  ///< CONNACK
  unsigned reason = 0;             ///< 0 where the packet leaves it out
  std::vector<unsigned> reasons{}; ///< SUBACK, UNSUBACK
  std::vector<received_property> properties{};
  std::string topic{};
  std::string payload{};

  bool dup() const { return (flags & 8U) != 0; }
  unsigned qos() const { return (flags >> 1U) & 3U; }
  bool retain() const { return (flags & 1U) != 0; }
  bool session_present() const { return (acknowledge_flags & 1U) != 0; }

  bool has(property_id id) const;
  /// The number of the first such property.
  std::optional<std::uint32_t> number(property_id id) const;
  /// The string or binary data of the first such property.
  std::optional<std::string> text(property_id id) const;
  /// All subscription identifiers, ascending.
  std::vector<std::uint32_t> subscription_identifiers() const;
  /// All user properties, in their order.
  std::vector<string_pair> user_properties() const;
};

/// What no server may send.
struct server_fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// How many octets the packet at the start of `input` has; nothing if too few are
/// there to tell. Throws server_fault on a length that is malformed.
std::optional<std::size_t> packet_length(std::string_view input);

/// Takes one whole packet apart. Throws server_fault with the statement's id if
/// the packet breaks any rule that its octets alone can break: reserved flags
/// (MQTT5-2.1.3-1), properties and reason codes that do not belong there, strings
/// that are not UTF-8, lengths that do not fit. So every test checks these.
received_packet parse(protocol_version version, std::string_view whole);

/// Whether `text` is well-formed UTF-8 without U+0000 (MQTT5-1.5.4-1, -2).
bool is_mqtt_string(std::string_view text);

} // namespace callboard::conformance
