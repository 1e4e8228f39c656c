#include "actors/session.hpp"

#include "actors/admissible.hpp"
#include "actors/connack_of.hpp"
#include "actors/permission.hpp"
#include "actors/queue_portions.hpp"
#include "actors/system_topics.hpp"
#include "protocol/codec/encode.hpp"
#include "protocol/topics/shared_filter.hpp"
#include "protocol/topics/topic_filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

namespace callboard::actors {

namespace {

using protocol::error;
using protocol::qos;
using protocol::reason_code;
using protocol::version;

/// As long as more wait, no more retained messages are asked for.
constexpr std::size_t enough_waits = 500;

/// Packets that wait for the store: with more, the client is not read.
constexpr std::size_t most_withheld = 10'000;

/// Of one SUBSCRIBE: what one client asks for in one packet is done in one turn,
/// and the others wait for it.
constexpr std::size_t most_filters = 10'000;

/// Why a PUBLISH was refused, for a client that wants to know.
std::string_view refusal_phrase(reason_code code) {
  if (code == reason_code::topic_name_invalid)
    return "the topic has more levels than are allowed here";
  if (code == reason_code::quota_exceeded)
    return "the store takes nothing now: send it again later";
  return protocol::is_failure(code) ? "the message was not taken" : "";
}

qos at_most(qos wanted, std::uint16_t maximum) {
  return static_cast<qos>(std::min<std::uint16_t>(static_cast<std::uint16_t>(wanted), maximum));
}

protocol::outgoing_publication publish_packet(
  const protocol::outgoing& packet, protocol::time_point now) {
  const auto& what = *packet.publish;
  const auto& message = *what.message;
  return {.qos = what.qos,
    .dup = packet.dup,
    .retain = what.retain,
    .packet_id = packet.id,
    .message_expiry_interval = protocol::remaining_interval(message, now),
    .subscription_identifiers = what.identifiers.all(),
    .topic = message.topic(),
    .properties = message.properties(),
    .payload = message.payload()};
}

} // namespace

session::session(caf::actor_config& config, unit& home, house& place, std::string client_id,
  std::uint64_t number, protocol::client_number client, bool ends_older)
    : actor{config, home}, place_{place}, client_id_{std::move(client_id)}, number_{number},
      client_{client}, state_{place.company.session_rules}, ends_older_{ends_older &&
                                                                        place.company.keeps()} {}

session::~session() = default;

behavior session::make_behavior() {
  place_.counts.sessions_created.add();
  return reads<take_client, received, connection_lost, output_drained, request_done, group_left,
    output_lent, express_left, routed, deliver, deliver_share, kept, queue_read, restore,
    end_session, dismissed, deadline_reached>(*this);
}

void session::on(const take_client& mail) {
  if (is_arriving() || has_will_under_way())
    return put_off(mail);
  make_way();
  if (ending_) { // the REGISTRY has heard of it by the time that it reads this
    tell(place_.company.registry, enter{mail.who});
    return;
  }
  if (has_will_under_way()) // the store keeps it until then, and has room for one
    return put_off(mail);
  const auto& connect = *mail.who->connect;
  protocol::attachment facts;
  facts.version = connect.version;
  facts.clean_start = connect.clean_start;
  facts.session_expiry_interval = connect.session_expiry_interval;
  facts.receive_maximum =
    connect.receive_maximum_given ? connect.receive_maximum : place_.rules.inflight_maximum;
  if (connect.will)
    facts.will = std::make_shared<const protocol::will>(*connect.will);
  const auto outcome = state_.attach(std::move(facts), now());
  publish_will(outcome.will);
  if (state_.has_log() || ends_older_)
    need_errands().arriving = {mail.who, outcome, journaled_ + 1};
  else
    welcome(*mail.who, outcome);
}

void session::on(const received& mail) {
  if (mail.connection_number != connection_number_ || !connection_)
    return;
  auto& packets = mail.batch->packets;
  mail.batch->author = author();
  place_.divider.begin(mail.batch, client_, self());
  for (std::uint32_t index = 0; index < packets.size(); ++index)
    if (!take(packets[index], index, mail.batch))
      break;
  place_.divider.end();
  pace(mail.batch);
}

void session::on(const connection_lost& mail) {
  if (is_arriving())
    return put_off(mail);
  if (mail.connection_number != connection_number_ || !connection_)
    return;
  if (mail.reason.code != reason_code::success)
    goodbye(mail.reason);
  else
    place_.note({.what = event::kind::client_lost, .name = client_id_});
  forget_connection();
  depart([&] { return state_.lose(now()); });
}

void session::on(const output_drained&) {}

void session::on(const request_done& mail) {
  if (!errands_)
    return;
  auto answer = errands_->answers.extract(mail.number);
  const auto* out = output();
  if (answer && out != nullptr)
    send(std::move(answer.mapped()).encoded(version_, wants_reasons_, out->maximum_packet_size()));
}

void session::on(const group_left& mail) {
  if (errands_)
    errands_->shares.has_left(mail.filter);
}

void session::on(const output_lent& mail) {
  if (mail.sink == sink_ && express_.lent())
    read_put_off_requests();
}

void session::on(const express_left& mail) {
  if (mail.sink != sink_ || !express_.has_left())
    return;
  send_what_followed();
  read_put_off_requests();
}

void session::on(const routed& mail) {
  for (std::size_t i = 0; i < mail.tickets.size(); ++i)
    if (mail.tickets[i] == will_under_way::ticket)
      will_is_out();
    else
      state_.finish(
        mail.tickets[i], mail.codes.empty() ? reason_code::success : mail.codes[i], mail.stored);
}

void session::on(const deliver& mail) {
  auto* out = output();
  for (auto& delivery : mail.deliveries)
    take_delivery(out, std::move(delivery), mail.replayed != nullptr);
  if (mail.credit)
    place_.slips.push_back(mail.credit);
  if (mail.promise)
    place_.promises.push_back(mail.promise);
  if (mail.replayed)
    need_errands().replays.note(*mail.replayed,
      [this](std::string_view filter) { return place_.routes.now().concerned(filter); });
}

void session::on(const deliver_share& mail) {
  const auto* mine = state_.subscriptions().find(mail.subscription);
  if (place_.company.keeps() && mine == nullptr) {
    if (auto all = all_returned(mail); !all.empty())
      tell(mail.from, share_settled{number_, std::move(all)});
    return;
  }
  need_errands().shares.take(mail, mine);
  auto* out = output();
  for (auto delivery : mail.deliveries) {
    delivery.share = assigned_shares::marked(mail.subscription, delivery.share);
    take_delivery(out, std::move(delivery), false);
  }
  if (!connection_) // the group did not know yet that the client is away
    state_.return_shares();
}

void session::on(const kept& mail) {
  kept_ = mail.number;
  if (is_arriving() && errands_->arriving->number <= kept_) {
    const auto client = std::exchange(errands_->arriving, {});
    welcome(*client->who, client->outcome);
    read_what_was_put_off();
  }
  send_withheld();
}

void session::on(const queue_read& mail) {
  need_errands().reads_queue = false;
  const auto lost = state_.wake(std::move(mail.found.deliveries), now(), mail.found.lost);
  if (lost == 0 || ending_)
    return;
  place_.counts.dropped_damaged.add(lost);
  if (lost > mail.found.lost.count) // the KEEPER has told of those
    place_.note({.what = event::kind::session_damaged,
      .name = client_id_,
      .reason = fmt::format("{} messages", lost - mail.found.lost.count)});
}

void session::on(const restore& mail) {
  protocol::session_state stored;
  stored.apply(mail.state);
  state_ = protocol::session{place_.company.session_rules, std::move(stored)};
  keep_begun_shares();
  for (const auto& mine : state_.subscriptions().all()) {
    place_.counts.subscriptions_begun.add();
    make_known(mine, mail.slip);
  }
  // SUBTREEs keep its will until all who may get it are there again.
  depart([&] { return state_.lose(mail.since); });
}

/// Share groups have what their members had not begun with at QoS 2, and give it
/// to whoever is there.
void session::keep_begun_shares() {
  state_.return_shares();
  state_.take_shares();
  for (auto& [subscription, mail] : begun_shares(state_.state())) {
    need_errands().shares.take_begun(subscription, mail.tokens.size());
    tell(place_.company.registry, std::move(mail));
  }
}

void session::on(const end_session& mail) {
  if (is_arriving())
    return put_off(mail);
  if (connection_) {
    goodbye({mail.code, mail.code == reason_code::session_taken_over
                          ? "another connection uses the client identifier now"
                          : "the server stops: connect again later"});
    forget_connection();
  }
  keep_will_ = mail.keep_will;
  if (!keep_will_)
    depart([&] { return state_.end(); });
}

void session::on(const dismissed&) {
  if (has_will_under_way())
    errands_->will.dismiss();
  else
    quit();
}

void session::on(const deadline_reached&) {
  alarm_ = {};
  depart([&] { return state_.due(now()); });
}

void session::flush() {
  if (connection_) {
    send_acks();
    send_what_is_due();
    release_express();
    send_what_followed();
    continue_replays();
  }
  report_shares();
  write_journal();
  if (errands_ && errands_->idle())
    errands_.reset();
  rest_queue();
  count_waiting(waiting());
  set_alarm();
}

void session::leave() {
  place_.counts.sessions_ended.add();
  count_waiting({});
  cancel(alarm_);
}

// -- the client ------------------------------------------------------------------

void session::welcome(const newcomer& who, const protocol::attach_outcome& outcome) {
  const auto& connect = *who.connect;
  place_.company.clients.rise();
  connection_ = who.connection;
  connection_number_ = who.connection_number;
  sink_ = who.sink;
  version_ = connect.version;
  wants_reasons_ = connect.request_problem_information;
  const auto keep_alive = keep_alive_for(connect, place_.rules);
  const auto packet = connack_of(who, outcome, place_.rules);
  std::string bytes;
  protocol::encode_connack(bytes, version_, packet, connect.maximum_packet_size);
  send(bytes);
  tell(connection_, attached{self(), keep_alive});
  place_.note({.what = event::kind::client_connected,
    .name = client_id_,
    .peer = who.peer,
    .version = version_,
    .clean_start = connect.clean_start,
    .keep_alive = keep_alive});
  // Also without a subscription: what is queued from former ones goes before what comes
  // by express for the next one.
  const auto* queue = state_.state().queue();
  if (!state_.subscriptions().empty() || (queue != nullptr && queue->holds_qos_0()))
    lend_output(hold_express({}));
}

/// What waits here, or comes this way still, goes before what comes by express from
/// now on. A slip for the SUBTREEs that send it.
completion_ptr session::hold_express(completion_ptr slip) {
  express_.hold(output());
  return std::make_shared<const completion>(
    [to = self(), sink = sink_, slip = std::move(slip)] { tell(to, output_lent{sink}); });
}

/// Until the client that comes has its CONNACK.
template <class Mail>
void session::put_off(const Mail& mail) {
  errands_->put_off.emplace_back([this, mail] { on(mail); });
}

void session::read_what_was_put_off() {
  for (auto all = std::exchange(need_errands().put_off, {}); !all.empty(); all.pop_front())
    all.front()(); // each may be put off again
}

/// As soon as nothing older waits.
void session::release_express() {
  const auto* queue = state_.state().queue();
  if (express_.is_due() && (queue == nullptr || !queue->holds_qos_0()))
    express_.release(output());
}

bool session::must_wait_for_another(const express_order::change& what) const {
  return express_.must_wait(what) || (errands_ && !errands_->put_off_requests.empty());
}

/// QoS 0 keeps its order when a topic's messages begin to come by way of the session,
/// or by express again. Both at once would wait for each other: then only what leaves
/// the express is seen to.
completion_ptr session::change_way(const express_order::change& what, completion_ptr slip) {
  if (what.to_session)
    return follow_express(std::move(slip));
  if (!what.to_express)
    return slip;
  go_between();
  return hold_express(std::move(slip));
}

void session::read_put_off_requests() {
  if (!errands_)
    return;
  for (const auto& read : std::exchange(errands_->put_off_requests, {}))
    read(); // each may be put off again
}

/// A slip for the SUBTREEs that serve the client in another way when they have read
/// it: what they sent to the EXPRESS before comes before it there.
completion_ptr session::follow_express(completion_ptr slip) {
  express_.follow();
  return std::make_shared<const completion>(
    [to = self(), sink = sink_, by = place_.company.expresses[place_.number],
      slip = std::move(slip)] {
      tell(by, fence{std::make_shared<const completion>(
                 [to, sink, slip] { tell(to, express_left{sink}); })});
    });
}

void session::wait_for_express(protocol::delivery&& what) {
  if (express_.is_between())
    hold_between(what);
  else if (!express_.wait(std::move(what), place_.rules.output_maximum_bytes))
    place_.counts.dropped_output_full.add();
}

void session::send_what_followed() {
  for (auto& delivery : express_.take_what_followed())
    take_delivery(output(), std::move(delivery), false);
}

/// Some topics are about to come by express again, while what has followed the express
/// still waits for what is held there.
void session::go_between() {
  send_what_followed();
  for (const auto& delivery : express_.go_between(output()))
    hold_between(delivery);
}

void session::hold_between(const protocol::delivery& what) {
  auto* out = output();
  if (out == nullptr || what.message->expired(now()))
    return;
  const auto packet = std::make_shared<std::string>();
  protocol::encode_publish(*packet, version_, publish_packet({&what, 0, false}, now()));
  out->hold_before({{packet, *packet}, 1, static_cast<std::uint32_t>(packet->size())});
}

/// A session that is over by now, or was to end with its connection, does not begin
/// again: messages for its subscriptions may still be under way.
void session::make_way() {
  if (ending_)
    return;
  if (!connection_) {
    depart([&] { return state_.due(now()); });
    return;
  }
  goodbye({reason_code::session_taken_over, "another connection uses the client identifier now"});
  forget_connection();
  depart([&] { return state_.lose(now()); });
}

/// The last words to the client, in a version that has some.
void session::goodbye(const error& reason) {
  place_.note({.what = event::kind::client_sent_away,
    .name = client_id_,
    .code = reason.code,
    .reason = reason.phrase});
  if (version_ == version::mqtt_5_0) {
    if (const auto* out = output()) {
      protocol::disconnect packet;
      packet.code = reason.code;
      packet.reason_string = reason.phrase;
      std::string bytes;
      protocol::encode_disconnect(bytes, version_, packet, out->maximum_packet_size());
      send_acks();
      send(bytes);
    }
  } else {
    send_acks();
  }
  if (auto* out = output())
    out->seal();
  tell(connection_, part{true});
}

void session::forget_connection() {
  if (connection_)
    place_.company.clients.fall();
  connection_ = {};
  sink_ = {};
  if (held_)
    std::exchange(held_, {})->let_go();
  if (errands_) {
    errands_->answers.clear();          // replays go on when the client is back
    errands_->put_off_requests.clear(); // as if they had not arrived
    errands_->withheld.clear();         // what is in flight comes again then
  }
  place_.counts.dropped_client_away.add(express_.forget());
  if (state_.state().expiry() > 0)
    lend_output({});
}

/// Where a subscription takes the express path, its SUBTREEs have to know the
/// connection; share groups want to know whether there is one.
void session::lend_output(const completion_ptr& slip) {
  for (const auto& mine : state_.subscriptions().all()) {
    if (mine.shared()) {
      tell(place_.company.registry, join_group{std::string{mine.share_name()},
                                      std::string{mine.topic_filter()}, as_subscriber(mine), {}});
    } else if (mine.options.maximum_qos == qos::at_most_once) {
      for (const auto& subtree : place_.routes.now().concerned(mine.filter))
        tell(subtree, lend{mine.filter, number_, sink_, version_, slip});
    }
  }
}

void session::send(std::string_view packets) const {
  if (auto* out = output())
    out->send(packets);
}

/// What the store has not got yet is not told to the client either.
void session::withhold(withheld_output::item what) {
  what.number = journaled_ + (has_news() ? 1 : 0);
  need_errands().withheld.add(std::move(what));
}

bool session::is_behind() const {
  return state_.behind() || (errands_ && errands_->withheld.size() >= most_withheld);
}

void session::withhold(std::string bytes) {
  withheld_output::item what;
  what.bytes = std::move(bytes);
  withhold(std::move(what));
}

void session::send_withheld() {
  auto* out = output();
  if (!errands_ || out == nullptr)
    return;
  errands_->withheld.release(kept_, [&](const withheld_output::item& one) {
    if (one.publication == 0)
      return out->send(one.bytes);
    const auto* window = state_.state().outbound();
    const auto* found = window == nullptr ? nullptr : window->find(one.publication);
    if (found != nullptr && !found->released)
      out->send_publish(
        publish_packet(protocol::outgoing{&found->what, one.publication, one.dup}, now()),
        found->what.message);
  });
}

/// Says to the store what has happened in this turn. Whoever waits for its word
/// goes along.
void session::write_journal() {
  persistence::batch changes;
  if (errands_)
    changes.shares = errands_->shares.take_changes();
  if (state_.has_log() || ends_older_) {
    ends_older_ = false;
    auto log = state_.take_log();
    if (errands_)
      errands_->will.hold_back(log, ending_, now());
    changes.sessions.push_back({client_id_, number_, std::move(log)});
  }
  if (!changes.empty()) {
    if (connection_ || is_arriving())
      place_.slips.push_back(std::make_shared<const completion>(
        [to = self(), number = ++journaled_] { tell(to, kept{number}); }));
    tell(place_.company.keeper,
      journal{std::move(changes), std::move(place_.slips), std::move(place_.promises)});
  }
  place_.slips.clear();
  place_.promises.clear();
}

/// All who get it have it.
void session::will_is_out() {
  if (!errands_)
    return;
  auto rest = errands_->will.is_out(state_.state().will() != nullptr);
  if (!rest)
    return;
  if (!rest->log.empty())
    tell(
      place_.company.keeper, journal{{{{client_id_, number_, std::move(rest->log)}}, {}, {}}, {}});
  read_what_was_put_off();
  if (rest->is_dismissed)
    quit();
}

/// A client that knows no receive maximum is not read while it is too far ahead
/// of its acknowledgements; nobody is while too much waits for the store.
void session::pace(const batch_ptr& batch) {
  if (!held_ && batch->flow && is_behind()) {
    held_ = batch->flow;
    held_->hold();
  }
}

// -- what it sent ------------------------------------------------------------------

bool session::take(const protocol::packet& packet, std::uint32_t index, const batch_ptr& batch) {
  if (const auto* publication = std::get_if<protocol::publication>(&packet))
    return take_publication(*publication, index);
  if (const auto* ack = std::get_if<protocol::acknowledgement>(&packet))
    return take_ack(*ack);
  if (const auto* wanted = std::get_if<std::unique_ptr<protocol::subscribe>>(&packet))
    return take_subscribe(**wanted, batch);
  if (const auto* unwanted = std::get_if<std::unique_ptr<protocol::unsubscribe>>(&packet))
    return take_unsubscribe(**unwanted, batch);
  if (const auto* last = std::get_if<std::unique_ptr<protocol::disconnect>>(&packet))
    return take_disconnect(**last);
  return refuse_packet({reason_code::protocol_error,
    "AUTH without an authentication method in CONNECT: do not send it"});
}

bool session::take_publication(const protocol::publication& publication, std::uint32_t index) {
  const auto fault = judge(publication);
  // A name that we do not like, or a full store, costs MQTT 5 clients the message,
  // not the connection, where there is an acknowledgement to say so. A name that is
  // not for clients costs the message only.
  const bool forbidden = fault.code == reason_code::not_authorized;
  const bool can_be_told = publication.qos != qos::at_most_once && version_ == version::mqtt_5_0;
  const bool only_the_message =
    forbidden || (can_be_told && (fault.code == reason_code::topic_name_invalid ||
                                   fault.code == reason_code::quota_exceeded));
  if (fault.code != reason_code::success && !only_the_message)
    return refuse_packet(fault);
  protocol::ticket ticket = 0;
  if (publication.qos != qos::at_most_once) {
    const auto outcome = state_.accept(publication);
    if (outcome.what == protocol::acceptance::verdict::refused)
      return refuse_packet(outcome.error);
    if (outcome.what == protocol::acceptance::verdict::only_acked)
      return true;
    ticket = outcome.ticket;
  }
  if (forbidden)
    place_.counts.dropped_not_authorized.add();
  if (only_the_message) {
    if (ticket != 0) // 3.x has no word for it
      state_.finish(ticket, version_ == version::mqtt_5_0 ? fault.code : reason_code::success);
    return true;
  }
  place_.divider.add(publication.topic, index, ticket);
  return true;
}

bool session::take_ack(const protocol::acknowledgement& ack) {
  const auto answer = state_.on(ack);
  if (!answer)
    return refuse_packet(answer.error());
  auto* out = output();
  if (!*answer || out == nullptr)
    return true;
  if (must_wait()) {
    std::string bytes;
    protocol::encode_ack(bytes, version_, **answer, "", out->maximum_packet_size());
    withhold(std::move(bytes));
    return true;
  }
  const bool unknown = (*answer)->code == reason_code::packet_identifier_not_found;
  const auto* reason =
    unknown && wants_reasons_ ? "no exchange with this packet identifier is under way" : "";
  out->send_with([&](std::string& end) {
    protocol::encode_ack(end, version_, **answer, reason, out->maximum_packet_size());
  });
  return true;
}

bool session::take_subscribe(const protocol::subscribe& packet, const batch_ptr& batch) {
  const auto fault = admissible(place_.rules, packet);
  if (fault.code != reason_code::success)
    return refuse_packet(fault);
  const auto change = express_.change_by(packet, state_.subscriptions());
  if (must_wait_for_another(change)) {
    need_errands().put_off_requests.emplace_back(
      [this, &packet, batch] { take_subscribe(packet, batch); });
    return true;
  }
  const auto slip =
    change_way(change, begin_request({pending_answer::kind::suback, packet.packet_id}, batch));
  auto& answer = errands_->answers.at(last_request_);
  for (const auto& wanted : packet.requests)
    answer.add(wanted.filter,
      answer.size() < most_filters
        ? subscribe(wanted, packet.subscription_identifier, slip)
        : error{reason_code::quota_exceeded, "a SUBSCRIBE may have 10,000 filters: send several"});
  return true;
}

bool session::take_unsubscribe(const protocol::unsubscribe& packet, const batch_ptr& batch) {
  const auto change = express_.change_by(packet, state_.subscriptions());
  if (must_wait_for_another(change)) {
    need_errands().put_off_requests.emplace_back(
      [this, &packet, batch] { take_unsubscribe(packet, batch); });
    return true;
  }
  const auto slip =
    change_way(change, begin_request({pending_answer::kind::unsuback, packet.packet_id}, batch));
  auto& answer = errands_->answers.at(last_request_);
  for (const auto& filter : packet.filters)
    answer.add(filter, unsubscribe(filter, slip));
  return true;
}

bool session::take_disconnect(const protocol::disconnect& packet) {
  // The connection is needed until it is clear whether it hears an error.
  const auto gone = connection_;
  const auto fault = depart([&] {
    auto outcome = state_.leave(packet, now());
    if (outcome.error.code != reason_code::success)
      goodbye(outcome.error);
    return outcome;
  });
  if (fault.code == reason_code::success) {
    place_.note({.what = event::kind::client_left, .name = client_id_, .code = packet.code});
    send_acks();
    tell(gone, part{});
  }
  forget_connection();
  return false;
}

bool session::refuse_packet(const error& fault) {
  place_.counts.errors.add();
  goodbye(fault);
  forget_connection();
  depart([&] { return state_.lose(now()); });
  return false;
}

error session::judge(const protocol::publication& publication) const {
  if (!may_publish(publication.topic))
    return {reason_code::not_authorized, "only the server publishes to $SYS"};
  const auto fault = admissible(place_.rules, publication);
  if (fault.code == reason_code::success && publication.qos != qos::at_most_once &&
      place_.company.store_is_stuck && !place_.company.is_transient(publication.topic))
    return {reason_code::quota_exceeded, "the store takes nothing now: send it again later"};
  return fault;
}

// -- subscriptions -----------------------------------------------------------------

error session::subscribe(const protocol::subscribe::request& wanted, std::uint32_t identifier,
  const completion_ptr& slip) {
  const auto parsed = protocol::parse_shared_filter(wanted.filter);
  if (!parsed)
    return parsed.error();
  auto fault = admissible(place_.rules, *parsed);
  if (fault.code != reason_code::success)
    return fault;
  auto options = wanted.options;
  options.maximum_qos = at_most(options.maximum_qos, place_.rules.maximum_qos);
  const auto outcome = state_.subscribe(wanted.filter, options, identifier, parsed->share_name);
  if (protocol::is_failure(outcome.code))
    return {outcome.code, "the session has as many subscriptions as are allowed"};
  place_.counts.subscriptions_made.add();
  const auto& mine = *state_.subscriptions().find(outcome.number);
  auto subtrees = make_known(mine, slip);
  if (outcome.wants_retained)
    need_errands().replays.begin(wanted.filter, std::move(subtrees));
  if (outcome.is_new)
    place_.counts.subscriptions_begun.add();
  return {static_cast<reason_code>(options.maximum_qos), {}};
}

/// Tells those who have the subscription's topics, and says who they are: none, if
/// it is shared.
std::vector<subtree_role> session::make_known(
  const protocol::subscription& mine, const completion_ptr& slip) {
  express_.expect(mine.options);
  std::vector<subtree_role> subtrees;
  if (mine.shared())
    tell(place_.company.registry, join_group{std::string{mine.share_name()},
                                    std::string{mine.topic_filter()}, as_subscriber(mine), slip});
  else
    subtrees = place_.routes.now().concerned(mine.filter);
  for (const auto& subtree : subtrees)
    tell(subtree, subscribe_to{mine.filter, as_subscriber(mine), slip});
  if (is_system_topic(mine.topic_filter()))
    tell(place_.company.reporter, system_watched{number_, mine.filter});
  return subtrees;
}

error session::unsubscribe(const std::string& filter, const completion_ptr& slip) {
  const auto gone = state_.unsubscribe(filter);
  if (!gone)
    return {reason_code::no_subscription_existed, "the session has no such subscription"};
  withdraw(*gone, slip);
  if (errands_)
    errands_->replays.give_up(filter);
  return {reason_code::success, {}};
}

void session::withdraw(
  const protocol::subscription& gone, const completion_ptr& slip, bool session_over) {
  place_.counts.subscriptions_ended.add();
  if (is_system_topic(gone.topic_filter()))
    tell(place_.company.reporter, system_left{number_, gone.filter});
  if (gone.shared())
    return leave_share(gone.filter, slip, session_over);
  for (const auto& subtree : place_.routes.now().concerned(gone.filter))
    tell(subtree, unsubscribe_from{gone.filter, number_, false, slip});
}

void session::leave_share(const std::string& filter, completion_ptr slip, bool session_over) {
  if (!session_over) {
    need_errands().shares.leave(filter);
    slip = std::make_shared<const completion>(
      [to = self(), filter, slip = std::move(slip)] { tell(to, group_left{filter}); });
  }
  const auto parsed = protocol::parse_shared_filter(filter);
  tell(place_.company.registry, leave_group{std::string{parsed->share_name},
                                  std::string{parsed->filter}, number_, slip, session_over});
}

/// The slip keeps the batch, so that the client is not read on before all that it
/// asked for has been done, by the store too.
completion_ptr session::begin_request(pending_answer answer, const batch_ptr& batch) {
  need_errands().answers.emplace(++last_request_, std::move(answer));
  auto slip = std::make_shared<const completion>(
    [to = self(), number = last_request_, batch] { tell(to, request_done{number}); });
  place_.slips.push_back(slip);
  return slip;
}

subscribed_session session::as_subscriber(const protocol::subscription& mine) const {
  subscribed_session me;
  me.session = session_role{caf::actor_cast<caf::actor>(const_cast<session*>(this))}; // NOLINT
  me.session_number = number_;
  me.client = client_;
  me.sink = sink_;
  me.subscription = mine.number;
  me.identifier = mine.identifier;
  me.unit = place_.number;
  me.connected = static_cast<bool>(connection_);
  me.lasting = place_.company.keeps() && state_.state().expiry() > 0;
  me.version = version_;
  me.options = mine.options;
  return me;
}

// -- to the client -------------------------------------------------------------------

/// Sends a delivery at once where nothing stands in its way; that is most of them.
void session::take_delivery(client_output* out, protocol::delivery&& what, bool replayed) {
  const bool qos_0 = what.qos == qos::at_most_once;
  if (qos_0 && what.share == 0 && out != nullptr && out->is_full())
    return place_.counts.dropped_output_full.add();
  if (qos_0 && out != nullptr && express_.follows())
    return wait_for_express(std::move(what));
  // QoS 0 does not wait here: it would be overtaken by what comes by express.
  if (out != nullptr && (qos_0 || !out->is_congested())) {
    const auto packet =
      state_.pass_through(what, now(), [&](const auto& one) { return fits(*out, one); });
    if (packet)
      return send_publish(*out, *packet);
  }
  enqueue(std::move(what), replayed);
}

void session::enqueue(protocol::delivery&& what, bool replayed) {
  const bool full = !replayed && !state_.is_attached() && finds_node_full(*what.message);
  const auto where = replayed ? protocol::room::unlimited
                     : full   ? protocol::room::exchanged
                              : protocol::room::own;
  if (const auto dropped = state_.enqueue(std::move(what), now(), where))
    count_drop(*dropped);
  else if (full)
    count_drop(protocol::drop_reason::node_full); // an older one
}

/// Whether all queues together have no room for it.
bool session::finds_node_full(const protocol::message& what) const {
  if (place_.rules.queue_total_maximum_messages == 0 && place_.rules.queue_total_maximum_bytes == 0)
    return false;
  const auto share = place_.company.session_rules.shares.percent_of(what.topic());
  return place_.company.waiting.is_full(place_.rules, counted_, waiting(), what.size(), share);
}

/// In the queue of a client that is absent.
waiting_amount session::waiting() const {
  const auto* queue = state_.is_attached() ? nullptr : state_.state().queue();
  return queue == nullptr ? waiting_amount{} : waiting_amount{queue->size(), queue->bytes()};
}

/// Brings the node's total up to date.
void session::count_waiting(const waiting_amount& now) {
  if (now != counted_)
    place_.company.waiting.change(std::exchange(counted_, now), now);
}

void session::send_what_is_due() {
  auto* out = output();
  if (out == nullptr)
    return;
  while (!out->is_congested()) {
    const auto packet = state_.next(now(), [&](const auto& one) { return fits(*out, one); });
    if (!packet)
      return;
    send_publish(*out, *packet);
  }
}

/// Of a long queue only the beginning stays in memory. The store has been told of all of
/// it by now.
void session::rest_queue() {
  if (!place_.company.keeps())
    return;
  const auto messages = place_.rules.queue_memory_messages;
  const auto portions = connection_ ? queue_of_client(messages) : queue_of_absent_client(messages);
  state_.rest(portions.most, portions.kept);
  auto portion = queue_read_at_once(messages);
  if (!state_.wants_more(connection_ ? portion.messages : 0) || (errands_ && errands_->reads_queue))
    return;
  const auto& queue = *state_.state().queue();
  portion.messages = std::min<std::size_t>(portion.messages, queue.resting().count);
  need_errands().reads_queue = true;
  tell(place_.company.keeper,
    read_queue{self(), {client_id_, number_, queue.size_in_front()}, portion});
}

bool session::fits(const client_output& out, const protocol::delivery& what) const {
  return out.maximum_packet_size() == 0 ||
         out.fits(protocol::publish_size(version_, publish_packet({&what, 0, false}, now())));
}

void session::send_publish(client_output& out, const protocol::outgoing& packet) {
  const bool is_qos_2 = packet.publish == nullptr || packet.publish->qos == qos::exactly_once;
  if (is_qos_2 && packet.publish != nullptr && !packet.dup && errands_)
    errands_->shares.begin(packet.publish->share);
  if (is_qos_2 && must_wait())
    return withhold_publish(packet);
  if (packet.publish != nullptr)
    return out.send_publish(publish_packet(packet, now()), packet.publish->message);
  out.send_with([&](std::string& end) {
    protocol::encode_ack(end, version_, {protocol::ack_type::pubrel, packet.id});
  });
}

void session::withhold_publish(const protocol::outgoing& packet) {
  withheld_output::item what;
  what.dup = packet.dup;
  if (packet.publish != nullptr)
    what.publication = packet.id;
  else
    protocol::encode_ack(what.bytes, version_, {protocol::ack_type::pubrel, packet.id});
  withhold(std::move(what));
}

void session::send_acks() {
  thread_local std::vector<protocol::acknowledgement> due; // keeps its memory
  due.clear();
  state_.take_acks(due);
  if (held_ && !is_behind())
    std::exchange(held_, {})->let_go();
  if (due.empty())
    return;
  if (must_wait())
    withhold_pubrecs(due);
  auto* out = output();
  if (due.empty() || out == nullptr)
    return;
  out->send_with(
    [&](std::string& end) {
      for (const auto& ack : due)
        protocol::encode_ack(end, version_, ack, wants_reasons_ ? refusal_phrase(ack.code) : "",
          out->maximum_packet_size());
    },
    due.size());
}

/// A PUBREC says that its identifier is known, also after a restart.
void session::withhold_pubrecs(std::vector<protocol::acknowledgement>& due) {
  std::string bytes;
  for (const auto& ack : due)
    if (ack.type == protocol::ack_type::pubrec)
      protocol::encode_ack(bytes, version_, ack, wants_reasons_ ? refusal_phrase(ack.code) : "");
  std::erase_if(due, [](const auto& ack) { return ack.type == protocol::ack_type::pubrec; });
  if (!bytes.empty())
    withhold(std::move(bytes));
}

/// Asks for more retained messages, unless the client has enough to do.
void session::continue_replays() {
  if (!errands_ || errands_->replays.empty())
    return;
  const auto* out = output();
  const auto* queue = state_.state().queue();
  if (out == nullptr || out->is_congested() || (queue != nullptr && queue->size() > enough_waits))
    return;
  errands_->replays.ask_for_more([this](const subtree_role& from, replay_progress progress) {
    tell(from, continue_replay{self(), number_, std::move(progress)});
  });
}

void session::report_shares() {
  if (!state_.has_shares())
    return;
  const auto all = state_.take_shares();
  if (!errands_)
    return;
  errands_->shares.report(
    all, state_.has_log(), [this](const share_group_role& group, share_settled mail) {
      mail.key = number_;
      tell(group, std::move(mail));
    });
}

void session::count_drop(protocol::drop_reason why) {
  auto& counts = place_.counts;
  switch (why) {
  case protocol::drop_reason::queue_full:
    return counts.dropped_queue_full.add();
  case protocol::drop_reason::expired:
    return counts.dropped_expired.add();
  case protocol::drop_reason::too_large:
    return counts.dropped_packet_too_large.add();
  case protocol::drop_reason::client_absent:
    return counts.dropped_client_away.add();
  case protocol::drop_reason::node_full:
    return counts.dropped_queues_full.add();
  }
}

// -- the end ---------------------------------------------------------------------------

/// Does what ends a connection or the session, and what follows from it.
template <class Depart>
error session::depart(Depart how) {
  const auto outcome = how();
  publish_will(outcome.will);
  if (outcome.ended && !ending_) {
    report_shares();
    for (const auto& gone : outcome.withdrawn)
      withdraw(gone, {}, true);
    if (errands_)
      for (const auto& filter : errands_->shares.leaving())
        leave_share(filter, {}, true);
    end();
  } else if (!state_.is_attached()) {
    state_.return_shares();
  }
  return outcome.error;
}

void session::publish_will(const protocol::will_ptr& will) {
  if (!will)
    return;
  place_.divider.send(); // what the client published before
  auto mail = publication_of(will);
  mail.publisher = client_;
  if (will->qos != qos::at_most_once && state_.has_log()) {
    mail.tickets.push_back(will_under_way::ticket);
    mail.reply_to = self();
    need_errands().will.begin();
  }
  place_.routes.send(place_.routes.now().subtree_of(will->topic), std::move(mail));
}

void session::end() {
  ending_ = true;
  tell(place_.company.registry, session_ended{client_id_, self()});
}

void session::set_alarm() {
  const auto next = ending_ || keep_will_ ? protocol::never : state_.next_deadline();
  if (next == alarm_.at)
    return;
  cancel(alarm_);
  alarm_ = next == protocol::never ? reminder{} : remind(next, deadline_reached{});
}

session::errands& session::need_errands() {
  if (!errands_)
    errands_ = std::make_unique<errands>();
  return *errands_;
}

/// Null if the store does not know the session.
std::shared_ptr<const stored_name> session::author() {
  if (!place_.company.keeps() || state_.state().expiry() == 0)
    return nullptr;
  if (!author_)
    author_ = std::make_shared<const stored_name>(stored_name{client_id_, number_});
  return author_;
}

session_role session::self() {
  return session_role{caf::actor_cast<caf::actor>(this)};
}

} // namespace callboard::actors
