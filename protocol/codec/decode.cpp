#include "protocol/codec/decode.hpp"
#include "protocol/codec/decode_packets.hpp"

#include <utility>

namespace callboard::protocol {

namespace {

template <class Decoded>
expected<packet, error> as_packet(Decoded decoded) {
  if (!decoded)
    return decoded.error();
  return packet{*std::move(decoded)};
}

template <class Ping>
expected<packet, error> decode_ping(const frame& frame) {
  if (frame.flags() != 0)
    return error{
      reason_code::malformed_packet, "the low four bits of a PINGREQ or PINGRESP must be 0"};
  if (!frame.body().empty()) // E05
    return error{reason_code::malformed_packet, "a PINGREQ or PINGRESP must have no body"};
  return packet{Ping{}};
}

error not_sent_by(sender from) {
  return {reason_code::protocol_error,
    from == sender::client
      ? "a client must not send a packet of this type, and CONNECT only once, at the beginning"
      : "a server must not send a packet of this type"};
}

/// Whether this side ever sends such a packet to a connection that is open (E08,
/// E14). A DISCONNECT from the server came with MQTT 5.
bool sends(sender from, packet_type type, version version) {
  switch (type) {
  case packet_type::connect:
    return false;
  case packet_type::subscribe:
  case packet_type::unsubscribe:
  case packet_type::pingreq:
    return from == sender::client;
  case packet_type::connack:
  case packet_type::suback:
  case packet_type::unsuback:
  case packet_type::pingresp:
    return from == sender::server;
  case packet_type::disconnect:
    return from == sender::client || version == version::mqtt_5_0;
  default:
    return true;
  }
}

} // namespace

expected<packet, error> decode(const frame& frame, version version, sender from, arena& rest) {
  const auto type = frame.type();
  if (!sends(from, type, version))
    return not_sent_by(from);
  switch (type) {
  case packet_type::publish:
    return as_packet(decode_publish(frame, version, from, rest));
  case packet_type::puback:
  case packet_type::pubrec:
  case packet_type::pubrel:
  case packet_type::pubcomp:
    return as_packet(decode_acknowledgement(frame, version));
  case packet_type::subscribe:
    return as_packet(decode_subscribe(frame, version));
  case packet_type::unsubscribe:
    return as_packet(decode_unsubscribe(frame, version));
  case packet_type::pingreq:
    return decode_ping<pingreq>(frame);
  case packet_type::pingresp:
    return decode_ping<pingresp>(frame);
  case packet_type::disconnect:
    return as_packet(decode_disconnect(frame, version, from));
  case packet_type::connack:
    return as_packet(decode_connack(frame, version));
  case packet_type::suback:
    return as_packet(decode_suback(frame, version));
  case packet_type::unsuback:
    return as_packet(decode_unsuback(frame, version));
  case packet_type::auth:
    return as_packet(decode_auth(frame, version, from));
  default:
    return error{reason_code::malformed_packet, "there is no packet of type 0"};
  }
}

} // namespace callboard::protocol
