#pragma once

#include "tests/conformance/packet_builder.hpp"
#include "tests/conformance/place.hpp"
#include "tests/conformance/received_packet.hpp"
#include "tests/conformance/tcp_stream.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::conformance {

/// For what must happen: long, since machines may be busy.
constexpr milliseconds patience{5000};
/// For what must not happen: short, since it is waited for in full.
constexpr milliseconds moment{250};

/// What a wire_client did not get. The text names the test's line, what was
/// wanted, what came, and the last packets of the connection.
struct wire_failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A list of reason codes of which the server may choose; empty: any error.
using reason_codes = std::vector<unsigned>;

/// One connection to the broker under test, which says whatever a test wants and
/// takes nothing on trust. All functions block until done or their deadline, and
/// throw wire_failure, which ends the test with the line that asked. Each packet
/// that arrives is checked by parse(), whatever the test is about.
class wire_client {
public:
  /// Connects the socket; nothing is sent. `version` says how the server's packets
  /// are to be read.
  explicit wire_client(const endpoint& broker, protocol_version version = protocol_version::v5);

  protocol_version version() const { return version_; }

  /// From now on a server that closes a connection of version 5.0 on an error has to
  /// say why: Callboard promises what the standard only recommends.
  void require_reasons() { reasons_required_ = true; }

  // -- octets ------------------------------------------------------------------

  void send(std::string_view octets, place where = place::here());
  /// The same, each octet in a segment of its own.
  void send_bytewise(std::string_view octets, place where = place::here());
  /// Sends until all is written or the server closes; whether all was.
  bool send_while_open(std::string_view octets, place where = place::here());
  /// The connection breaks: no DISCONNECT.
  void cut();
  /// Half a close: the server sees the end of our stream, we still read.
  void finish_writing() { stream_.finish_writing(); }
  tcp_stream& stream() { return stream_; }

  // -- what comes --------------------------------------------------------------

  /// The next packet, whatever it is.
  received_packet receive(place where = place::here());
  /// The next packet if one comes within `time`. The end of the stream fails.
  std::optional<received_packet> receive_within(milliseconds time, place where = place::here());
  /// The next packet, which must be of this type.
  received_packet expect(packet_type type, place where = place::here());
  /// The next packet of this type. Others that come before are kept for later: the
  /// standard often leaves the order open (MQTT5-3.8.4).
  received_packet await(packet_type type, place where = place::here());
  /// The next packet is this PUBLISH. It is not acknowledged.
  received_packet expect_publish(
    std::string_view topic, std::string_view payload, place where = place::here());
  /// Exactly these octets come next.
  void expect_octets(std::string_view octets, place where = place::here());
  /// Nothing comes for a while, and the connection stays open.
  void expect_silence(milliseconds time = moment, place where = place::here());
  /// The server closes without another octet.
  void expect_eof(milliseconds time = patience, place where = place::here());
  /// The server closes. Before that it names the reason in a DISCONNECT (MQTT5-4.13,
  /// a should, which only require_reasons() makes a must) that has one of these codes,
  /// or any error code if none is given; connections of 3.x see no packet. Returns
  /// the DISCONNECT if one came. Where no answer is allowed: expect_eof().
  std::optional<received_packet> expect_closed(
    const reason_codes& codes = {}, milliseconds time = patience, place where = place::here());
  /// The same where the DISCONNECT is a must for every server.
  received_packet expect_disconnect(unsigned code, place where = place::here());
  /// As expect_closed(), before the CONNACK: the server names the reason in a CONNACK
  /// (MQTT5-3.1.4-1), and sends nothing else.
  std::optional<received_packet> expect_refused(
    const reason_codes& codes = {}, place where = place::here());
  /// All octets until the server closes.
  bytes drain(milliseconds time = patience, place where = place::here());

  // -- conversations -----------------------------------------------------------

  /// Sends the CONNECT and returns the CONNACK, which must be a success.
  received_packet connect(const connect_options& options = {}, place where = place::here());
  /// Subscribes and returns the SUBACK, which must grant the QoS of `options`.
  received_packet subscribe(std::string_view filter, unsigned options = 0,
    std::string_view properties = {}, place where = place::here());
  /// Subscribes, whatever the answer.
  received_packet try_subscribe(const std::vector<subscription>& subscriptions,
    std::string_view properties = {}, place where = place::here());
  received_packet unsubscribe(const std::vector<std::string>& filters, place where = place::here());
  /// Publishes with the whole handshake of its QoS; takes an unused identifier if
  /// `message` has none. Returns the reason code of the PUBACK or PUBREC.
  unsigned publish(publication message, place where = place::here());
  /// Only sends the PUBLISH; returns its identifier.
  std::uint16_t send_publish(publication message, place where = place::here());
  /// Answers a PUBLISH with PUBACK, or PUBREC to PUBCOMP.
  void acknowledge(const received_packet& message, place where = place::here());
  /// expect_publish() and acknowledge().
  received_packet receive_message(
    std::string_view topic, std::string_view payload, place where = place::here());
  /// A PINGREQ and its PINGRESP; other packets are kept for later.
  void ping(place where = place::here());
  /// Sends DISCONNECT and waits until the server has closed.
  void disconnect(
    unsigned reason = 0, std::string_view properties = {}, place where = place::here());
  /// An identifier that this client has not used yet.
  std::uint16_t next_packet_id();

private:
  std::optional<received_packet> next(steady_time deadline, const std::string& wanted, place where);
  std::optional<received_packet> from_stream(
    steady_time deadline, const std::string& wanted, place where);
  std::optional<received_packet> cut_from_input(place where);
  std::optional<received_packet> closing_packet(
    packet_type type, const reason_codes& codes, milliseconds time, place where);
  received_packet checked(received_packet packet, packet_type wanted, place where) const;
  void expect_end(steady_time deadline, place where);
  void remember(char direction, std::string_view octets);
  [[noreturn]] void fail(const std::string& what, place where) const;

  protocol_version version_;
  tcp_stream stream_;
  bytes input_;                         // received, not yet taken apart
  std::deque<received_packet> pending_; // taken apart, not yet asked for
  std::deque<std::string> history_;     // for failures
  std::uint16_t last_packet_id_ = 0;
  bool ended_ = false; // the server has closed
  bool reasons_required_ = false;
};

} // namespace callboard::conformance
