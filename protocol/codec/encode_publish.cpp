#include "protocol/codec/encode.hpp"
#include "protocol/codec/framer.hpp"
#include "protocol/codec/property.hpp"
#include "protocol/codec/writer.hpp"

namespace callboard::protocol {

namespace {

constexpr std::size_t id_of(property id) {
  return static_cast<std::size_t>(id);
}

/// How the bytes of a PUBLISH are divided.
struct sizes {
  std::size_t properties = 0; // without their length
  std::size_t remaining = 0;  // without the payload
};

std::size_t properties_size(const outgoing_publication& publication) {
  auto size = publication.properties.size();
  if (publication.topic_alias != 0)
    size += 3;
  if (publication.message_expiry_interval != forever)
    size += 5;
  for (const auto id : publication.subscription_identifiers)
    size += 1 + variable_byte_integer_size(id);
  return size;
}

sizes measure(version version, const outgoing_publication& publication) {
  sizes found;
  found.remaining = 2 + publication.topic.size();
  if (publication.qos != qos::at_most_once)
    found.remaining += 2;
  if (version == version::mqtt_5_0) {
    found.properties = properties_size(publication);
    found.remaining += variable_byte_integer_size(found.properties) + found.properties;
  }
  return found;
}

/// PUBLISH, DUP, QoS and RETAIN. DUP only where there is something to repeat
/// (MQTT5-3.3.1-2).
std::size_t first_byte(const outgoing_publication& publication) {
  const auto level = static_cast<unsigned>(publication.qos);
  return 0x30U | (publication.dup && level != 0 ? 8U : 0U) | level << 1 |
         (publication.retain ? 1U : 0U);
}

void write_properties(
  raw_writer& writer, std::size_t size, const outgoing_publication& publication) {
  writer.variable_byte_integer(size);
  if (publication.topic_alias != 0) {
    writer.one_byte(id_of(property::topic_alias));
    writer.two_bytes(publication.topic_alias);
  }
  if (publication.message_expiry_interval != forever) {
    writer.one_byte(id_of(property::message_expiry_interval));
    writer.four_bytes(publication.message_expiry_interval);
  }
  writer.bytes(publication.properties);
  for (const auto id : publication.subscription_identifiers) {
    writer.one_byte(id_of(property::subscription_identifier));
    writer.variable_byte_integer(id);
  }
}

bool write(
  std::string& out, version version, const outgoing_publication& publication, bool with_payload) {
  const auto found = measure(version, publication);
  const auto remaining = found.remaining + publication.payload.size();
  if (remaining > largest_remaining_length || publication.topic.size() > longest_field)
    return false;
  const auto head = 1 + variable_byte_integer_size(remaining) + found.remaining;
  const auto begin = out.size();
  out.resize(begin + head + (with_payload ? publication.payload.size() : 0));
  raw_writer writer{out.data() + begin};
  writer.one_byte(first_byte(publication));
  writer.variable_byte_integer(remaining);
  writer.two_bytes(publication.topic.size());
  writer.bytes(publication.topic);
  if (publication.qos != qos::at_most_once)
    writer.two_bytes(publication.packet_id);
  if (version == version::mqtt_5_0)
    write_properties(writer, found.properties, publication);
  if (with_payload)
    writer.bytes(publication.payload);
  return true;
}

} // namespace

std::size_t publish_size(version version, const outgoing_publication& publication) {
  const auto remaining = measure(version, publication).remaining + publication.payload.size();
  return 1 + variable_byte_integer_size(remaining) + remaining;
}

bool encode_publish(std::string& out, version version, const outgoing_publication& publication) {
  return write(out, version, publication, true);
}

bool encode_publish_head(
  std::string& out, version version, const outgoing_publication& publication) {
  return write(out, version, publication, false);
}

} // namespace callboard::protocol
