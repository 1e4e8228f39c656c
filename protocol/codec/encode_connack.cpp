#include "protocol/codec/encode.hpp"
#include "protocol/codec/problem.hpp"
#include "protocol/codec/writer.hpp"

namespace callboard::protocol {

namespace {

constexpr std::uint8_t connack_byte = 0x20;

template <class Value>
std::optional<std::uint32_t> number(std::optional<Value> value) {
  if (!value)
    return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

property_writer properties_of(const connack& connack, problem_text text) {
  property_writer properties;
  properties.number(property::session_expiry_interval, connack.session_expiry_interval);
  properties.number(property::receive_maximum, number(connack.receive_maximum));
  properties.number(property::maximum_qos, number(connack.maximum_qos));
  properties.number(property::retain_available, number(connack.retain_available));
  properties.number(property::maximum_packet_size, connack.maximum_packet_size);
  properties.field(property::assigned_client_identifier, connack.assigned_client_identifier);
  properties.number(property::topic_alias_maximum, number(connack.topic_alias_maximum));
  properties.number(
    property::wildcard_subscription_available, number(connack.wildcard_subscription_available));
  properties.number(property::subscription_identifiers_available,
    number(connack.subscription_identifiers_available));
  properties.number(
    property::shared_subscription_available, number(connack.shared_subscription_available));
  properties.number(property::server_keep_alive, number(connack.server_keep_alive));
  properties.field(property::response_information, connack.response_information);
  properties.field(property::server_reference, connack.server_reference);
  properties.field(property::authentication_method, connack.authentication_method);
  properties.field(property::authentication_data, connack.authentication_data);
  write_problem(properties, text, connack.reason_string, connack.user_properties);
  return properties;
}

bool encode_old(std::string& out, version version, const connack& connack) {
  const auto code = connack_return_code(connack.code);
  if (!code)
    return false;
  body_writer body;
  body.one_byte(version == version::mqtt_3_1_1 && connack.session_present ? 1 : 0);
  body.one_byte(*code);
  return append_packet(out, connack_byte, body.bytes(), 0);
}

} // namespace

bool encode_connack(
  std::string& out, version version, const connack& connack, std::uint32_t maximum_packet_size) {
  if (version != version::mqtt_5_0)
    return encode_old(out, version, connack);
  return fit([&](problem_text text) {
    body_writer body;
    body.one_byte(connack.session_present ? 1 : 0);
    body.one_byte(static_cast<std::uint8_t>(connack.code));
    properties_of(connack, text).append_to(body);
    return append_packet(out, connack_byte, body.bytes(), maximum_packet_size);
  });
}

std::optional<std::uint8_t> connack_return_code(reason_code code) {
  switch (code) {
  case reason_code::success:
    return 0;
  case reason_code::unsupported_protocol_version:
    return 1;
  case reason_code::client_identifier_not_valid:
    return 2;
  case reason_code::server_unavailable:
  case reason_code::server_busy:
  case reason_code::quota_exceeded:
  case reason_code::connection_rate_exceeded:
    return 3;
  case reason_code::bad_user_name_or_password:
    return 4;
  case reason_code::not_authorized:
  case reason_code::banned:
  case reason_code::bad_authentication_method:
    return 5;
  default:
    return std::nullopt;
  }
}

} // namespace callboard::protocol
