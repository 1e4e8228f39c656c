#include "protocol/codec/decode.hpp"
#include "protocol/codec/property_reader.hpp"
#include "protocol/codec/reader.hpp"
#include "protocol/codec/reason_codes.hpp"

namespace callboard::protocol {

namespace {

/// The low four bits of a PUBREL are 0010 (MQTT5-3.6.1-1), of the others 0000
/// (MQTT5-2.1.3-1, E07). MQTT 3.1 sets DUP on a PUBREL that it repeats.
bool valid_flags(const frame& frame, version version) {
  if (frame.type() != packet_type::pubrel)
    return frame.flags() == 0;
  return frame.flags() == 2 || (frame.flags() == 0x0A && version == version::mqtt_3_1);
}

/// What MQTT 5 may say besides the packet identifier, and may leave out (E47).
void read_code(reader& in, acknowledgement& into) {
  into.code = static_cast<reason_code>(in.one_byte());
  if (!may_acknowledge(into.type, into.code)) // MQTT5-3.4.2-1 to MQTT5-3.7.2-1, E49
    in.fail(reason_code::protocol_error, "an acknowledgement has no such reason code");
  if (in.empty())
    return;
  property_reader properties{in, {property::reason_string, property::user_property}};
  while (properties.next()) {
  }
}

} // namespace

expected<acknowledgement, error> decode_acknowledgement(const frame& frame, version version) {
  acknowledgement read;
  read.type = static_cast<ack_type>(frame.type());
  reader in{frame.body()};
  if (!valid_flags(frame, version))
    in.fail(reason_code::malformed_packet,
      "the low four bits of an acknowledgement must be 0, of a PUBREL 2");
  read.packet_id = in.packet_id();
  if (version == version::mqtt_5_0 && !in.empty())
    read_code(in, read);
  if (!in.finish())
    return in.fault();
  return read;
}

} // namespace callboard::protocol
