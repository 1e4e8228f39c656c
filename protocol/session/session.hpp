#pragma once

#include "protocol/expected.hpp"
#include "protocol/packets/acknowledgement.hpp"
#include "protocol/packets/connect.hpp"
#include "protocol/packets/disconnect.hpp"
#include "protocol/packets/publication.hpp"
#include "protocol/session/session_limits.hpp"
#include "protocol/session/session_state.hpp"
#include "protocol/session/will_rules.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace callboard::protocol {

/// What a session wants to know of the CONNECT that begins or resumes it.
struct attachment {
  protocol::version version = protocol::version::mqtt_5_0;
  bool clean_start = true;

  /// Seconds, as the client asked; the session caps it (E39, E44).
  std::uint32_t session_expiry_interval = 0;

  /// How many messages of QoS 1 and 2 the client takes at once; 1 to 65,535.
  std::uint16_t receive_maximum = 65'535;

  /// Null if it brought none: that of an earlier connection does not linger (E54).
  will_ptr will;
};

/// What attaching brought about.
struct attach_outcome {
  /// For the CONNACK (MQTT5-3.2.2-2, -3, E40).
  bool session_present = false;

  /// As granted, in seconds.
  std::uint32_t session_expiry_interval = 0;

  /// The earlier connection's will, to be published now; null if none.
  will_ptr will;

  /// Of an earlier session that has ended to make way.
  std::vector<subscription> withdrawn;
};

/// What a departure, or the passing of time, brought about.
struct farewell {
  /// To be published now; null if none.
  will_ptr will;

  /// The session is over. Its state is empty, and it may be attached again.
  bool ended = false;

  /// The subscriptions that it had, if it is over.
  std::vector<subscription> withdrawn;

  /// The DISCONNECT was a protocol error (E44). The code is success if not.
  protocol::error error{reason_code::success, {}};
};

/// What to do with a publication.
struct acceptance {
  enum class verdict : std::uint8_t {
    route,      // to whoever subscribes; then finish(), if there is a ticket
    only_acked, // it was here before: only acknowledgements are due (E72)
    refused,    // end the connection with the error
  };

  verdict what = verdict::route;
  protocol::ticket ticket = 0; // 0: nothing to finish
  protocol::error error{reason_code::success, {}};
};

/// What a SUBSCRIBE of one filter brought about.
struct subscribe_outcome {
  /// success; quota_exceeded if there are too many. The granted QoS is in the
  /// subscription's options.
  reason_code code = reason_code::success;

  subscription_number number = 0;

  /// There was none of this filter before.
  bool is_new = false;

  /// Whether retained messages are to be sent (MQTT5-3.3.1-9 to -11, E87, E90).
  bool wants_retained = false;
};

/// The next packet to send to the client: a PUBLISH, or a PUBREL that it must
/// see again.
struct outgoing {
  /// Null for PUBREL. Until the session is changed.
  const delivery* publish = nullptr;

  packet_id id = 0; // 0 at QoS 0
  bool dup = false;
};

enum class drop_reason : std::uint8_t { queue_full, expired, too_large, client_absent, node_full };
inline constexpr std::size_t drop_reasons = 5;

/// Where a delivery that waits finds room.
enum class room : std::uint8_t {
  own,       // as the session's limits say
  unlimited, // in any case
  exchanged, // only in the place of what waits already: all queues of the node are full
};

/// What there is in a session, for lists and counters.
struct session_counts {
  std::size_t subscriptions = 0;
  std::size_t in_flight = 0;
  std::size_t queued = 0;
  std::uint64_t queued_bytes = 0;
  std::size_t unreleased = 0; // QoS 2 from the client
  std::array<std::uint32_t, drop_reasons> dropped{};
};

/// The logic of one client's session: QoS exchanges in both directions, queue,
/// subscriptions, will and expiry, for every version of MQTT. Knows no
/// connection and no clock: packets, deliveries and the time go in; what to send
/// and to publish comes out. Owned by one SESSION actor.
///
/// All that lasts changes by operations (see operation.hpp), which are kept in a
/// log for the store if the session outlives its connection.
class session {
public:
  /// The limits must outlive the session.
  explicit session(const session_limits& limits) : limits_{&limits} {}

  /// Continues a session that was stored. One that is attached then has lost its
  /// connection: detach() it.
  session(const session_limits& limits, session_state stored);

  // -- connections --------------------------------------------------------------

  /// A client has come. If one is attached, it is taken over. What was in flight
  /// comes again from next().
  attach_outcome attach(attachment facts, time_point now);

  /// The client has sent DISCONNECT.
  farewell leave(const disconnect& packet, time_point now);

  /// The connection has gone without DISCONNECT. Nothing if none is attached.
  farewell lose(time_point now);

  /// Ends the session, attached or not, whatever its expiry: all state goes, and
  /// its will is due. Nothing if there is no session.
  farewell end();

  /// When due() shall be called; never, if nothing waits for its time.
  time_point next_deadline() const;

  /// Publishes the will and ends the session if their time has come. Too early
  /// or too often does no harm (E99).
  farewell due(time_point now);

  // -- from the client ----------------------------------------------------------

  /// A PUBLISH has come.
  acceptance accept(const publication& packet);

  /// A publication's routing has ended, in any order; code is that of its
  /// PUBACK or PUBREC.
  void finish(ticket which, reason_code code, reception stored = reception::told);

  /// Appends PUBACKs and PUBRECs that are due, in the order of the PUBLISHes.
  void take_acks(std::vector<acknowledgement>& due);

  /// So much is owed to the client that its connection should not be read until
  /// acknowledgements leave. How 3.x, which knows no receive maximum, is paced.
  bool behind() const;

  /// PUBACK, PUBREC, PUBREL or PUBCOMP has come: the packet to answer with, if
  /// any, or a protocol error. It may have made room: see next().
  expected<std::optional<acknowledgement>, error> on(const acknowledgement& ack);

  // -- to the client ------------------------------------------------------------

  /// Adds a delivery to the queue; next() sends it. All that was not sent counts
  /// against the queue's limits, so call next() between large mails. Retained
  /// messages that a SUBSCRIBE called for are not cut short by the limits (E95):
  /// there is unlimited room. The reason if it was dropped.
  std::optional<drop_reason> enqueue(delivery what, time_point now, room where = room::own);

  /// The short way, for a delivery with nothing before it that is due or waits:
  /// it is in flight at once, never in the queue, and is to be sent. Takes it out of
  /// `what` then; nothing if it has to be enqueued. Fits as for next().
  template <class Fits>
  std::optional<outgoing> pass_through(delivery& what, time_point now, Fits fits) {
    if (!has_clear_way(what, now) || !fits(what))
      return std::nullopt;
    return send_at_once(std::move(what));
  }

  /// The next packet to send, which counts as sent then; nothing if none is due
  /// or the client's quota is used up. Call until it gives nothing. Fits takes
  /// a const delivery& and says whether its PUBLISH respects the client's
  /// maximum packet size: if not, it is dropped (MQTT5-3.1.2-25, E70).
  template <class Fits>
  std::optional<outgoing> next(time_point now, Fits fits) {
    while (auto next_packet = peek(now)) {
      if (next_packet->publish == nullptr || fits(*next_packet->publish))
        return send(*next_packet);
      drop(*next_packet, drop_reason::too_large);
    }
    return std::nullopt;
  }

  // -- what of the queue rests in the store ---------------------------------------

  /// If more is in memory than `most`, lets all rest but `kept` from the front. The store
  /// must have learned of all that has happened.
  void rest(const queue_portion& most, const queue_portion& kept);

  /// Whether some that rest should come back: fewer than so many lie in front of them, or
  /// too many wait, and the first ones have to go.
  bool wants_more(std::size_t enough) const;

  /// The first of those that rest are back, in order, but for what is lost; none: the
  /// store has no more. Says how many are lost.
  std::uint64_t wake(
    std::vector<delivery>&& first, time_point now, const delivery_tally& lost = {});

  // -- subscriptions ------------------------------------------------------------

  /// A valid topic filter is subscribed to; options hold the QoS as granted. The
  /// share name is empty unless filter is `$share/share_name/...`.
  subscribe_outcome subscribe(std::string_view filter, const subscription_options& options,
    std::uint32_t identifier = 0, std::string_view share_name = {});

  /// What was removed; empty if there was none (UNSUBACK 0x11, E96). Deliveries
  /// that wait already are still made.
  std::optional<subscription> unsubscribe(std::string_view filter);

  const subscription_set& subscriptions() const { return state_.subscriptions(); }

  // -- share groups -------------------------------------------------------------

  /// What became of deliveries from share groups since the last call.
  std::vector<share_report> take_shares() { return std::exchange(shares_, {}); }
  bool has_shares() const { return !shares_.empty(); }

  /// For a client that is absent: gives deliveries of share groups back, in
  /// order, except those of QoS 2 that have begun (MQTT5-4.8.2-4, E87).
  void return_shares();

  // -- for the actor ------------------------------------------------------------

  const session_state& state() const { return state_; }
  bool is_attached() const { return state_.attached(); }
  session_counts counts() const;

  /// Other limits, from now on. They must outlive the session.
  void set_limits(const session_limits& limits) { limits_ = &limits; }

  /// Whether there are operations that the store has to learn of.
  bool has_log() const { return log_ != nullptr && !log_->empty(); }

  /// Operations since the last call.
  std::vector<operation> take_log();

  /// Gives back memory of what is empty. For clients that fell silent.
  void shrink();

private:
  /// The only way to change the state. The store hears of what is `lasting`.
  template <class Change>
    requires(!std::is_reference_v<Change>)
  auto change(Change&& what, bool lasting = true) {
    if (logging_ && lasting)
      log_->push_back(what);
    return state_.apply(std::forward<Change>(what));
  }

  bool has_clear_way(const delivery& what, time_point now);
  outgoing send_at_once(delivery&& what);
  std::optional<outgoing> peek(time_point now);
  outgoing send(const outgoing& packet);
  outgoing send_qos_0(delivery&& what);
  void note_identifier(packet_id id, const delivery& what);
  void drop(const outgoing& packet, drop_reason why);

  farewell make_way(bool clean_start, time_point now);
  void begin(attachment facts, std::uint32_t expiry);
  void begin_log();
  farewell depart(departure how, time_point now);
  will_ptr depart_with_will(departure how, time_point now);
  will_ptr take_will();
  std::vector<subscription> erase();

  std::optional<acknowledgement> on_pubrel(packet_id id);
  inbound_window& inbound();
  outbound_window& outbound();
  bool window_is_open();

  bool make_room(const delivery& what, time_point now);
  bool change_places(const delivery& what);
  bool has_room_for(const delivery& what) const;
  std::uint8_t share_of_queue(const delivery& what) const;
  bool is_too_long() const;
  bool may_push_out(const delivery& what, const delivery& first) const;
  drop_reason refuse(const delivery& what, drop_reason why);
  delivery take_first();
  void pass(drop_reason why);
  bool is_stored(packet_id id) const;
  void settle(packet_id id, share_outcome outcome);
  void count(drop_reason why) { ++dropped_[static_cast<std::size_t>(why)]; }
  void report(share_token share, share_outcome outcome);
  bool report_shares(std::optional<share_outcome> of_begun_qos_2);

  const session_limits* limits_;
  session_state state_;
  std::unique_ptr<std::vector<operation>> log_; // there is one while logging_
  std::vector<share_report> shares_;

  /// What next() gave at QoS 0, until it is called again.
  std::unique_ptr<delivery> passing_;

  std::array<std::uint32_t, drop_reasons> dropped_{};

  /// Of the present connection: how many the client takes at once, how many it
  /// may send ahead, and whether its CONNECT asked for no expiry (E44).
  std::uint16_t quota_ = 0;
  std::uint16_t allowance_ = 0;
  bool asked_for_no_expiry_ = false;

  /// The session began with an expiry and limits that ask for a log.
  bool logging_ = false;

  /// The first ones, which would have to go to make room, rest and must come back first.
  bool owes_room_ = false;
};

} // namespace callboard::protocol
