#include "tests/conformance/packet_builder.hpp"

#include <array>
#include <cstddef>

namespace callboard::conformance {

namespace {

constexpr std::array<std::string_view, 16> names{"type 0", "CONNECT", "CONNACK", "PUBLISH",
  "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK",
  "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"};

/// A property list with its length, which only version 5.0 has.
bytes list_of(protocol_version version, std::string_view properties) {
  if (version != protocol_version::v5)
    return {};
  return variable(static_cast<std::uint32_t>(properties.size())) + bytes{properties};
}

bytes will_fields(protocol_version version, const will_options& will) {
  return list_of(version, will.properties) + field(will.topic) + field(will.payload);
}

} // namespace

std::string_view name_of(packet_type type) {
  return names.at(static_cast<std::size_t>(type));
}

bytes C5() {
  return "10 0E 0004 4D515454 05 02 003C 00 0001 61"_hex;
}

bytes C4() {
  return "10 0D 0004 4D515454 04 02 003C 0001 61"_hex;
}

bytes C3() {
  return "10 0F 0006 4D5149736470 03 02 003C 0001 61"_hex;
}

bytes packet(unsigned first_octet, std::string_view body) {
  return u8(first_octet) + variable(static_cast<std::uint32_t>(body.size())) + bytes{body};
}

bytes payload_format_indicator(unsigned value) {
  return u8(0x01) + u8(value);
}
bytes message_expiry_interval(std::uint32_t seconds) {
  return u8(0x02) + u32(seconds);
}
bytes content_type(std::string_view value) {
  return u8(0x03) + field(value);
}
bytes response_topic(std::string_view value) {
  return u8(0x08) + field(value);
}
bytes correlation_data(std::string_view value) {
  return u8(0x09) + field(value);
}
bytes subscription_identifier(std::uint32_t value) {
  return u8(0x0B) + variable(value);
}
bytes session_expiry_interval(std::uint32_t seconds) {
  return u8(0x11) + u32(seconds);
}
bytes authentication_method(std::string_view value) {
  return u8(0x15) + field(value);
}
bytes authentication_data(std::string_view value) {
  return u8(0x16) + field(value);
}
bytes request_problem_information(unsigned value) {
  return u8(0x17) + u8(value);
}
bytes will_delay_interval(std::uint32_t seconds) {
  return u8(0x18) + u32(seconds);
}
bytes request_response_information(unsigned value) {
  return u8(0x19) + u8(value);
}
bytes reason_string(std::string_view value) {
  return u8(0x1F) + field(value);
}
bytes receive_maximum(unsigned value) {
  return u8(0x21) + u16(value);
}
bytes topic_alias_maximum(unsigned value) {
  return u8(0x22) + u16(value);
}
bytes topic_alias(unsigned value) {
  return u8(0x23) + u16(value);
}
bytes user_property(std::string_view key, std::string_view value) {
  return u8(0x26) + field(key) + field(value);
}
bytes maximum_packet_size(std::uint32_t octets) {
  return u8(0x27) + u32(octets);
}

unsigned flags_of(const connect_options& options) {
  unsigned flags = options.clean_start ? 0x02 : 0x00;
  if (options.will)
    flags |= 0x04U | options.will->qos << 3U | (options.will->retain ? 0x20U : 0U);
  if (options.password)
    flags |= 0x40U;
  if (options.user_name)
    flags |= 0x80U;
  return flags;
}

bytes connect_packet(protocol_version version, const connect_options& options) {
  bytes body = field(version == protocol_version::v3_1 ? "MQIsdp" : "MQTT");
  body += u8(static_cast<unsigned>(version));
  body += u8(options.flags.value_or(flags_of(options)));
  body += u16(options.keep_alive);
  body += list_of(version, options.properties);
  body += field(options.client_id);
  if (options.will)
    body += will_fields(version, *options.will);
  if (options.user_name)
    body += field(*options.user_name);
  if (options.password)
    body += field(*options.password);
  return packet(0x10, body);
}

bytes publish_packet(protocol_version version, const publication& message) {
  bytes body = field(message.topic);
  if (message.qos > 0)
    body += u16(message.packet_id);
  body += list_of(version, message.properties);
  body += message.payload;
  const unsigned flags = (message.dup ? 8U : 0U) | message.qos << 1U | (message.retain ? 1U : 0U);
  return packet(0x30U | flags, body);
}

bytes subscribe_packet(protocol_version version, std::uint16_t packet_id,
  const std::vector<subscription>& subscriptions, std::string_view properties) {
  bytes body = u16(packet_id) + list_of(version, properties);
  for (const auto& each : subscriptions)
    body += field(each.filter) + u8(each.options);
  return packet(0x82, body);
}

bytes unsubscribe_packet(protocol_version version, std::uint16_t packet_id,
  const std::vector<std::string>& filters, std::string_view properties) {
  bytes body = u16(packet_id) + list_of(version, properties);
  for (const auto& filter : filters)
    body += field(filter);
  return packet(0xA2, body);
}

bytes acknowledgement(packet_type type, std::uint16_t packet_id, unsigned reason) {
  const unsigned flags = type == packet_type::pubrel ? 2 : 0;
  const bytes body = reason == 0 ? u16(packet_id) : u16(packet_id) + u8(reason);
  return packet(static_cast<unsigned>(type) << 4U | flags, body);
}

bytes pingreq() {
  return "C0 00"_hex;
}

bytes disconnect_packet(unsigned reason, std::string_view properties) {
  if (!properties.empty())
    return packet(0xE0, u8(reason) + list_of(protocol_version::v5, properties));
  return reason == 0 ? packet(0xE0, "") : packet(0xE0, u8(reason));
}

bytes auth_packet(unsigned reason, std::string_view properties) {
  return packet(0xF0, u8(reason) + list_of(protocol_version::v5, properties));
}

} // namespace callboard::conformance
