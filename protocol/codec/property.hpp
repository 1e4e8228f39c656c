#pragma once

#include <cstdint>
#include <initializer_list>

namespace callboard::protocol {

/// MQTT 5.0's property identifiers, MQTT5-2.2.2.2.
enum class property : std::uint8_t {
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
  request_problem_information = 0x17,
  will_delay_interval = 0x18,
  request_response_information = 0x19,
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

/// The largest identifier that has a meaning.
inline constexpr std::uint32_t last_property = 0x2A;

/// How a property's value is written, MQTT5-1.5.
enum class property_form : std::uint8_t {
  none, // no such property
  one_byte,
  two_bytes,
  four_bytes,
  variable_byte_integer,
  text,
  binary,
  text_pair,
};

constexpr property_form form_of(property id) {
  switch (id) {
  case property::payload_format_indicator:
  case property::request_problem_information:
  case property::request_response_information:
  case property::maximum_qos:
  case property::retain_available:
  case property::wildcard_subscription_available:
  case property::subscription_identifiers_available:
  case property::shared_subscription_available:
    return property_form::one_byte;
  case property::server_keep_alive:
  case property::receive_maximum:
  case property::topic_alias_maximum:
  case property::topic_alias:
    return property_form::two_bytes;
  case property::message_expiry_interval:
  case property::session_expiry_interval:
  case property::will_delay_interval:
  case property::maximum_packet_size:
    return property_form::four_bytes;
  case property::subscription_identifier:
    return property_form::variable_byte_integer;
  case property::content_type:
  case property::response_topic:
  case property::assigned_client_identifier:
  case property::authentication_method:
  case property::response_information:
  case property::server_reference:
  case property::reason_string:
    return property_form::text;
  case property::correlation_data:
  case property::authentication_data:
    return property_form::binary;
  case property::user_property:
    return property_form::text_pair;
  }
  return property_form::none;
}

/// Some properties.
class property_set {
public:
  constexpr property_set(std::initializer_list<property> members) {
    for (const auto id : members)
      add(id);
  }

  constexpr bool contains(property id) const { return (bits_ & bit(id)) != 0; }
  constexpr void add(property id) { bits_ |= bit(id); }

private:
  static constexpr std::uint64_t bit(property id) {
    return std::uint64_t{1} << static_cast<std::uint8_t>(id);
  }

  std::uint64_t bits_ = 0;
};

/// What goes from a publisher to the subscribers unchanged (MQTT5-3.3.2-4, -15,
/// -16, -17, -20).
inline constexpr property_set message_property_set{property::payload_format_indicator,
  property::content_type, property::response_topic, property::correlation_data,
  property::user_property};

/// All that a PUBLISH may have, MQTT5-3.3.2.3; the subscription identifier only
/// if a server sent it (MQTT5-3.3.4-6).
inline constexpr property_set publish_property_set{property::payload_format_indicator,
  property::message_expiry_interval, property::topic_alias, property::response_topic,
  property::correlation_data, property::user_property, property::subscription_identifier,
  property::content_type};

} // namespace callboard::protocol
