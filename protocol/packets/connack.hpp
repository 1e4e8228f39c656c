#pragma once

#include "protocol/packets/properties.hpp"
#include "protocol/reason_code.hpp"
#include "protocol/types.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace callboard::protocol {

/// CONNACK, MQTT5-3.2. Only the code and session_present reach 3.x clients.
struct connack {
  bool session_present = false;
  reason_code code = reason_code::success;

  std::optional<std::uint32_t> session_expiry_interval; // seconds
  std::optional<std::uint16_t> receive_maximum;
  std::optional<qos> maximum_qos; // 0 or 1 only (MQTT5-3.2.2-9)
  std::optional<bool> retain_available;
  std::optional<std::uint32_t> maximum_packet_size; // bytes
  std::optional<std::string> assigned_client_identifier;
  std::optional<std::uint16_t> topic_alias_maximum;
  std::string reason_string; // empty: none
  protocol::user_properties user_properties;
  std::optional<bool> wildcard_subscription_available;
  std::optional<bool> subscription_identifiers_available;
  std::optional<bool> shared_subscription_available;
  std::optional<std::uint16_t> server_keep_alive; // seconds
  std::optional<std::string> response_information;
  std::optional<std::string> server_reference;
  std::optional<std::string> authentication_method;
  std::optional<std::string> authentication_data;
};

} // namespace callboard::protocol
