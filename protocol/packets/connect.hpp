#pragma once

#include "protocol/packets/properties.hpp"
#include "protocol/types.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace callboard::protocol {

/// The will of a CONNECT, MQTT5-3.1.2.5.
struct will {
  std::string topic;
  std::string payload;
  /// The message's own properties, encoded (see message::make).
  std::string properties;
  std::uint32_t delay_interval = 0;                // seconds
  std::uint32_t message_expiry_interval = forever; // seconds, from publication
  protocol::qos qos = qos::at_most_once;
  bool retain = false;
};

/// CONNECT, MQTT5-3.1. CleanSession 1 of 3.x reads as clean_start with a
/// session expiry of 0, CleanSession 0 as no clean_start and `forever` (E39).
struct connect {
  protocol::version version = version::mqtt_5_0;
  std::string client_id;
  bool clean_start = true;
  std::uint16_t keep_alive = 0; // seconds; 0: none
  std::optional<protocol::will> will;
  std::optional<std::string> user_name;
  std::optional<std::string> password; // binary

  std::uint32_t session_expiry_interval = 0; // seconds; `forever`: never ends
  std::uint16_t receive_maximum = 65'535;    // 1 to 65,535
  bool receive_maximum_given = false;
  std::uint32_t maximum_packet_size = 0; // bytes; 0: no limit
  std::uint16_t topic_alias_maximum = 0;
  bool request_response_information = false;
  bool request_problem_information = true;
  std::optional<std::string> authentication_method;
  std::optional<std::string> authentication_data;
  protocol::user_properties user_properties;
};

} // namespace callboard::protocol
