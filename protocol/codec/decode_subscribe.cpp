#include "protocol/codec/decode_packets.hpp"
#include "protocol/codec/property_reader.hpp"
#include "protocol/codec/reader.hpp"

#include <utility>

namespace callboard::protocol {

namespace {

/// The low four bits are 0010 (MQTT5-3.8.1-1, MQTT5-3.10.1-1, MQTT311-3.8.1-1,
/// MQTT311-3.10.1-1). MQTT 3.1 sets DUP on a request that it repeats.
void check_flags(reader& in, const frame& frame, version version) {
  if (frame.flags() == 2 || (frame.flags() == 0x0A && version == version::mqtt_3_1))
    return;
  in.fail(
    reason_code::malformed_packet, "the low four bits of a SUBSCRIBE or UNSUBSCRIBE must be 2");
}

/// MQTT5-3.8.3-1, MQTT5-3.10.3-1, MQTT5-4.7.3-1.
std::string read_filter(reader& in) {
  const auto filter = in.text();
  if (filter.empty())
    in.fail(reason_code::malformed_packet, "a topic filter must not be empty");
  return std::string{filter};
}

/// MQTT311-3.8.3-4: what MQTT 5 has as options are reserved bits here (E84).
subscription_options old_options(reader& in) {
  const auto byte = in.one_byte();
  if (byte > 2)
    in.fail(reason_code::malformed_packet,
      "the requested QoS must be 0, 1 or 2, and subscription options need MQTT 5.0");
  return {.maximum_qos = static_cast<qos>(byte)};
}

/// MQTT5-3.8.3-5, E09, E84.
subscription_options options(reader& in) {
  const auto byte = in.one_byte();
  if ((byte & 0xC0) != 0)
    in.fail(reason_code::malformed_packet, "bits 6 and 7 of the subscription options must be 0");
  if ((byte & 0x03) == 3)
    in.fail(reason_code::protocol_error, "the maximum QoS of a subscription must be 0, 1 or 2");
  if ((byte & 0x30) == 0x30) // MQTT5-3.3.1-11
    in.fail(reason_code::protocol_error, "the retain handling must be 0, 1 or 2");
  return {.maximum_qos = static_cast<qos>(byte & 3),
    .no_local = (byte & 4) != 0,
    .retain_as_published = (byte & 8) != 0,
    .retain_handling = static_cast<retain_handling>(byte >> 4 & 3)};
}

subscribe::request read_request(reader& in, version version) {
  subscribe::request read;
  read.filter = read_filter(in);
  read.options = version == version::mqtt_5_0 ? options(in) : old_options(in);
  if (read.options.no_local && read.filter.starts_with("$share/")) // MQTT5-3.8.3-4
    in.fail(reason_code::protocol_error, "a shared subscription must not set No Local");
  return read;
}

void read_properties(reader& in, subscribe& into) {
  property_reader properties{in, {property::subscription_identifier, property::user_property}};
  while (const auto one = properties.next()) {
    if (one->id == property::user_property)
      keep(into.user_properties, *one);
    else
      into.subscription_identifier = one->number;
  }
}

void read_properties(reader& in, unsubscribe& into) {
  property_reader properties{in, {property::user_property}};
  while (const auto one = properties.next())
    keep(into.user_properties, *one);
}

/// MQTT5-3.8.3-2, MQTT5-3.10.3-2, E83.
void refuse_empty(reader& in) {
  if (in.empty())
    in.fail(reason_code::protocol_error,
      "a SUBSCRIBE or UNSUBSCRIBE must name at least one topic filter");
}

} // namespace

expected<std::unique_ptr<subscribe>, error> decode_subscribe(const frame& frame, version version) {
  auto read = std::make_unique<subscribe>();
  reader in{frame.body()};
  check_flags(in, frame, version);
  read->packet_id = in.packet_id();
  if (version == version::mqtt_5_0)
    read_properties(in, *read);
  refuse_empty(in);
  while (!in.empty())
    read->requests.push_back(read_request(in, version));
  if (!in.finish())
    return in.fault();
  return read;
}

expected<std::unique_ptr<unsubscribe>, error> decode_unsubscribe(
  const frame& frame, version version) {
  auto read = std::make_unique<unsubscribe>();
  reader in{frame.body()};
  check_flags(in, frame, version);
  read->packet_id = in.packet_id();
  if (version == version::mqtt_5_0)
    read_properties(in, *read);
  refuse_empty(in);
  while (!in.empty())
    read->filters.push_back(read_filter(in));
  if (!in.finish())
    return in.fault();
  return read;
}

} // namespace callboard::protocol
