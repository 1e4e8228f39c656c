#include "protocol/codec/encode.hpp"
#include "protocol/codec/writer.hpp"

namespace callboard::protocol {

namespace {

std::size_t flags_of(const connect& connect) {
  auto flags = connect.clean_start ? 0x02U : 0U;
  if (connect.will)
    flags |=
      0x04U | static_cast<unsigned>(connect.will->qos) << 3 | (connect.will->retain ? 0x20U : 0U);
  if (connect.password)
    flags |= 0x40U;
  if (connect.user_name)
    flags |= 0x80U;
  return flags;
}

/// What has its default value is left out.
void write_properties(body_writer& body, const connect& connect) {
  property_writer properties;
  if (connect.session_expiry_interval != 0)
    properties.number(property::session_expiry_interval, connect.session_expiry_interval);
  if (connect.receive_maximum_given || connect.receive_maximum != 65'535)
    properties.number(property::receive_maximum, connect.receive_maximum);
  if (connect.maximum_packet_size != 0)
    properties.number(property::maximum_packet_size, connect.maximum_packet_size);
  if (connect.topic_alias_maximum != 0)
    properties.number(property::topic_alias_maximum, connect.topic_alias_maximum);
  if (connect.request_response_information)
    properties.number(property::request_response_information, 1);
  if (!connect.request_problem_information)
    properties.number(property::request_problem_information, 0);
  properties.field(property::authentication_method, connect.authentication_method);
  properties.field(property::authentication_data, connect.authentication_data);
  properties.pairs(connect.user_properties);
  properties.append_to(body);
}

void write_properties(body_writer& body, const will& will) {
  property_writer properties;
  if (will.delay_interval != 0)
    properties.number(property::will_delay_interval, will.delay_interval);
  if (will.message_expiry_interval != forever)
    properties.number(property::message_expiry_interval, will.message_expiry_interval);
  properties.encoded(will.properties);
  properties.append_to(body);
}

void write_will(body_writer& body, version version, const will& will) {
  if (version == version::mqtt_5_0)
    write_properties(body, will);
  body.field(will.topic);
  body.field(will.payload);
}

} // namespace

bool encode_connect(std::string& out, const connect& connect) {
  body_writer body;
  body.field(connect.version == version::mqtt_3_1 ? "MQIsdp" : "MQTT");
  body.one_byte(static_cast<std::size_t>(connect.version));
  body.one_byte(flags_of(connect));
  body.two_bytes(connect.keep_alive);
  if (connect.version == version::mqtt_5_0)
    write_properties(body, connect);
  body.field(connect.client_id);
  if (connect.will)
    write_will(body, connect.version, *connect.will);
  if (connect.user_name)
    body.field(*connect.user_name);
  if (connect.password)
    body.field(*connect.password);
  return append_packet(out, 0x10, body.bytes(), 0);
}

} // namespace callboard::protocol
