#include "protocol/codec/message_properties.hpp"

#include "protocol/codec/framer.hpp"
#include "protocol/codec/property_reader.hpp"
#include "protocol/codec/writer.hpp"

namespace callboard::protocol {

namespace {

/// The properties with their length in front, as the reader wants them.
std::string with_length(std::string_view properties) {
  body_writer block;
  block.variable_byte_integer(properties.size());
  block.raw(properties);
  return block.bytes();
}

void take(const read_property& one, message_properties& into) {
  switch (one.id) {
  case property::payload_format_indicator:
    into.payload_is_utf8 = one.number == 1;
    break;
  case property::content_type:
    into.content_type = one.text;
    break;
  case property::response_topic:
    into.response_topic = one.text;
    break;
  case property::correlation_data:
    into.correlation_data = one.text;
    break;
  case property::user_property:
    keep(into.user_properties, one);
    break;
  default:
    break;
  }
}

} // namespace

std::string encode(const message_properties& properties) {
  property_writer writer;
  if (properties.payload_is_utf8)
    writer.number(property::payload_format_indicator, *properties.payload_is_utf8 ? 1 : 0);
  writer.field(property::content_type, properties.content_type);
  writer.field(property::response_topic, properties.response_topic);
  writer.field(property::correlation_data, properties.correlation_data);
  writer.pairs(properties.user_properties);
  return writer.bytes();
}

message_properties decode_message_properties(std::string_view properties) {
  message_properties read;
  const auto block = with_length(properties);
  reader in{block};
  property_reader reading{in, publish_property_set};
  while (const auto one = reading.next())
    take(*one, read);
  return read;
}

std::vector<std::uint32_t> subscription_identifiers(std::string_view publish) {
  std::vector<std::uint32_t> found;
  const auto framed = next_frame(publish);
  if (framed.status != frame_result::status::complete)
    return found;
  reader in{framed.frame.body()};
  in.binary();
  if ((framed.frame.flags() & 6) != 0)
    in.packet_id();
  property_reader reading{in, publish_property_set, {property::subscription_identifier}};
  while (const auto one = reading.next())
    if (one->id == property::subscription_identifier)
      found.push_back(one->number);
  return found;
}

} // namespace callboard::protocol
