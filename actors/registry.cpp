#include "actors/registry.hpp"

#include "actors/session.hpp"
#include "actors/share_group.hpp"
#include "protocol/codec/encode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;

/// Sessions of which the store is told at once that they have lost their connections, and
/// how long it has then to put that in its place: what is not folded is in its memory.
constexpr std::size_t detached_at_once = 5'000;
constexpr auto between_detachments = 1s;

/// How long a session that could not be read is left alone.
constexpr auto time_between_tries = 1s;

/// A hash of the identifier, so that it is the same whenever the client comes; two
/// clients that have the same one would only miss each other's messages where they
/// asked for No Local.
protocol::client_number number_of(const std::string& client_id) {
  return std::max<protocol::client_number>(std::hash<std::string>{}(client_id), 1);
}

} // namespace

behavior registry::make_behavior() {
  return reads<enter, session_ended, join_group, leave_group, group_ended, restore_all,
    sessions_found, session_loaded, call_session, wake_due, detach_some, restore_share, share_begun,
    restored, retained_restored, curtain>(*this);
}

void registry::on(const enter& mail) {
  auto& who = *mail.who;
  if (stopping_) {
    tell(who.connection, refuse{});
    return;
  }
  if (who.connect->client_id.empty())
    name_client(who);
  auto& entry = clients_[who.connect->client_id];
  if (who.connection_number < entry.connection_number)
    return turn_away(who, protocol::reason_code::unspecified_error,
      "the client has connected again since"); // while this one moved house
  entry.connection_number = who.connection_number;
  if (entry.number == 0)
    entry.number = number_of(who.connect->client_id);
  who.client_number = entry.number;
  if (!entry.session && may_be_stored(who.connect->client_id))
    call(who.connect->client_id, mail.who);
  else
    let_in(entry, mail.who);
}

void registry::on(const session_ended& mail) {
  const auto found = clients_.find(mail.client_id);
  if (found != clients_.end() && found->second.session == mail.session)
    clients_.erase(found);
  tell(mail.session, dismissed{});
}

void registry::on(const join_group& mail) {
  tell(group(mail.share_name, mail.filter), mail);
}

void registry::on(const leave_group& mail) {
  const auto found = groups_.find(mail.share_name + '/' + mail.filter);
  if (found != groups_.end())
    tell(found->second, mail);
}

void registry::on(const group_ended& mail) {
  const auto found = groups_.find(mail.name);
  if (found == groups_.end() || found->second != mail.group)
    return;
  tell(mail.group, dismissed{});
  groups_.erase(found);
}

void registry::on(const restore_all& mail) {
  comeback_ = std::make_unique<comeback>();
  comeback_->order = mail;
  comeback_->slip = std::make_shared<const completion>([to = self()] { tell(to, restored{}); });
  since_ = mail.since;
  last_session_ = mail.highest_session;
  for (const auto& [subtree, store] : mail.homes->stores)
    subtrees_.push_back(subtree);
  tell(place_.company.keeper, find_shares{});
  tell(place_.company.keeper, find_sessions{{}, mail.pace, since_});
}

void registry::on(const sessions_found& mail) {
  if (stopping_ || !comeback_)
    return;
  if (!mail.all) // it is read while we see to these
    tell(place_.company.keeper,
      find_sessions{mail.sessions.back().client_id, comeback_->order.pace, since_});
  std::map<subtree_role, adopt> known;
  for (auto& one : mail.sessions) {
    if (one.number > comeback_->order.highest_session || comeback_->back.contains(one.number))
      continue; // it has come since, or come back
    ++place_.company.found.sessions;
    if (one.attached && !one.state && one.expiry != protocol::forever)
      detached_.push_back(one.number);
    if (!one.state) {
      lay_to_sleep(std::move(one), known);
      continue;
    }
    bring_back(one.client_id, one.number, *std::move(one.state), next_house());
    if (const auto waiting = called_.extract(one.client_id))
      let_in_who_waited(one.client_id, waiting.mapped());
  }
  for (auto& [subtree, subscriptions] : known)
    tell(subtree, std::move(subscriptions));
  if (!mail.all)
    return;
  comeback_->slip.reset();
  tell(
    place_.company.keeper, find_retained{comeback_->order.homes, comeback_->order.pace.retained});
}

void registry::on(const session_loaded& mail) {
  const auto waiting = called_.extract(mail.client_id);
  if (!waiting || stopping_)
    return; // it was among those that were found, meanwhile
  if (mail.failed)
    return is_unreadable(mail.client_id, waiting.mapped());
  if (is_asleep(mail)) {
    const auto& first = waiting.mapped();
    auto& home = first.empty() ? next_house() : *place_.company.houses.at(first.front()->unit);
    if (comeback_ && sleeping_.find(mail.client_id) == nullptr)
      ++place_.company.found.sessions; // the list has not come to it
    ++place_.company.found.woken;
    bring_back(mail.client_id, mail.number, mail.state, home);
  } else if (sleeping_.find(mail.client_id) != nullptr) {
    is_lost(mail.client_id);
  }
  let_in_who_waited(mail.client_id, waiting.mapped());
}

void registry::on(const call_session& mail) {
  if (const auto* client_id = sleeping_.client_of(mail.number); client_id != nullptr && !stopping_)
    call(*client_id);
}

void registry::on(const wake_due&) {
  alarm_ = {};
  for (const auto number : sleeping_.take_due(now()))
    on(call_session{number});
}

/// A little at a time: it is not urgent, and there may be very many.
void registry::on(const detach_some&) {
  journal mail;
  auto& changes = mail.changes.sessions;
  for (; !detached_.empty() && changes.size() < detached_at_once; detached_.pop_back())
    if (const auto* client_id = sleeping_.client_of(detached_.back()))
      changes.push_back({*client_id, detached_.back(), {protocol::client_detached{since_}}});
  if (changes.empty() || stopping_)
    return;
  tell(place_.company.keeper, std::move(mail));
  remind(now() + between_detachments, detach_some{});
}

void registry::on(const restore_share& mail) {
  tell(group(mail.share_name, mail.filter), mail);
}

void registry::on(const share_begun& mail) {
  tell(group(mail.share_name, mail.filter), mail);
}

/// SHARE GROUPs first: they hand out nothing before, and then comes what the SUBTREEs hold.
void registry::on(const restored& mail) {
  if (!comeback_)
    return;
  comeback_->has_sessions = true;
  for (const auto& [name, group] : groups_)
    tell(group, mail);
  for (const auto& subtree : subtrees_)
    tell(subtree, mail);
  finish_comeback();
}

void registry::on(const retained_restored& mail) {
  if (!comeback_)
    return;
  comeback_->has_retained = true;
  place_.company.found.retained = mail.count;
  finish_comeback();
}

void registry::on(const curtain&) {
  stopping_ = true;
  for (const auto& [id, waiting] : called_)
    for (const auto& who : waiting)
      tell(who->connection, refuse{});
  for (const auto& [id, known] : clients_)
    if (known.session)
      tell(known.session, end_session{protocol::reason_code::server_shutting_down, true});
}

void registry::flush() {
  const auto next = stopping_ ? protocol::never : sleeping_.next_due();
  if (next == alarm_.at)
    return;
  cancel(alarm_);
  alarm_ = next == protocol::never ? reminder{} : remind(next, wake_due{});
}

void registry::leave() {
  cancel(alarm_);
  for (const auto& [id, known] : clients_)
    dismiss(known.session);
  for (const auto& [name, group] : groups_)
    dismiss(group);
  clients_.clear();
  groups_.clear();
  called_.clear();
  comeback_.reset();
  subtrees_.clear();
}

// -- who comes ----------------------------------------------------------------------

/// All that was asked of the store about the client is known by now.
void registry::let_in(client& entry, const newcomer_ptr& who) {
  if (entry.session && !who->connect->clean_start) {
    if (entry.unit == who->unit)
      tell(entry.session, take_client{who});
    else
      tell(who->connection, move_house{who, entry.unit});
    return;
  }
  // A clean start gets a session of its own, beside the old one that clears up.
  const bool ends_older = static_cast<bool>(entry.session);
  if (ends_older)
    tell(entry.session, end_session{});
  auto& home = *place_.company.houses.at(who->unit);
  entry.session = actors::spawn<session>(
    home.home, home, who->connect->client_id, ++last_session_, entry.number, ends_older);
  entry.unit = who->unit;
  tell(entry.session, take_client{who});
}

void registry::let_in_who_waited(const std::string& client_id, const newcomers& waiting) {
  for (const auto& who : waiting)
    let_in(clients_[client_id], who);
}

void registry::turn_away(const newcomer& who, protocol::reason_code code, std::string_view why) {
  protocol::connack answer;
  answer.code = code;
  answer.reason_string = why;
  refuse word;
  protocol::encode_connack(
    word.connack, who.connect->version, answer, who.connect->maximum_packet_size);
  tell(who.connection, std::move(word));
}

/// MQTT5-3.2.2-16: an identifier that no other session has.
void registry::name_client(newcomer& who) {
  auto& random = place_.home.random();
  do
    who.connect->client_id = fmt::format("auto-{:016x}{:08x}", random(), random() & 0xFFFF'FFFF);
  while (
    clients_.contains(who.connect->client_id) || sleeping_.find(who.connect->client_id) != nullptr);
  who.identifier_assigned = true;
}

// -- who sleeps ---------------------------------------------------------------------

/// Whether only the KEEPER knows if the client has a session.
bool registry::may_be_stored(const std::string& client_id) const {
  return comeback_ || called_.contains(client_id) || sleeping_.find(client_id) != nullptr;
}

/// Whether this is the session of before that nobody has brought back yet. What the store
/// says may be older than what has happened since.
bool registry::is_asleep(const session_loaded& found) const {
  if (!comeback_)
    return found.number != 0 && sleeping_.client_of(found.number) != nullptr;
  return found.number != 0 && found.number <= comeback_->order.highest_session &&
         !comeback_->back.contains(found.number);
}

void registry::call(const std::string& client_id, newcomer_ptr who) {
  const auto [at, is_new] = called_.try_emplace(client_id);
  if (who)
    at->second.push_back(std::move(who));
  if (is_new)
    tell(place_.company.keeper, load_session{client_id});
}

void registry::bring_back(const std::string& client_id, std::uint64_t number,
  std::vector<protocol::operation> state, house& home) {
  stop_sleeping(client_id);
  auto& entry = clients_[client_id];
  entry.number = number_of(client_id);
  entry.session = actors::spawn<session>(home.home, home, client_id, number, entry.number);
  entry.unit = home.number;
  restore what{std::move(state), {}, since_};
  if (comeback_) {
    what.slip = comeback_->slip;
    comeback_->back.insert(number);
  }
  tell(entry.session, std::move(what));
}

/// SUBTREEs know its subscriptions, and that it sleeps.
void registry::lay_to_sleep(stored_session&& one, std::map<subtree_role, adopt>& known) {
  subscribed_session who;
  who.session_number = one.number;
  who.client = number_of(one.client_id);
  who.lasting = true;
  for (const auto& mine : one.subscriptions) {
    if (mine.shared())
      continue; // it could not be read, or would not sleep
    who.subscription = mine.number;
    who.identifier = mine.identifier;
    who.options = mine.options;
    for (const auto& subtree : place_.routes.now().concerned(mine.filter))
      known[subtree].subscriptions.emplace_back(mine.filter, who);
  }
  auto& found = place_.company.found;
  ++found.asleep;
  found.asleep_subscriptions += one.subscriptions.size();
  place_.company.waiting.change({}, one.waiting);
  const auto count = static_cast<std::uint32_t>(one.subscriptions.size());
  sleeping_.add(std::move(one.client_id), {one.number, count, one.waiting}, one.due);
}

void registry::stop_sleeping(const std::string& client_id) {
  const auto gone = sleeping_.remove(client_id);
  if (!gone)
    return;
  auto& found = place_.company.found;
  --found.asleep;
  found.asleep_subscriptions -= gone->subscriptions;
  place_.company.waiting.change(gone->waiting, {});
}

/// The store had it, and has it no more.
void registry::is_lost(const std::string& client_id) {
  const auto number = sleeping_.find(client_id)->number;
  place_.note({.what = event::kind::session_lost, .name = client_id});
  stop_sleeping(client_id);
  for (const auto& subtree : subtrees_)
    tell(subtree, forget_session{number});
}

/// Nobody is lost: its client may try again, and so do we, if somebody else has called.
void registry::is_unreadable(const std::string& client_id, const newcomers& waiting) {
  for (const auto& who : waiting)
    turn_away(*who, protocol::reason_code::server_unavailable,
      "the session cannot be read from the store now: try again later");
  if (const auto found = clients_.find(client_id);
      found != clients_.end() && !found->second.session)
    clients_.erase(found);
  if (const auto* one = sleeping_.find(client_id))
    remind(now() + time_between_tries, call_session{one->number});
}

void registry::finish_comeback() {
  if (!comeback_->has_sessions || !comeback_->has_retained)
    return;
  const auto over = std::exchange(comeback_, {});
  auto& found = place_.company.found;
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(now() - since_);
  found.milliseconds = static_cast<std::uint64_t>(time.count());
  found.under_way = false;
  const auto asleep = found.asleep.load();
  place_.note({.what = event::kind::store_restored,
    .reason = fmt::format("ports open after {} ms; {} sessions ({} of them asleep), {} retained "
                          "messages and {} of share groups are there again after {} ms more",
      found.ports_open_ms.load(), found.sessions.load(), asleep, found.retained.load(),
      found.shares.load(), time.count())});
  over->order.then();
  on(detach_some{});
}

house& registry::next_house() {
  const auto& all = place_.company.houses;
  auto& next = *all[next_unit_];
  next_unit_ = static_cast<std::uint16_t>((next_unit_ + 1) % all.size());
  return next;
}

const share_group_role& registry::group(const std::string& share_name, const std::string& filter) {
  auto& found = groups_[share_name + '/' + filter];
  if (!found) {
    auto& home = next_house();
    found = actors::spawn<share_group>(home.home, home, share_name, filter, comeback_ != nullptr);
  }
  return found;
}

registry_role registry::self() {
  return registry_role{caf::actor_cast<caf::actor>(this)};
}

} // namespace callboard::actors
