#pragma once

#include "tests/conformance/bytes.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::conformance {

/// The level that a CONNECT names.
enum class protocol_version : std::uint8_t { v3_1 = 3, v3_1_1 = 4, v5 = 5 };

/// The types of control packets, by their number (MQTT5-2.1.2).
enum class packet_type : std::uint8_t {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect,
  auth,
};

/// The packet's name in the standard: "PUBACK".
std::string_view name_of(packet_type type);

// Each function below writes what a client could send, right or wrong: nothing
// here checks a rule of the protocol, and nothing of the product's codec is used.

/// The smallest good CONNECTs: client id "a", no session before or after, 60 s
/// keep alive; of version 5.0, 3.1.1 and 3.1.
bytes C5();
bytes C4();
bytes C3();

/// A first octet, the length of `body`, and `body`.
bytes packet(unsigned first_octet, std::string_view body);

// -- properties of version 5.0: their octets, to be joined with `+` ------------

bytes payload_format_indicator(unsigned value);
bytes message_expiry_interval(std::uint32_t seconds);
bytes content_type(std::string_view value);
bytes response_topic(std::string_view value);
bytes correlation_data(std::string_view value);
bytes subscription_identifier(std::uint32_t value);
bytes session_expiry_interval(std::uint32_t seconds);
bytes authentication_method(std::string_view value);
bytes authentication_data(std::string_view value);
bytes request_problem_information(unsigned value);
bytes will_delay_interval(std::uint32_t seconds);
bytes request_response_information(unsigned value);
bytes reason_string(std::string_view value);
bytes receive_maximum(unsigned value);
bytes topic_alias_maximum(unsigned value);
bytes topic_alias(unsigned value);
bytes user_property(std::string_view key, std::string_view value);
bytes maximum_packet_size(std::uint32_t octets);

// -- packets -------------------------------------------------------------------

/// The will inside a CONNECT.
struct will_options {
  std::string topic = "will";
  std::string payload = "gone";
  unsigned qos = 0;
  bool retain = false;
  bytes properties = {}; ///< version 5.0 only
};

/// A CONNECT.
struct connect_options {
  std::string client_id = "a";
  bool clean_start = true;  ///< clean session, before version 5.0
  unsigned keep_alive = 60; ///< seconds; 0: none
  bytes properties = {};    ///< version 5.0 only
  std::optional<will_options> will = std::nullopt;
  std::optional<std::string> user_name = std::nullopt;
  std::optional<std::string> password = std::nullopt;
  std::optional<unsigned> flags = std::nullopt; ///< instead of the fitting ones
};

bytes connect_packet(protocol_version version, const connect_options& options);

/// The connect flags that fit `options`.
unsigned flags_of(const connect_options& options);

/// A PUBLISH. The identifier is written when QoS is above 0.
struct publication {
  std::string topic = "t";
  std::string payload = "m";
  unsigned qos = 0;
  bool retain = false;
  bool dup = false;
  std::uint16_t packet_id = 0;
  bytes properties = {}; ///< version 5.0 only
};

bytes publish_packet(protocol_version version, const publication& message);

/// A topic filter with its subscription options (QoS alone, before 5.0).
struct subscription {
  std::string filter = "t";
  unsigned options = 0;
};

// What the options octet says besides the QoS (MQTT5-3.8.3.1).
constexpr unsigned no_local = 0x04;
constexpr unsigned retain_as_published = 0x08;
constexpr unsigned retain_if_new = 0x10; ///< Retain Handling 1
constexpr unsigned retain_never = 0x20;  ///< Retain Handling 2

bytes subscribe_packet(protocol_version version, std::uint16_t packet_id,
  const std::vector<subscription>& subscriptions, std::string_view properties = {});

bytes unsubscribe_packet(protocol_version version, std::uint16_t packet_id,
  const std::vector<std::string>& filters, std::string_view properties = {});

/// A PUBACK, PUBREC, PUBREL or PUBCOMP in its shortest form: without a reason
/// code if that is 0 or the version has none.
bytes acknowledgement(packet_type type, std::uint16_t packet_id, unsigned reason = 0);

bytes pingreq();

/// A DISCONNECT in its shortest form.
bytes disconnect_packet(unsigned reason = 0, std::string_view properties = {});

/// An AUTH with a reason code and properties (MQTT5-3.15).
bytes auth_packet(unsigned reason, std::string_view properties = {});

} // namespace callboard::conformance
