#include "protocol/codec/encode.hpp"
#include "protocol/codec/problem.hpp"
#include "protocol/codec/writer.hpp"

namespace callboard::protocol {

namespace {

std::size_t options_byte(version version, const subscription_options& options) {
  const auto level = static_cast<unsigned>(options.maximum_qos);
  if (version != version::mqtt_5_0)
    return level;
  return level | (options.no_local ? 4U : 0U) | (options.retain_as_published ? 8U : 0U) |
         static_cast<unsigned>(options.retain_handling) << 4;
}

void write_properties(body_writer& body, const subscribe& subscribe) {
  property_writer properties;
  if (subscribe.subscription_identifier != 0)
    properties.number(property::subscription_identifier, subscribe.subscription_identifier);
  properties.pairs(subscribe.user_properties);
  properties.append_to(body);
}

void write_properties(body_writer& body, const unsubscribe& unsubscribe) {
  property_writer properties;
  properties.pairs(unsubscribe.user_properties);
  properties.append_to(body);
}

void write_head(body_writer& body, version version, const suback& answer, problem_text text) {
  body.two_bytes(answer.packet_id);
  if (version != version::mqtt_5_0)
    return;
  property_writer properties;
  write_problem(properties, text, answer.reason_string);
  properties.append_to(body);
}

void write_codes(body_writer& body, version version, const suback& answer) {
  for (const auto code : answer.codes) {
    if (version == version::mqtt_5_0)
      body.one_byte(static_cast<std::uint8_t>(code));
    else if (version == version::mqtt_3_1 && is_failure(code))
      body.one_byte(0);
    else
      body.one_byte(suback_return_code(code));
  }
}

} // namespace

bool encode_subscribe(std::string& out, version version, const subscribe& subscribe,
  std::uint32_t maximum_packet_size) {
  body_writer body;
  body.two_bytes(subscribe.packet_id);
  if (version == version::mqtt_5_0)
    write_properties(body, subscribe);
  for (const auto& request : subscribe.requests) {
    body.field(request.filter);
    body.one_byte(options_byte(version, request.options));
  }
  return append_packet(out, 0x82, body.bytes(), maximum_packet_size);
}

bool encode_unsubscribe(std::string& out, version version, const unsubscribe& unsubscribe,
  std::uint32_t maximum_packet_size) {
  body_writer body;
  body.two_bytes(unsubscribe.packet_id);
  if (version == version::mqtt_5_0)
    write_properties(body, unsubscribe);
  for (const auto& filter : unsubscribe.filters)
    body.field(filter);
  return append_packet(out, 0xA2, body.bytes(), maximum_packet_size);
}

bool encode_suback(
  std::string& out, version version, const suback& suback, std::uint32_t maximum_packet_size) {
  return fit([&](problem_text text) {
    body_writer body;
    write_head(body, version, suback, text);
    write_codes(body, version, suback);
    return append_packet(out, 0x90, body.bytes(), maximum_packet_size);
  });
}

bool encode_unsuback(
  std::string& out, version version, const unsuback& unsuback, std::uint32_t maximum_packet_size) {
  return fit([&](problem_text text) {
    body_writer body;
    write_head(body, version, unsuback, text);
    if (version == version::mqtt_5_0)
      write_codes(body, version, unsuback);
    return append_packet(out, 0xB0, body.bytes(), maximum_packet_size);
  });
}

std::uint8_t suback_return_code(reason_code code) {
  return static_cast<std::uint8_t>(is_failure(code) ? reason_code::unspecified_error : code);
}

} // namespace callboard::protocol
