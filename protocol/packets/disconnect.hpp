#pragma once

#include "protocol/packets/properties.hpp"
#include "protocol/reason_code.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace callboard::protocol {

/// DISCONNECT, MQTT5-3.14. A 3.x client's reads as success.
struct disconnect {
  reason_code code = reason_code::success;
  std::optional<std::uint32_t> session_expiry_interval; // seconds; from clients only
  std::string reason_string;                            // empty: none
  std::string server_reference;                         // empty: none
  protocol::user_properties user_properties;
};

/// AUTH, MQTT5-3.15. MQTT 5.0 only.
struct auth {
  reason_code code = reason_code::success;
  std::optional<std::string> authentication_method;
  std::optional<std::string> authentication_data;
  std::string reason_string; // empty: none
  protocol::user_properties user_properties;
};

} // namespace callboard::protocol
