#include "actors/share_group.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

namespace callboard::actors {

namespace {

using protocol::qos;

share_strategy strategy_of(const settings& rules, const std::string& share_name) {
  const auto own = rules.share_strategies.find(share_name);
  return own == rules.share_strategies.end() ? rules.share_strategy : own->second;
}

} // namespace

share_group::share_group(caf::actor_config& config, unit& home, house& place,
  std::string share_name, std::string filter, bool awaits_members)
    : actor{config, home}, place_{place}, share_name_{std::move(share_name)},
      filter_{std::move(filter)}, name_{std::make_shared<const std::string>(
                                    share_name_ + '/' + filter_)},
      chooser_{strategy_of(place.rules, share_name_)}, express_{place}, awaits_members_{
                                                                          awaits_members} {}

behavior share_group::make_behavior() {
  return reads<join_group, leave_group, distribute, share_settled, share_begun, restore_share,
    restored, dismissed>(*this);
}

void share_group::on(const join_group& mail) {
  if (ending_) { // the REGISTRY will find another group, or make one
    tell(place_.company.registry, mail);
    return;
  }
  const auto [at, is_new] = members_.try_emplace(mail.member.key());
  auto& one = at->second;
  if (is_new) // it may have left with messages that it has not settled
    one.in_flight = static_cast<std::uint32_t>(std::ranges::count_if(
      assigned_, [&](const auto& any) { return any.second.member == at->first; }));
  one.who = mail.member;
  one.joined_behind = last_serial_;
  one.sink = {one.who.unit, one.who.version, one.who.options.retain_as_published,
    one.who.identifier, sink_list{one.who.sink}};
  if (!std::exchange(subscribed_, true))
    subscribe(mail.slip);
  note_ready();
  hand_out_waiting();
}

void share_group::on(const leave_group& mail) {
  take_back(mail);
  members_.erase(mail.key);
  note_ready();
  if (members_.empty() && !ending_ && !awaits_members_)
    unsubscribe(mail.slip);
  hand_out_waiting();
}

void share_group::on(const distribute& mail) {
  if (mail.promise)
    promises_.push_back(mail.promise);
  for (const auto index : mail.which) {
    const auto& publication = std::get<protocol::publication>(mail.batch->packets[index]);
    outbound_publication what{publication, *mail.batch, mail.publisher, now()};
    hand_out(what, mail.publisher);
  }
}

void share_group::on(const share_settled& mail) {
  const auto one = members_.find(mail.key);
  bool is_away = false;
  std::vector<open_message> back;
  for (const auto& [token, outcome] : mail.reports) {
    const auto found = assigned_.find(token);
    if (found == assigned_.end() || found->second.member != mail.key)
      continue;
    if (one != members_.end())
      --one->second.in_flight;
    if (outcome == protocol::share_outcome::returned) {
      back.push_back(found->second.what);
      is_away |= one != members_.end() && found->second.serial > one->second.joined_behind;
    } else {
      be_done_with(found->second.what);
    }
    assigned_.erase(found);
  }
  if (is_away) {
    // Only absent clients give back. The REGISTRY's word of it may take longer; but
    // what it had before it joined again says nothing about now.
    one->second.who.connected = false;
    note_ready();
  }
  put_in_front(back);
  hand_out_waiting();
}

/// Nobody else may get these any more (MQTT5-4.8.2-5), and no other message may be
/// taken for one of them.
void share_group::on(const share_begun& mail) {
  for (const auto token : mail.tokens)
    last_token_ = std::max(last_token_, token);
  for (const auto& one : waiting_)
    if (std::ranges::find(mail.tokens, one.token) != mail.tokens.end()) {
      waiting_bytes_ -= one.message->size();
      be_done_with(one);
    }
  std::erase_if(waiting_, [&](const open_message& one) {
    return std::ranges::find(mail.tokens, one.token) != mail.tokens.end();
  });
}

void share_group::on(const restore_share& mail) {
  for (const auto& [token, message] : mail.messages) {
    last_token_ = std::max(last_token_, token);
    waiting_bytes_ += message->size();
    waiting_.push_back({token, message, true});
  }
}

/// Whoever is a member has joined by now.
void share_group::on(const restored&) {
  awaits_members_ = false;
  if (members_.empty() && !ending_)
    unsubscribe({});
  hand_out_waiting();
}

void share_group::on(const dismissed&) {
  quit();
}

void share_group::flush() {
  // Before a member can have settled it.
  if (!journal_.empty())
    tell(place_.company.keeper, journal{std::exchange(journal_, {}), {}, std::move(promises_)});
  promises_.clear();
  express_.send_all();
  for (auto& [key, one] : members_)
    if (!one.pending.empty())
      tell(
        one.who.session, deliver_share{self(), one.who.subscription, std::exchange(one.pending, {}),
                           std::exchange(one.pending_is_kept, false)});
}

void share_group::leave() {
  members_.clear();
  ready_.clear();
  assigned_.clear();
  waiting_.clear();
}

void share_group::subscribe(const completion_ptr& slip) {
  subscribe_to wanted{filter_, {}, slip, true, {self(), id()}};
  for (const auto& subtree : place_.routes.now().concerned(filter_))
    tell(subtree, wanted);
}

void share_group::unsubscribe(const completion_ptr& slip) {
  for (const auto& subtree : place_.routes.now().concerned(filter_))
    tell(subtree, unsubscribe_from{filter_, id(), true, slip});
  ending_ = true;
  for (const auto& one : waiting_)
    be_done_with(one);
  for (const auto& [token, one] : assigned_)
    be_done_with(one.what);
  tell(place_.company.registry, group_ended{*name_, self()});
}

void share_group::note_ready() {
  ready_.clear();
  lasting_ = false;
  for (auto& [key, one] : members_) {
    lasting_ |= one.who.lasting;
    if (one.who.connected)
      ready_.push_back(&one);
  }
}

bool share_group::has_room(const member& any) const {
  return any.in_flight < place_.rules.inflight_maximum;
}

/// Nobody, if no member is connected and has room.
share_group::member* share_group::choose(
  std::string_view topic, protocol::client_number publisher) {
  const auto count = ready_.size();
  if (count == 0 || awaits_members_)
    return nullptr;
  const auto first = chooser_.first({topic, publisher}, count, place_.home.random(),
    [this](std::size_t place) { return ready_[place]->in_flight; });
  for (std::size_t i = 0; i < count; ++i) {
    const auto place = (first + i) % count;
    if (!has_room(*ready_[place]))
      continue;
    chooser_.chosen(place);
    return ready_[place];
  }
  return nullptr;
}

void share_group::hand_out(outbound_publication& what, protocol::client_number publisher) {
  const auto& publication = what.publication();
  auto* to = waiting_.empty() || publication.qos == qos::at_most_once
               ? choose(publication.topic, publisher)
               : nullptr; // what waits comes first
  if (to == nullptr) {
    if (publication.qos == qos::at_most_once)
      place_.counts.dropped_client_away.add();
    else
      wait(take_over(what.message()));
  } else if (to->who.takes_express()) {
    express_.add(what, to->sink);
  } else {
    give(*to, take_over(what.message()));
  }
}

share_group::open_message share_group::take_over(const protocol::message_ptr& message) {
  const bool kept = lasting_ && message->head().qos != qos::at_most_once &&
                    !place_.company.is_transient(message->topic());
  open_message what{++last_token_, message, kept};
  if (kept)
    note_change(what.token, message);
  return what;
}

/// A member has it, or nobody shall.
void share_group::be_done_with(const open_message& what) {
  if (what.kept)
    note_change(what.token, {});
}

void share_group::note_change(protocol::share_token token, protocol::message_ptr message) {
  journal_.shares.push_back({*name_, token, std::move(message)});
}

void share_group::give(member& to, const open_message& what) {
  const auto& message = what.message;
  protocol::delivery delivery;
  delivery.message = message;
  delivery.identifiers = to.who.identifier;
  delivery.qos = std::min(message->head().qos, to.who.options.maximum_qos);
  delivery.retain = message->head().retain && to.who.options.retain_as_published;
  delivery.lasting = what.kept || !place_.company.is_transient(message->topic());
  if (delivery.qos != qos::at_most_once) {
    delivery.share = what.token;
    assigned_.emplace(what.token, assigned{to.who.key(), what, ++last_serial_});
    ++to.in_flight;
    to.pending_is_kept |= what.kept;
  } else {
    be_done_with(what);
  }
  to.pending.push_back(std::move(delivery));
}

void share_group::wait(open_message what) {
  waiting_bytes_ += what.message->size();
  waiting_.push_back(std::move(what));
  drop_surplus();
}

/// Takes from one that leaves what it has not been sent yet, and what was sent to
/// a session that was over, also if it had left before.
void share_group::take_back(const leave_group& mail) {
  std::set<protocol::share_token> unsent;
  if (const auto one = members_.find(mail.key); one != members_.end())
    for (const auto& delivery : std::exchange(one->second.pending, {}))
      unsent.insert(delivery.share);
  std::vector<open_message> back;
  std::erase_if(assigned_, [&](const auto& any) {
    const bool its =
      any.second.member == mail.key && (mail.session_over || unsent.contains(any.first));
    if (its)
      back.push_back(any.second.what);
    return its;
  });
  put_in_front(back);
}

void share_group::put_in_front(const std::vector<open_message>& back) {
  waiting_.insert(waiting_.begin(), back.begin(), back.end());
  for (const auto& one : back)
    waiting_bytes_ += one.message->size();
}

void share_group::hand_out_waiting() {
  while (!waiting_.empty()) {
    const auto what = waiting_.front();
    const auto& message = *what.message;
    if (message.expired(now())) {
      place_.counts.dropped_expired.add();
      be_done_with(what);
    } else {
      auto* to = choose(message.topic(), message.head().publisher);
      if (to == nullptr)
        break;
      give(*to, what);
    }
    waiting_.pop_front();
    waiting_bytes_ -= message.size();
  }
  drop_surplus();
}

/// The youngest go first. One message may wait whatever its size.
void share_group::drop_surplus() {
  const auto& rules = place_.rules;
  while (waiting_.size() > rules.share_queue_maximum_messages ||
         (waiting_.size() > 1 && waiting_bytes_ > rules.share_queue_maximum_bytes)) {
    waiting_bytes_ -= waiting_.back().message->size();
    be_done_with(waiting_.back());
    waiting_.pop_back();
    place_.counts.dropped_queue_full.add();
  }
}

share_group_role share_group::self() {
  return share_group_role{caf::actor_cast<caf::actor>(this)};
}

} // namespace callboard::actors
