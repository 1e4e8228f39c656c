#include "protocol/codec/decode.hpp"
#include "protocol/codec/property_reader.hpp"
#include "protocol/codec/reader.hpp"
#include "protocol/codec/topic_name.hpp"

#include <utility>

namespace callboard::protocol {

namespace {

/// The part of a property block that goes on to subscribers.
class kept_part {
public:
  explicit kept_part(std::string_view block) : block_{block} {}

  void add(std::string_view encoded) {
    if (kept_.empty())
      kept_ = encoded;
    else if (kept_.data() + kept_.size() == encoded.data())
      kept_ = {kept_.data(), kept_.size() + encoded.size()};
    else
      in_one_piece_ = false;
  }

  /// A view into the block, or into a copy if something stands in between.
  std::string_view taken(arena& rest) const {
    if (in_one_piece_)
      return kept_;
    auto& copy = rest.emplace_front();
    reader again{block_};
    property_reader properties{again, publish_property_set, {property::subscription_identifier}};
    while (const auto one = properties.next())
      if (message_property_set.contains(one->id))
        copy.append(one->encoded);
    return copy;
  }

private:
  std::string_view block_; // with its length in front
  std::string_view kept_;
  bool in_one_piece_ = true;
};

void take(const read_property& one, sender from, reader& in, publication& into) {
  switch (one.id) {
  case property::message_expiry_interval:
    into.message_expiry_interval = one.number;
    return;
  case property::topic_alias:
    into.topic_alias = static_cast<std::uint16_t>(one.number);
    into.forwardable = false;
    return;
  case property::subscription_identifier:
    if (from == sender::client) // MQTT5-3.3.4-6, E63
      in.fail(reason_code::protocol_error,
        "a client must not send a subscription identifier in a PUBLISH");
    into.forwardable = false;
    return;
  default:
    return;
  }
}

[[gnu::noinline]] void read_properties(reader& in, sender from, arena& rest, publication& into) {
  kept_part kept{in.rest()};
  property_reader properties{in, publish_property_set, {property::subscription_identifier}};
  while (const auto one = properties.next()) {
    if (message_property_set.contains(one->id))
      kept.add(one->encoded);
    else
      take(*one, from, in, into);
  }
  if (!in.failed())
    into.properties = kept.taken(rest);
}

/// Only MQTT 5 has properties; most packets have none of them.
void read_properties_if_any(
  reader& in, version version, sender from, arena& rest, publication& into) {
  if (version != version::mqtt_5_0)
    return;
  if (in.rest().starts_with('\0')) [[likely]]
    in.bytes(1);
  else
    read_properties(in, from, rest, into);
}

void check_topic(reader& in, version version, const publication& read) {
  if (read.topic.empty() && read.topic_alias == 0) // E58
    in.fail(
      version == version::mqtt_5_0 ? reason_code::protocol_error : reason_code::malformed_packet,
      "a PUBLISH must name its topic, or in MQTT 5.0 a topic alias");
  const auto fault = check_topic_name(read.topic);
  if (fault == topic_name_fault::none) [[likely]]
    return;
  in.fail(
    reason_code::malformed_packet, fault == topic_name_fault::wildcard
                                     ? "the topic of a PUBLISH must not hold the wildcards + and #"
                                     : "the topic of a PUBLISH is not valid UTF-8");
}

void read_flags(reader& in, std::uint8_t flags, publication& into) {
  const auto level = flags >> 1 & 3;
  into.qos = static_cast<qos>(level);
  into.dup = (flags & 8) != 0;
  into.retain = (flags & 1) != 0;
  into.forwardable = (flags & 7) == 0;
  if (level == 3) // MQTT5-3.3.1-4, MQTT311-3.3.1-4, E09
    in.fail(reason_code::malformed_packet, "a PUBLISH must have QoS 0, 1 or 2");
  if (level == 0 && into.dup) // MQTT5-3.3.1-2, MQTT311-3.3.1-2, E10
    in.fail(reason_code::malformed_packet, "a PUBLISH with QoS 0 must not set DUP");
}

} // namespace

expected<publication, error> decode_publish(
  const frame& frame, version version, sender from, arena& rest) {
  publication read;
  reader in{frame.body()};
  read.packet = frame.packet;
  read_flags(in, frame.flags(), read);
  read.topic = in.binary();
  if (read.qos != qos::at_most_once)
    read.packet_id = in.packet_id();
  read_properties_if_any(in, version, from, rest, read);
  check_topic(in, version, read);
  if (in.failed()) [[unlikely]]
    return in.fault();
  read.payload = in.rest();
  return read;
}

} // namespace callboard::protocol
