#include "protocol/codec/inbound_aliases.hpp"
#include "protocol/codec/message_properties.hpp"
#include "protocol/codec/outbound_aliases.hpp"
#include "tests/fuzz/codec_input.hpp"

namespace callboard::protocol::fuzz {

namespace {

/// Sends a packet through the aliases several times: the receiver must find the
/// topic and all the rest each time.
void check_aliases(const std::string& bytes, const publication& original) {
  outbound_aliases outbound{4};
  inbound_aliases inbound{4};
  for (int use = 0; use < 4; ++use) {
    std::string written;
    if (!outbound.rewrite(bytes, written))
      continue;
    require(use > 0, "a topic gets no alias at once");
    arena rest;
    auto read = decode_publish(next_frame(written).frame, version::mqtt_5_0, sender::server, rest);
    require(static_cast<bool>(read), "a rewritten packet can be decoded");
    const auto holder = inbound.resolve(*read);
    require(static_cast<bool>(holder), "its alias is known");
    require(read->topic == original.topic, "it stands for the topic");
    require(read->properties == original.properties, "properties are kept");
    require(read->payload == original.payload, "the payload is kept");
    require(read->packet_id == original.packet_id, "the identifier is kept");
  }
}

/// Message properties that were read one by one are the same after encoding.
void check_properties(const publication& read) {
  const auto properties = decode_message_properties(read.properties);
  require(decode_message_properties(encode(properties)) == properties, "properties come again");
}

void check_publish(const std::string& bytes, version version, sender from) {
  check_round_trip(bytes, version, from);
  arena rest;
  const auto read = decode_publish(next_frame(bytes).frame, version, from, rest);
  if (!read)
    return;
  require(!read->topic.empty() || read->topic_alias != 0, "there is a topic or an alias");
  check_properties(*read);
  subscription_identifiers(bytes);
  if (version == version::mqtt_5_0 && read->topic_alias == 0)
    check_aliases(bytes, *read);
}

} // namespace

} // namespace callboard::protocol::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace callboard::protocol::fuzz;
  const codec_input input{bytes, size};
  const auto flags = size == 0 ? 0U : bytes[0] >> 3 & 0x0FU;
  check_publish(input.as_packet(0x30U | flags), input.chosen_version(), input.chosen_sender());
  return 0;
}
