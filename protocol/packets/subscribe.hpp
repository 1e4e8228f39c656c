#pragma once

#include "protocol/packets/properties.hpp"
#include "protocol/reason_code.hpp"
#include "protocol/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace callboard::protocol {

/// When retained messages are sent for a SUBSCRIBE (MQTT5-3.3.1-9 to -11).
enum class retain_handling : std::uint8_t { always, if_new, not_at_all };

/// Subscription options, MQTT5-3.8.3.1. 3.x clients set only the QoS; theirs
/// read as no_local 0, retain_as_published 0, retain_handling always.
struct subscription_options {
  qos maximum_qos = qos::at_most_once;
  bool no_local = false;
  bool retain_as_published = false;
  protocol::retain_handling retain_handling = retain_handling::always;

  friend bool operator==(const subscription_options&, const subscription_options&) = default;
};

/// SUBSCRIBE, MQTT5-3.8. Filters are UTF-8 and not empty; whether they are
/// valid topic filters is the session's question (SUBACK 0x8F).
struct subscribe {
  struct request {
    std::string filter;
    subscription_options options;
  };
  protocol::packet_id packet_id = 0;
  std::uint32_t subscription_identifier = 0; // 0: none; 1 to 268,435,455
  std::vector<request> requests;
  protocol::user_properties user_properties;
};

/// SUBACK (MQTT5-3.9) and UNSUBACK (MQTT5-3.11): a code per filter, in order.
/// The codec translates the codes for 3.x; UNSUBACK has none there.
struct suback {
  protocol::packet_id packet_id = 0;
  std::vector<reason_code> codes;
  std::string reason_string; // empty: none
};

/// UNSUBSCRIBE, MQTT5-3.10.
struct unsubscribe {
  protocol::packet_id packet_id = 0;
  std::vector<std::string> filters;
  protocol::user_properties user_properties;
};

} // namespace callboard::protocol
