#pragma once

#include "protocol/expected.hpp"
#include "protocol/packets/acknowledgement.hpp"
#include "protocol/session/delivery.hpp"
#include "protocol/session/packet_id_table.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace callboard::protocol {

/// A delivery of QoS 1 or 2 that the client has not acknowledged in full.
struct in_flight {
  /// Without its message once PUBREC has come: from then on only PUBREL is sent
  /// (MQTT5-4.3.3-6).
  delivery what;

  /// Grows in the order of sending, which resending keeps (MQTT5-4.4.0-1).
  std::uint64_t sequence = 0;

  packet_id id = 0;

  /// PUBREC has come.
  bool released = false;

  /// Sent on the present connection, so it counts against the quota.
  bool on_wire = false;
};

/// What an acknowledgement from the client asks for.
enum class ack_step : std::uint8_t {
  nothing,      // of a delivery that is not in flight: let it pass
  settle,       // the delivery is done
  release,      // first PUBREC: answer PUBREL
  repeat,       // PUBREC again: answer PUBREL again (E76)
  unknown,      // PUBREC for nothing: answer PUBREL 0x92 (E74)
  out_of_place, // of the wrong type for the delivery: protocol error (E75)
};

/// The deliveries of QoS 1 and 2 in flight to the client, with the packet
/// identifiers that name them. They belong to the session and outlive its
/// connections; the quota is the connection's own (E80). Constant time.
class outbound_window {
public:
  // -- what survives ------------------------------------------------------------

  /// Puts a delivery in flight under an identifier that is not in flight.
  void put(packet_id id, delivery&& what);

  /// PUBREC has come: lets the message go. Nothing if it is not in flight.
  void release(packet_id id);

  /// Ends a delivery's flight and frees its identifier and its place in the
  /// quota. Empty if it is not in flight.
  delivery settle(packet_id id);

  /// Continues identifiers after this one.
  void number_from(packet_id last) { last_id_ = last; }
  packet_id last_id() const { return last_id_; }

  /// The next identifier: in sequence, never 0, none that is in flight
  /// (MQTT5-2.2.1-3, E78). Only while size() is below 65,535.
  packet_id next_id() const;

  const in_flight* find(packet_id id) const { return entries_.find(id); }
  std::size_t size() const { return entries_.size(); }

  /// Of the messages that are in flight.
  std::uint64_t bytes() const { return bytes_; }

  /// Identifiers in the order of sending.
  std::vector<packet_id> in_order() const;

  /// Whether both would be continued in the same way.
  friend bool operator==(const outbound_window& left, const outbound_window& right);

  // -- the present connection ---------------------------------------------------

  /// A connection begins: a fresh quota, and all that is in flight is to be sent
  /// again in its order. PUBREL is not subject to the quota (MQTT5-4.9.0-3), so
  /// where the quota is too small for all, later PUBRELs overtake PUBLISHes.
  void resume(std::uint16_t quota);

  /// What is next to be sent again, if the quota allows; null if nothing. Until
  /// the next change.
  const in_flight* next_resend();

  /// next_resend() was sent.
  void resent(packet_id id);

  /// Whether a new delivery may be sent: all that is to be sent again was, and
  /// the quota is not used up (MQTT5-3.3.4-9, MQTT5-4.9.0-2).
  bool open();

  /// What an acknowledgement asks for. PUBACK, PUBREC and PUBCOMP only.
  ack_step judge(const acknowledgement& ack) const;

  /// Gives back memory of what is empty.
  void shrink() {
    if (entries_.empty())
      entries_.clear();
  }

private:
  packet_id_table<in_flight> entries_;
  std::vector<packet_id> resends_;
  std::uint32_t resent_ = 0; // how many of resends_ are done
  std::uint32_t on_wire_ = 0;
  std::uint64_t last_sequence_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint16_t quota_ = 65'535;
  packet_id last_id_ = 0;
};

} // namespace callboard::protocol
