#include "protocol/codec/outbound_aliases.hpp"

#include "protocol/codec/alias_table.hpp"
#include "protocol/codec/encode.hpp"
#include "protocol/codec/framer.hpp"
#include "protocol/codec/property_reader.hpp"
#include "protocol/codec/reader.hpp"

#include <algorithm>
#include <optional>

namespace callboard::protocol {

namespace {

/// An alias costs three bytes, and perhaps one more of property length.
constexpr std::size_t shortest_topic = 5;

/// Bounds the memory of a connection; longer topics go out as they are.
constexpr std::size_t longest_topic = 512;

constexpr std::size_t largest_packet = largest_remaining_length + 5;

bool has_alias(std::string_view block) {
  reader in{block};
  property_reader properties{in, publish_property_set, {property::subscription_identifier}};
  while (const auto one = properties.next())
    if (one->id == property::topic_alias)
      return true;
  return in.failed(); // then better hands off
}

/// Takes an MQTT 5.0 PUBLISH apart; none if it has an alias or is no such thing.
std::optional<outgoing_publication> take_apart(std::string_view publish) {
  const auto framed = next_frame(publish);
  if (framed.status != frame_result::status::complete ||
      framed.frame.type() != packet_type::publish)
    return std::nullopt;
  const auto flags = framed.frame.flags();
  reader in{framed.frame.body()};
  outgoing_publication parts;
  parts.qos = static_cast<qos>(flags >> 1 & 3);
  parts.dup = (flags & 8) != 0;
  parts.retain = (flags & 1) != 0;
  parts.topic = in.binary();
  if (parts.qos != qos::at_most_once)
    parts.packet_id = in.packet_id();
  const auto block = in.rest();
  parts.properties = in.bytes(in.variable_byte_integer());
  parts.payload = in.rest();
  if (in.failed() || (!parts.properties.empty() && has_alias(block)))
    return std::nullopt;
  return parts;
}

bool fits(const outgoing_publication& parts, std::uint32_t maximum_packet_size) {
  const std::size_t maximum = maximum_packet_size == 0 ? largest_packet : maximum_packet_size;
  return publish_size(version::mqtt_5_0, parts) <= maximum;
}

} // namespace

outbound_aliases::outbound_aliases(std::uint16_t receiver_maximum, std::uint16_t our_maximum)
    : maximum_{std::min(receiver_maximum, our_maximum)} {}

outbound_aliases::outbound_aliases(outbound_aliases&&) noexcept = default;
outbound_aliases& outbound_aliases::operator=(outbound_aliases&&) noexcept = default;
outbound_aliases::~outbound_aliases() = default;

bool outbound_aliases::rewrite(
  std::string_view publish, std::string& out, std::uint32_t maximum_packet_size) {
  if (!enabled())
    return false;
  auto parts = take_apart(publish);
  if (!parts || parts->topic.size() < shortest_topic || parts->topic.size() > longest_topic)
    return false;
  if (!table_)
    table_ = std::make_unique<alias_table>(maximum_);
  return shorten(*parts, maximum_packet_size) && encode_publish(out, version::mqtt_5_0, *parts);
}

bool outbound_aliases::shorten(outgoing_publication& parts, std::uint32_t maximum_packet_size) {
  parts.topic_alias = table_->use(parts.topic);
  if (parts.topic_alias != 0) {
    parts.topic = {};
    return fits(parts, maximum_packet_size);
  }
  parts.topic_alias = 1; // takes as many bytes as the one to come
  if (!table_->earns(parts.topic) || !fits(parts, maximum_packet_size))
    return false;
  parts.topic_alias = table_->give(parts.topic);
  return true;
}

} // namespace callboard::protocol
