#pragma once

#include "cluster/blob.hpp"
#include "cluster/hello.hpp"
#include "cluster/incoming_lane.hpp"
#include "cluster/outgoing_lane.hpp"
#include "protocol/expected.hpp"
#include "protocol/types.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::cluster {

/// How much is under way to one peer.
struct courier_limits {
  /// Bytes of frames that the peer is not done with; the control lane may have as much as the
  /// reserve on top, so that what frees something never waits behind what needs room.
  std::uint64_t credit = 4U << 20U;
  std::uint64_t control_reserve = 1U << 20U;

  /// Bytes of frames that wait for credit, on each lane. Above, the lane has no room.
  std::uint64_t waiting = 4U << 20U;

  /// Bytes of frames in one blob. What is larger goes in several.
  std::size_t blob = 256U << 10U;

  /// The largest thing that may come, in bytes.
  std::size_t largest_whole = 300U << 20U;
};

/// What went and came, in all.
struct courier_counts {
  std::uint64_t frames_sent = 0;
  std::uint64_t bytes_sent = 0; // of blobs
  std::uint64_t blobs_sent = 0;
  std::uint64_t frames_received = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t blobs_received = 0;
  std::uint64_t dropped = 0; // lossy, for want of room
};

/// One end of the way between two nodes. Whatever links do, what is sent on the control and
/// durable lanes arrives once and in order at the same incarnation of the peer, and what is
/// sent on the lossy lane at most once and in order. On each link both ends say hello() first;
/// blobs follow when the other's has come.
///
/// Credit is given back when the peer is done with something, not when it has it: so a peer
/// that is slow slows its senders, and holds no more than the credit besides the beginning of
/// one large thing on each lane.
class courier {
public:
  explicit courier(incarnation self, const courier_limits& limits = {});

  // -- to the peer ------------------------------------------------------------------

  /// Whether send() would take something. The control lane always has room: who sends on it
  /// sees to it that what is said there is bounded.
  bool has_room(lane on) const;

  /// Takes it, or not if there is no room; what the lossy lane does not take is counted as
  /// dropped. What is once taken may be as large as it likes.
  bool send(lane on, std::uint8_t type, std::string_view body);

  /// What goes now, one blob at a time: as long as there is credit and something to say.
  /// Nothing without a link.
  std::optional<std::string> next_blob(protocol::time_point now);

  /// The view of the cluster that blobs are marked with.
  void set_view(std::uint64_t view) { view_ = view; }

  // -- from the peer ------------------------------------------------------------------

  using item = incoming_lane::item;

  /// What came with one blob, for finish().
  struct ticket {
    incarnation from = 0;
    lane on = lane::control;
    std::uint64_t number = 0; // 0: nothing came
  };

  /// What a blob brought, in order.
  struct delivery {
    cluster::courier::ticket ticket;
    std::uint64_t view = 0;
    std::vector<item> items; // as long as the blob's bytes, and until the next blob
  };

  /// What is wrong with a peer's bytes. The link has to be closed; another one may be tried.
  struct fault {
    std::string_view reason;
  };

  protocol::expected<delivery, fault> on_blob(std::string_view bytes, protocol::time_point now);

  /// Nothing has to be done any more for what came with this. In any order.
  void finish(const ticket& which);

  // -- links ---------------------------------------------------------------------------

  /// What this end says first on a new link.
  hello make_hello() const;

  /// Blobs may go. If the peer is another one than before (see peer()), nothing that was sent
  /// or waited to be counts any more: who still wants it there says it again.
  std::optional<fault> on_hello(const hello& what);

  void on_link_lost() { linked_ = false; }
  bool is_linked() const { return linked_; }

  /// The peer that was last heard of; 0: none.
  incarnation peer() const { return peer_; }

  // -- how it goes ----------------------------------------------------------------------

  /// Bytes that wait to go, and that the peer is not done with.
  std::uint64_t waiting() const;
  std::uint64_t under_way() const;

  /// From a blob to the receipt for it, smoothed as RFC 6298 does. None before the first.
  std::optional<protocol::duration> round_trip() const { return round_trip_; }

  const courier_counts& counts() const { return counts_; }
  std::uint64_t resent() const;

  /// Lossy frames that broken links took with them: sent from here, and sent to here.
  std::uint64_t forgotten() const { return out_[lane::lossy].forgotten(); }
  std::uint64_t missed() const { return in_[lane::lossy].missed(); }

private:
  std::optional<lane> next_lane() const;
  bool take_receipts(const each_lane<std::uint64_t>& done, protocol::time_point now);
  void measure(protocol::duration sample);
  void begin_anew(incarnation with);
  std::string seal(blob_head head, std::string_view frames);
  std::uint64_t sum(std::uint64_t (outgoing_lane::*of)() const) const;

  incarnation self_;
  courier_limits limits_;
  incarnation peer_ = 0;
  bool linked_ = false;
  bool owes_receipt_ = false;
  std::uint64_t view_ = 0;
  each_lane<outgoing_lane> out_;
  each_lane<incoming_lane> in_;
  std::optional<protocol::duration> round_trip_;
  courier_counts counts_;
};

} // namespace callboard::cluster
