#pragma once

#include "protocol/packets/packet.hpp"
#include "protocol/reason_code.hpp"
#include "protocol/types.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// From packets to bytes, for all versions and both directions. Everything
/// appends to `out`. What a version does not know is left out.
///
/// `maximum_packet_size` is the receiver's limit in bytes; 0: none. A packet that
/// is too large is encoded without its reason string and user properties
/// (MQTT5-3.2.2-19, -20, MQTT5-3.4.2-2, -3 and their like); if that is too large
/// as well, nothing is appended and the function says false. Strings longer than
/// 65,535 bytes are cut: whoever makes packets keeps to the length.
namespace callboard::protocol {

/// A PUBLISH to be written. Views: lives no longer than what it was made from.
struct outgoing_publication {
  protocol::qos qos = qos::at_most_once;
  bool dup = false;
  bool retain = false;
  protocol::packet_id packet_id = 0; // QoS 1 and 2 only

  /// Seconds that are left; `forever`: none is written.
  std::uint32_t message_expiry_interval = forever;
  std::uint16_t topic_alias = 0; // 0: none
  std::span<const std::uint32_t> subscription_identifiers = {};

  std::string_view topic = {};
  std::string_view properties = {}; // encoded, see message::make
  std::string_view payload = {};
};

/// The size of the whole packet in bytes. 3.x packets have no properties.
std::size_t publish_size(version version, const outgoing_publication& publication);

/// Properties come in this order: alias, expiry, the message's own properties as
/// they came (MQTT5-3.3.2-18), subscription identifiers. Says false,
/// and appends nothing, if MQTT has no packets so large (268,435,460 bytes) or
/// topics so long (65,535 bytes).
bool encode_publish(std::string& out, version version, const outgoing_publication& publication);

/// All but the payload, for payloads that are written from where they lie. The
/// payload's size is counted in.
bool encode_publish_head(
  std::string& out, version version, const outgoing_publication& publication);

/// PUBACK, PUBREC, PUBREL, PUBCOMP in their shortest form. 3.x has neither code
/// nor reason.
bool encode_ack(std::string& out, version version, const acknowledgement& ack,
  std::string_view reason = {}, std::uint32_t maximum_packet_size = 0);

/// In the version that the CONNECT itself names.
bool encode_connect(std::string& out, const connect& connect);

/// False also if the version has no return code for the reason: then the
/// connection closes without a CONNACK (MQTT311-3.2.2-6). To 3.1 the byte of
/// session present is 0 (E25).
bool encode_connack(
  std::string& out, version version, const connack& connack, std::uint32_t maximum_packet_size = 0);

bool encode_subscribe(std::string& out, version version, const subscribe& subscribe,
  std::uint32_t maximum_packet_size = 0);

/// 3.1.1 gets 0, 1, 2 and 0x80 (MQTT311-3.9.3-2). MQTT 3.1 has no failure code: its
/// clients are told QoS 0 for a filter that was refused (E97).
bool encode_suback(
  std::string& out, version version, const suback& suback, std::uint32_t maximum_packet_size = 0);

bool encode_unsubscribe(std::string& out, version version, const unsubscribe& unsubscribe,
  std::uint32_t maximum_packet_size = 0);

/// 3.x gets no codes.
bool encode_unsuback(std::string& out, version version, const unsuback& unsuback,
  std::uint32_t maximum_packet_size = 0);

void encode_pingreq(std::string& out);
void encode_pingresp(std::string& out);

/// In 3.x only clients send it, and it says nothing: `E0 00`. A server must not
/// set a session expiry interval (MQTT5-3.14.2-2).
bool encode_disconnect(std::string& out, version version, const disconnect& disconnect,
  std::uint32_t maximum_packet_size = 0);

/// MQTT 5.0 only.
bool encode_auth(std::string& out, const auth& auth, std::uint32_t maximum_packet_size = 0);

/// Any packet, by the functions above. A publication's subscription identifiers,
/// which only its bytes hold, are not written.
bool encode(
  std::string& out, version version, const packet& any, std::uint32_t maximum_packet_size = 0);

/// The return code of a 3.x CONNACK for a reason; none if nothing fits
/// (MQTT311-3.2.2-6).
std::optional<std::uint8_t> connack_return_code(reason_code code);

/// The return code of a 3.x SUBACK for a reason.
std::uint8_t suback_return_code(reason_code code);

} // namespace callboard::protocol
