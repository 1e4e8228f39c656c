#include "protocol/codec/decode_packets.hpp"
#include "protocol/codec/property_reader.hpp"
#include "protocol/codec/reader.hpp"
#include "protocol/codec/reason_codes.hpp"

#include <utility>

namespace callboard::protocol {

namespace {

/// Packet identifier and properties, the same in SUBACK and UNSUBACK.
void read_head(reader& in, const frame& frame, version version, suback& into) {
  if (frame.flags() != 0) // MQTT5-2.1.3-1
    in.fail(reason_code::malformed_packet, "the low four bits of a SUBACK or UNSUBACK must be 0");
  into.packet_id = in.packet_id();
  if (version != version::mqtt_5_0)
    return;
  property_reader properties{in, {property::reason_string, property::user_property}};
  while (const auto one = properties.next())
    if (one->id == property::reason_string)
      into.reason_string = one->text;
}

/// Of 3.x only 0, 1, 2 and 0x80 (MQTT311-3.9.3-2).
bool may_answer_subscribe(version version, reason_code code) {
  if (version == version::mqtt_5_0)
    return protocol::may_answer_subscribe(code);
  return code <= reason_code::granted_qos_2 || code == reason_code::unspecified_error;
}

template <class MayAnswer>
void read_codes(reader& in, suback& into, MayAnswer may_answer) {
  if (in.empty())
    in.fail(reason_code::malformed_packet, "a SUBACK or UNSUBACK must have a code for each filter");
  while (!in.empty()) {
    const auto code = static_cast<reason_code>(in.one_byte());
    if (!may_answer(code))
      in.fail(reason_code::protocol_error, "a SUBACK or UNSUBACK has no such reason code");
    into.codes.push_back(code);
  }
}

} // namespace

expected<std::unique_ptr<suback>, error> decode_suback(const frame& frame, version version) {
  auto read = std::make_unique<suback>();
  reader in{frame.body()};
  read_head(in, frame, version, *read);
  read_codes(in, *read, [=](reason_code code) { return may_answer_subscribe(version, code); });
  if (!in.finish())
    return in.fault();
  return read;
}

expected<std::unique_ptr<unsuback>, error> decode_unsuback(const frame& frame, version version) {
  auto read = std::make_unique<unsuback>();
  reader in{frame.body()};
  read_head(in, frame, version, *read);
  if (version == version::mqtt_5_0)
    read_codes(in, *read, may_answer_unsubscribe);
  if (!in.finish())
    return in.fault();
  return read;
}

} // namespace callboard::protocol
