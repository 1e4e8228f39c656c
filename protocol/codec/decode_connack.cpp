#include "protocol/codec/decode_packets.hpp"
#include "protocol/codec/property_reader.hpp"
#include "protocol/codec/reader.hpp"
#include "protocol/codec/reason_codes.hpp"

#include <array>
#include <utility>

namespace callboard::protocol {

namespace {

constexpr property_set properties_of_connack{property::session_expiry_interval,
  property::receive_maximum, property::maximum_qos, property::retain_available,
  property::maximum_packet_size, property::assigned_client_identifier,
  property::topic_alias_maximum, property::reason_string, property::user_property,
  property::wildcard_subscription_available, property::subscription_identifiers_available,
  property::shared_subscription_available, property::server_keep_alive,
  property::response_information, property::server_reference, property::authentication_method,
  property::authentication_data};

/// The return codes of 3.x, MQTT311-3.2.2.3, by number.
constexpr std::array return_codes{reason_code::success, reason_code::unsupported_protocol_version,
  reason_code::client_identifier_not_valid, reason_code::server_unavailable,
  reason_code::bad_user_name_or_password, reason_code::not_authorized};

reason_code read_return_code(reader& in) {
  const auto number = in.one_byte();
  if (number < return_codes.size())
    return return_codes.at(number);
  in.fail(reason_code::malformed_packet, "a CONNACK has return codes from 0 to 5");
  return reason_code::unspecified_error;
}

reason_code read_reason_code(reader& in) {
  const auto code = static_cast<reason_code>(in.one_byte());
  if (!may_answer_connect(code))
    in.fail(reason_code::protocol_error, "a CONNACK has no such reason code");
  return code;
}

void take(const read_property& one, connack& into) {
  const auto two_bytes = static_cast<std::uint16_t>(one.number);
  switch (one.id) {
  case property::session_expiry_interval:
    into.session_expiry_interval = one.number;
    break;
  case property::receive_maximum:
    into.receive_maximum = two_bytes;
    break;
  case property::maximum_qos:
    into.maximum_qos = static_cast<qos>(one.number);
    break;
  case property::retain_available:
    into.retain_available = one.number != 0;
    break;
  case property::maximum_packet_size:
    into.maximum_packet_size = one.number;
    break;
  case property::assigned_client_identifier:
    into.assigned_client_identifier = one.text;
    break;
  case property::topic_alias_maximum:
    into.topic_alias_maximum = two_bytes;
    break;
  case property::reason_string:
    into.reason_string = one.text;
    break;
  case property::user_property:
    keep(into.user_properties, one);
    break;
  case property::wildcard_subscription_available:
    into.wildcard_subscription_available = one.number != 0;
    break;
  case property::subscription_identifiers_available:
    into.subscription_identifiers_available = one.number != 0;
    break;
  case property::shared_subscription_available:
    into.shared_subscription_available = one.number != 0;
    break;
  case property::server_keep_alive:
    into.server_keep_alive = two_bytes;
    break;
  case property::response_information:
    into.response_information = one.text;
    break;
  case property::server_reference:
    into.server_reference = one.text;
    break;
  case property::authentication_method:
    into.authentication_method = one.text;
    break;
  case property::authentication_data:
    into.authentication_data = one.text;
    break;
  default:
    break;
  }
}

void read_properties(reader& in, connack& into) {
  property_reader properties{in, properties_of_connack};
  while (const auto one = properties.next())
    take(*one, into);
  if (into.authentication_data && !into.authentication_method)
    in.fail(reason_code::protocol_error,
      "a CONNACK with authentication data must name the authentication method");
}

/// In 3.1 the byte says nothing (E25).
bool read_session_present(reader& in, version version) {
  const auto flags = in.one_byte();
  if (version == version::mqtt_3_1)
    return false;
  if (flags > 1) // MQTT5-3.2.2-1
    in.fail(reason_code::malformed_packet, "bits 1 to 7 of a CONNACK's flags must be 0");
  return flags == 1;
}

} // namespace

expected<std::unique_ptr<connack>, error> decode_connack(const frame& frame, version version) {
  auto read = std::make_unique<connack>();
  reader in{frame.body()};
  if (frame.flags() != 0)
    in.fail(reason_code::malformed_packet, "the low four bits of a CONNACK must be 0");
  read->session_present = read_session_present(in, version);
  read->code = version == version::mqtt_5_0 ? read_reason_code(in) : read_return_code(in);
  if (read->session_present && read->code != reason_code::success) // MQTT5-3.2.2-6, E40
    in.fail(reason_code::protocol_error, "a CONNACK that refuses must not say session present");
  if (version == version::mqtt_5_0)
    read_properties(in, *read);
  if (!in.finish())
    return in.fault();
  return read;
}

} // namespace callboard::protocol
