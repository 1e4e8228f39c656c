#include "protocol/session/session.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace callboard::protocol {

namespace {

/// 3.x knows none: its clients are paced (see session::behind) and not refused.
constexpr std::uint16_t no_receive_maximum = 65'535;

} // namespace

session::session(const session_limits& limits, session_state stored)
    : limits_{&limits}, state_{std::move(stored)} {
  if (state_.begun() && limits.keep_log)
    begin_log();
}

// -- connections ------------------------------------------------------------------

attach_outcome session::attach(attachment facts, time_point now) {
  attach_outcome outcome;
  auto before = make_way(facts.clean_start, now);
  outcome.will = std::move(before.will);
  outcome.withdrawn = std::move(before.withdrawn);
  outcome.session_present = state_.begun();
  outcome.session_expiry_interval =
    std::min(facts.session_expiry_interval, limits_->session_expiry);
  begin(std::move(facts), outcome.session_expiry_interval);
  return outcome;
}

/// Ends what the new connection does not continue.
farewell session::make_way(bool clean_start, time_point now) {
  auto outcome = is_attached() ? lose(now) : due(now);
  if (!state_.begun())
    return outcome;
  if (state_.will()) {
    const auto fate = will_on_return(clean_start, state_.will_at(), now);
    auto stored = take_will();
    if (fate.is == will_fate::what::due_now)
      outcome.will = std::move(stored);
  }
  if (clean_start)
    outcome.withdrawn = erase();
  return outcome;
}

void session::begin(attachment facts, std::uint32_t expiry) {
  if (expiry > 0 && limits_->keep_log && !logging_) {
    begin_log();
    if (state_.begun() || subscriptions().last_number() != 0)
      std::ranges::move(state_.snapshot(), std::back_inserter(*log_));
  }
  change(client_attached{expiry});
  if (facts.will)
    change(will_set{std::move(facts.will)});
  asked_for_no_expiry_ = facts.session_expiry_interval == 0;
  quota_ = std::min(facts.receive_maximum, limits_->in_flight);
  if (auto* window = state_.outbound())
    window->resume(quota_);
  allowance_ = facts.version == version::mqtt_5_0 ? limits_->receive_maximum : no_receive_maximum;
  if (auto* window = state_.inbound())
    window->resume(allowance_);
}

void session::begin_log() {
  logging_ = true;
  if (!log_)
    log_ = std::make_unique<std::vector<operation>>();
}

farewell session::leave(const disconnect& packet, time_point now) {
  const auto expiry = packet.session_expiry_interval;
  if (expiry && is_attached()) {
    if (asked_for_no_expiry_ && *expiry > 0) {
      auto outcome = depart(departure::lost, now);
      outcome.error = {reason_code::protocol_error,
        "DISCONNECT gives a session expiry interval where CONNECT gave none."};
      return outcome;
    }
    change(expiry_changed{std::min(*expiry, limits_->session_expiry)});
  }
  return depart(departure_of(packet), now);
}

farewell session::lose(time_point now) {
  return depart(departure::lost, now);
}

farewell session::depart(departure how, time_point now) {
  farewell outcome;
  if (!is_attached())
    return outcome;
  outcome.will = depart_with_will(how, now);
  change(client_detached{now});
  outcome.ended = state_.expiry() == 0;
  if (outcome.ended)
    outcome.withdrawn = erase();
  shrink();
  return outcome;
}

will_ptr session::depart_with_will(departure how, time_point now) {
  if (!state_.will())
    return nullptr;
  const auto fate = will_on_departure(how, state_.will()->delay_interval, state_.expiry(), now);
  if (fate.is == will_fate::what::due_later) {
    change(will_armed{fate.at});
    return nullptr;
  }
  auto will = take_will();
  return fate.is == will_fate::what::due_now ? will : nullptr;
}

will_ptr session::take_will() {
  auto will = state_.will();
  if (will)
    change(will_cleared{});
  return will;
}

farewell session::end() {
  farewell outcome;
  outcome.ended = state_.begun();
  outcome.will = take_will();
  if (outcome.ended)
    outcome.withdrawn = erase();
  return outcome;
}

/// All that lasts; the subscriptions that there were.
std::vector<subscription> session::erase() {
  auto withdrawn = subscriptions().all();
  report_shares(share_outcome::dropped);
  change(session_ended{});
  logging_ = false;
  return withdrawn;
}

time_point session::next_deadline() const {
  return std::min(state_.ends_at(), state_.will_at());
}

farewell session::due(time_point now) {
  if (state_.ends_at() <= now)
    return end();
  farewell outcome;
  if (state_.will_at() <= now)
    outcome.will = take_will();
  return outcome;
}

// -- from the client --------------------------------------------------------------

acceptance session::accept(const publication& packet) {
  acceptance outcome;
  if (packet.qos == qos::at_most_once)
    return outcome;
  auto& window = inbound();
  const auto how = window.judge(packet.qos, packet.packet_id);
  if (how == arrival::overrun) {
    outcome.what = acceptance::verdict::refused;
    outcome.error = {reason_code::receive_maximum_exceeded,
      "More messages of QoS 1 and 2 than the receive maximum allows."};
    return outcome;
  }
  if (how == arrival::fresh && packet.qos == qos::exactly_once)
    window.receive(packet.packet_id);
  const auto taken = window.begin(packet.qos, packet.packet_id, how);
  if (how == arrival::repeat)
    outcome.what = acceptance::verdict::only_acked;
  else
    outcome.ticket = taken;
  return outcome;
}

/// Until then what it was routed to need not last, and it must be routed again if the
/// client sends it to another process.
void session::finish(ticket which, reason_code code, reception stored) {
  auto* window = state_.inbound();
  if (window == nullptr)
    return;
  const auto id = window->finish(which, code);
  if (id == 0)
    return;
  if (is_failure(code))
    change(publication_freed{id});
  else if (stored == reception::told)
    change(publication_received{id});
  else if (stored == reception::passing)
    window->let_pass(id);
}

void session::take_acks(std::vector<acknowledgement>& due) {
  if (auto* window = state_.inbound())
    window->take_due(due);
}

bool session::behind() const {
  const auto* window = state_.inbound();
  return window != nullptr && window->owed() >= limits_->receive_maximum;
}

expected<std::optional<acknowledgement>, error> session::on(const acknowledgement& ack) {
  using answer = std::optional<acknowledgement>;
  const auto id = ack.packet_id;
  if (ack.type == ack_type::pubrel)
    return on_pubrel(id);
  switch (outbound().judge(ack)) {
  case ack_step::nothing:
    return answer{};
  case ack_step::settle:
    settle(id, share_outcome::settled);
    return answer{};
  case ack_step::release:
    report(state_.outbound()->find(id)->what.share, share_outcome::settled);
    change(delivery_released{id}, state_.outbound()->find(id)->what.lasting);
    [[fallthrough]];
  case ack_step::repeat:
    state_.outbound()->resent(id);
    return answer{{ack_type::pubrel, id, reason_code::success}};
  case ack_step::unknown:
    return answer{{ack_type::pubrel, id, reason_code::packet_identifier_not_found}};
  case ack_step::out_of_place:
    break;
  }
  return error{reason_code::protocol_error,
    "An acknowledgement of another type than the delivery's QoS and state ask for."};
}

std::optional<acknowledgement> session::on_pubrel(packet_id id) {
  const auto* window = state_.inbound();
  const bool known = window != nullptr && window->knows(id);
  if (known)
    change(publication_freed{id}, window->keeps(id));
  return acknowledgement{
    ack_type::pubcomp, id, known ? reason_code::success : reason_code::packet_identifier_not_found};
}

inbound_window& session::inbound() {
  if (auto* window = state_.inbound())
    return *window;
  auto& window = state_.need_inbound();
  window.resume(allowance_);
  return window;
}

// -- to the client ----------------------------------------------------------------

std::optional<drop_reason> session::enqueue(delivery what, time_point now, room where) {
  if (what.message->expired(now))
    return refuse(what, drop_reason::expired);
  if (what.qos == qos::at_most_once && !is_attached() && !limits_->queue_qos_0)
    return refuse(what, drop_reason::client_absent);
  if (where != room::unlimited && !make_room(what, now))
    return refuse(what, drop_reason::queue_full);
  if (where == room::exchanged && !change_places(what))
    return refuse(what, drop_reason::node_full);
  const bool lasting = what.lasting;
  change(delivery_enqueued{std::move(what)}, lasting);
  return std::nullopt;
}

bool session::make_room(const delivery& what, time_point now) {
  while (!has_room_for(what)) {
    if (state_.queue()->front_rests()) {
      if (limits_->when_full != when_full::drop_oldest || share_of_queue(what) != 100)
        return false;
      return owes_room_ = true;
    }
    const auto& first = state_.queue()->front();
    if (first.message->expired(now))
      pass(drop_reason::expired);
    else if (!may_push_out(what, first))
      return false;
    else
      pass(drop_reason::queue_full);
  }
  return true;
}

/// Drops as much from the front as is to come, if the front may be pushed out.
bool session::change_places(const delivery& what) {
  const auto* queue = state_.queue();
  const auto size = what.message->size();
  if (queue == nullptr || queue->bytes() < size)
    return false;
  for (std::uint64_t freed = 0; freed < size;) {
    if (queue->front_rests()) { // they can go next time
      owes_room_ = true;
      return false;
    }
    if (!may_push_out(what, queue->front()))
      return false;
    freed += queue->front().message->size();
    pass(drop_reason::node_full);
  }
  return true;
}

/// One message always has room, or none could pass through.
bool session::has_room_for(const delivery& what) const {
  const auto* queue = state_.queue();
  if (queue == nullptr || queue->empty())
    return true;
  const auto fits = [&](std::uint8_t percent) {
    return queue->size() < share_of(limits_->queue_messages, percent) &&
           queue->bytes() + what.message->size() <= share_of(limits_->queue_bytes, percent);
  };
  return fits(limits_->shares.least()) || fits(share_of_queue(what));
}

/// What it may fill of the queue, in percent.
std::uint8_t session::share_of_queue(const delivery& what) const {
  return limits_->shares.percent_of(what.message->topic());
}

bool session::may_push_out(const delivery& what, const delivery& first) const {
  if (limits_->when_full != when_full::drop_oldest)
    return false;
  const auto share = share_of_queue(what);
  const bool at_all = what.message->size() <= share_of(limits_->queue_bytes, share);
  const bool as_precious = what.qos != qos::at_most_once || first.qos == qos::at_most_once;
  return at_all && as_precious && share >= share_of_queue(first);
}

drop_reason session::refuse(const delivery& what, drop_reason why) {
  count(why);
  report(what.share, share_outcome::dropped);
  return why;
}

delivery session::take_first() {
  const bool lasting = state_.queue()->front().lasting;
  return change(delivery_passed{}, lasting);
}

/// Drops the first of the queue.
void session::pass(drop_reason why) {
  refuse(take_first(), why);
}

/// Whether a delivery may be sent before anything else is. QoS 0 waits for nothing
/// of another QoS (MQTT5-4.6.0-6), only for what was kept in its client's absence.
bool session::has_clear_way(const delivery& what, time_point now) {
  const auto* queue = state_.queue();
  if (!is_attached() || what.message->expired(now))
    return false;
  if (what.qos == qos::at_most_once)
    return queue == nullptr || !queue->holds_qos_0();
  return (queue == nullptr || queue->empty()) && window_is_open();
}

outgoing session::send_at_once(delivery&& what) {
  if (what.qos == qos::at_most_once)
    return send_qos_0(std::move(what));
  const auto id = state_.outbound()->next_id();
  const bool lasting = what.lasting;
  note_identifier(id, what);
  change(delivery_in_flight{id, false, std::move(what)}, lasting);
  return {&state_.outbound()->find(id)->what, id, false};
}

/// What comes next; drops what has expired on the way there.
std::optional<outgoing> session::peek(time_point now) {
  if (passing_)
    *passing_ = {};
  if (!is_attached())
    return std::nullopt;
  if (auto* window = state_.outbound())
    if (const auto* again = window->next_resend())
      return outgoing{again->released ? nullptr : &again->what, again->id, !again->released};
  const auto* queue = state_.queue();
  while (queue != nullptr && !queue->empty() && !queue->front_rests()) {
    const auto& first = queue->front();
    if (first.message->expired(now))
      pass(drop_reason::expired);
    else if (first.qos == qos::at_most_once)
      return outgoing{&first, 0, false};
    else if (window_is_open())
      return outgoing{&first, state_.outbound()->next_id(), false};
    else
      break;
  }
  return std::nullopt;
}

outbound_window& session::outbound() {
  if (auto* window = state_.outbound())
    return *window;
  auto& window = state_.need_outbound();
  window.resume(quota_);
  return window;
}

bool session::window_is_open() {
  auto& window = outbound();
  return window.open() && window.bytes() < limits_->in_flight_bytes;
}

outgoing session::send(const outgoing& packet) {
  if (packet.publish == nullptr || packet.dup) {
    state_.outbound()->resent(packet.id);
    return packet;
  }
  if (packet.id != 0) {
    const bool lasting = packet.publish->lasting;
    note_identifier(packet.id, *packet.publish);
    change(delivery_sent{packet.id}, lasting);
    return {&state_.outbound()->find(packet.id)->what, packet.id, false};
  }
  return send_qos_0(take_first());
}

/// A client keeps in mind which identifiers of QoS 2 it has received: they have to be
/// known after a restart, if the message itself is not.
void session::note_identifier(packet_id id, const delivery& what) {
  if (logging_ && !what.lasting && what.qos == qos::exactly_once)
    log_->push_back(identifier_taken(id));
}

/// Whether the store knows that the identifier is in use.
bool session::is_stored(packet_id id) const {
  const auto* entry = state_.outbound()->find(id);
  return entry != nullptr && (entry->what.lasting || entry->what.qos == qos::exactly_once);
}

outgoing session::send_qos_0(delivery&& what) {
  if (!passing_)
    passing_ = std::make_unique<delivery>();
  *passing_ = std::move(what);
  report(passing_->share, share_outcome::settled);
  return {passing_.get(), 0, false};
}

void session::drop(const outgoing& packet, drop_reason why) {
  if (!packet.dup) {
    pass(why);
    return;
  }
  count(why);
  settle(packet.id, share_outcome::dropped);
}

void session::settle(packet_id id, share_outcome outcome) {
  const bool stored = is_stored(id);
  report(change(delivery_settled{id}, stored).share, outcome);
}

// -- what of the queue rests in the store ---------------------------------------------

void session::rest(const queue_portion& most, const queue_portion& kept) {
  const auto* queue = state_.queue();
  if (queue != nullptr && logging_ && !has_log() && !most.has_room_behind(queue->in_memory()))
    state_.rest(kept);
}

bool session::wants_more(std::size_t enough) const {
  const auto* queue = state_.queue();
  if (queue == nullptr || queue->resting().count == 0)
    return false;
  return queue->size_in_front() < enough || (owes_room_ && queue->front_rests());
}

std::uint64_t session::wake(
  std::vector<delivery>&& first, time_point now, const delivery_tally& lost) {
  const auto gone = state_.wake(std::move(first), lost);
  const auto* queue = state_.queue();
  while (owes_room_ && is_too_long() && !queue->front_rests())
    pass(queue->front().message->expired(now) ? drop_reason::expired : drop_reason::queue_full);
  owes_room_ = owes_room_ && is_too_long();
  return gone;
}

bool session::is_too_long() const {
  const auto* queue = state_.queue();
  return queue != nullptr && !queue->empty() &&
         (queue->size() > limits_->queue_messages || queue->bytes() > limits_->queue_bytes);
}

// -- subscriptions ----------------------------------------------------------------

subscribe_outcome session::subscribe(std::string_view filter, const subscription_options& options,
  std::uint32_t identifier, std::string_view share_name) {
  const auto* before = subscriptions().find(filter);
  subscribe_outcome outcome;
  outcome.is_new = before == nullptr;
  if (outcome.is_new && subscriptions().size() >= limits_->subscriptions) {
    outcome.code = reason_code::quota_exceeded;
    return outcome;
  }
  outcome.number = outcome.is_new ? subscriptions().next_number() : before->number;
  outcome.wants_retained =
    share_name.empty() && (options.retain_handling == retain_handling::always ||
                            (options.retain_handling == retain_handling::if_new && outcome.is_new));

  subscription wanted{std::string{filter}, outcome.number, identifier, options,
    static_cast<std::uint16_t>(share_name.size())};
  if (outcome.is_new || *before != wanted)
    change(subscription_put{std::move(wanted)});
  return outcome;
}

std::optional<subscription> session::unsubscribe(std::string_view filter) {
  const auto* found = subscriptions().find(filter);
  if (found == nullptr)
    return std::nullopt;
  auto removed = *found;
  change(subscription_removed{removed.number});
  return removed;
}

// -- share groups -----------------------------------------------------------------

void session::return_shares() {
  if (report_shares(std::nullopt))
    change(shares_returned{});
}

/// Reports what a group may have back, and what it may not as `of_begun_qos_2`
/// says, if at all. Whether anything goes back.
bool session::report_shares(std::optional<share_outcome> of_begun_qos_2) {
  const auto reported = shares_.size();
  if (const auto* window = state_.outbound()) {
    for (const auto id : window->in_order()) {
      const auto& what = window->find(id)->what;
      if (what.qos == qos::at_least_once)
        report(what.share, share_outcome::returned);
      else if (of_begun_qos_2)
        report(what.share, *of_begun_qos_2);
    }
  }
  if (const auto* queue = state_.queue())
    queue->for_each([&](const delivery& what) { report(what.share, share_outcome::returned); });
  return shares_.size() > reported;
}

void session::report(share_token share, share_outcome outcome) {
  if (share != 0)
    shares_.push_back({share, outcome});
}

// -- for the actor ----------------------------------------------------------------

session_counts session::counts() const {
  session_counts all;
  all.subscriptions = subscriptions().size();
  if (const auto* window = state_.outbound())
    all.in_flight = window->size();
  if (const auto* queue = state_.queue()) {
    all.queued = queue->size();
    all.queued_bytes = queue->bytes();
  }
  if (const auto* window = state_.inbound())
    all.unreleased = window->unreleased();
  all.dropped = dropped_;
  return all;
}

std::vector<operation> session::take_log() {
  if (!log_)
    return {};
  auto taken = std::exchange(*log_, {});
  if (!logging_)
    log_.reset();
  return taken;
}

void session::shrink() {
  passing_.reset();
  state_.shrink();
}

} // namespace callboard::protocol
