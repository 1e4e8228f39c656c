#pragma once

#include "protocol/packets/acknowledgement.hpp"
#include "protocol/session/packet_id_table.hpp"
#include "protocol/session/ring.hpp"
#include "protocol/types.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace callboard::protocol {

/// Names a publication of QoS 1 or 2 between its arrival and its
/// acknowledgement. 0: none is due, the publication was of QoS 0.
using ticket = std::uint64_t;

/// What to do with a publication of QoS 1 or 2 that has arrived.
enum class arrival : std::uint8_t {
  fresh,   // route it
  repeat,  // QoS 2 and known already: only acknowledge it (E72)
  overrun, // beyond our receive maximum: protocol error 0x93 (E80)
};

/// How a store learns that a publication of QoS 2 was received.
enum class reception : std::uint8_t {
  told,   // the session says so
  known,  // it was told already
  passing // not at all: what the publication brought about does not last either
};

/// The client's publications of QoS 1 and 2: which packet identifiers of QoS 2
/// are not released yet, and which acknowledgements are owed. The identifiers
/// belong to the session and outlive its connections.
///
/// Publications are routed at the same time and end in any order; their
/// acknowledgements leave in the order of arrival (MQTT311-4.6.0-2, -3, E82).
class inbound_window {
public:
  // -- what survives ------------------------------------------------------------

  /// A publication of QoS 2 has arrived under an identifier that is not known.
  void receive(packet_id id);

  /// The identifier is known until the process ends and need not survive: what was
  /// published under it does not either. Nothing if it is not known.
  void let_pass(packet_id id);

  /// Whether it is known and survives.
  bool keeps(packet_id id) const;

  /// Frees an identifier of QoS 2. False if it is not known.
  bool free(packet_id id);

  bool knows(packet_id id) const { return ids_.find(id) != nullptr; }
  std::size_t unreleased() const { return ids_.size(); }

  /// All identifiers that survive, ascending; not those whose routing has not ended:
  /// what they stand for need not survive, and has to be routed again then.
  std::vector<packet_id> ids() const;

  friend bool operator==(const inbound_window& left, const inbound_window& right) {
    return left.ids() == right.ids();
  }

  // -- the present connection ---------------------------------------------------

  /// A connection begins: what is owed to the last one is never sent, and the
  /// count against the receive maximum starts anew.
  void resume(std::uint16_t receive_maximum);

  /// What to do with a publication of QoS 1 or 2. Changes nothing.
  arrival judge(qos quality, packet_id id) const;

  /// Takes a publication in; judge() was not `overrun`, and a fresh one of QoS 2
  /// went through receive(). A repeat is acknowledged together with what it
  /// repeats.
  ticket begin(qos quality, packet_id id, arrival how);

  /// Routing has ended and the publication may be acknowledged with this code.
  /// The identifier of QoS 2 that is known for good now, or to be freed if the code is
  /// a failure (MQTT5-4.3.3-9); 0 if none. A ticket that is not known is let pass.
  packet_id finish(ticket which, reason_code code);

  /// Appends the acknowledgements that are due, in order.
  void take_due(std::vector<acknowledgement>& due);

  /// Acknowledgements that are owed, due or not.
  std::size_t owed() const { return acks_.size(); }

  /// Forgets everything; tickets go on.
  void clear();

  /// Gives back memory of what is empty.
  void shrink();

private:
  struct received {
    ticket taken = 0; // what it came with, if it came in this process
    packet_id id = 0;
    bool counted = false; // against the receive maximum
    bool passing = false; // need not survive
  };

  struct owed_ack {
    acknowledgement ack;
    bool finished = false;
    bool repeat = false;
    bool counted = false;   // against the receive maximum, until it leaves
    bool abandoned = false; // its connection is gone
  };

  owed_ack* find(ticket which);
  void count_in(owed_ack& owed, arrival how, ticket taken);
  void settle_repeats(packet_id id, reason_code code);

  packet_id_table<received> ids_;
  ring<owed_ack> acks_;
  ticket first_ = 1; // the ticket of acks_[0]
  std::uint32_t repeats_ = 0;
  std::uint32_t counted_ = 0;
  std::uint16_t receive_maximum_ = 65'535;
};

} // namespace callboard::protocol
