#pragma once

#include "protocol/codec/framer.hpp"
#include "protocol/expected.hpp"
#include "protocol/packets/packet.hpp"
#include "protocol/reason_code.hpp"
#include "protocol/types.hpp"

#include <forward_list>
#include <memory>
#include <string>

/// From bytes to packets, for all versions and both directions. Strict: what the
/// standard forbids is an error, with malformed_packet or protocol_error as
/// MQTT5-4.13 tells them apart, and the connection ends with it. Never reads
/// beyond the frame, whatever its bytes say.
namespace callboard::protocol {

/// Which end of the connection sent a packet; some packets, properties and
/// reason codes belong to one of them only.
enum class sender : std::uint8_t { client, server };

/// Keeps what a decoded publication needs besides the bytes it came in. Costs
/// nothing while empty; may be moved; holds as long as the publication is used.
using arena = std::forward_list<std::string>;

/// A PUBLISH, MQTT5-3.3. Views into the frame; allocates nothing unless an MQTT 5
/// property that is for this connection alone stands between properties that go
/// on to subscribers: then these are copied into `rest`.
///
/// A topic that is named by its alias only stays empty. A client's subscription
/// identifier is a protocol_error (MQTT5-3.3.4-6); a server's are let go here,
/// and subscription_identifiers() finds them.
expected<publication, error> decode_publish(
  const frame& frame, version version, sender from, arena& rest);

/// PUBACK, PUBREC, PUBREL or PUBCOMP, MQTT5-3.4 to 3.7.
expected<acknowledgement, error> decode_acknowledgement(const frame& frame, version version);

/// Any packet of a connection whose version is known: that is, all but the
/// first. A CONNECT is a protocol_error here (MQTT5-3.1.0-2), as is a packet
/// that this sender never sends (E08).
expected<packet, error> decode(const frame& frame, version version, sender from, arena& rest);

/// Why a CONNECT was refused, and what may be said about it.
struct connect_refusal {
  protocol::error error;

  /// Whether a CONNACK with the error's code may be sent before the connection
  /// is closed. Not for a malformed CONNECT of 3.x (MQTT311-3.1.4-1, E32), not
  /// for what is no CONNECT at all (E12) nor MQTT (E24).
  bool may_answer = false;

  /// The version to answer in. A protocol level of 5 and above is answered in
  /// MQTT 5.0, one below in 3.1.1, as E23 has it.
  version answer_in = version::mqtt_3_1_1;
};

/// The first packet of a connection, MQTT5-3.1; finds the version itself. An
/// unknown protocol level, and another protocol name than MQTT or MQIsdp, are
/// unsupported_protocol_version. So are the levels 0x83 and 0x84 with which some
/// bridges mark themselves (E26), answered in 3.1.1: those bridges try again
/// without the mark.
///
/// Of a 3.1 CONNECT the flags of the fixed header are not looked at (E25), nor are
/// will QoS and will retain without a will, and user name and password may be
/// announced but missing: MQTT 3.1 has it so. Whether the client identifier
/// will do is the caller's question (E25, E31).
expected<std::unique_ptr<connect>, connect_refusal> decode_connect(const frame& frame);

} // namespace callboard::protocol
