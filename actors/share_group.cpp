#include "actors/share_group.hpp"

#include <algorithm>
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

share_group::share_group(
  caf::actor_config& config, unit& home, house& place, std::string share_name, std::string filter)
    : actor{config, home}, place_{place}, share_name_{std::move(share_name)},
      filter_{std::move(filter)}, chooser_{strategy_of(place.rules, share_name_)}, express_{place} {
}

behavior share_group::make_behavior() {
  return reads<join_group, leave_group, distribute, share_settled, dismissed>(*this);
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
  one.joined_behind = last_token_;
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
  if (members_.empty() && !ending_)
    unsubscribe(mail.slip);
  hand_out_waiting();
}

void share_group::on(const distribute& mail) {
  for (const auto index : mail.which) {
    const auto& publication = std::get<protocol::publication>(mail.batch->packets[index]);
    outbound_publication what{publication, *mail.batch, mail.publisher, now()};
    hand_out(what, mail.publisher);
  }
}

void share_group::on(const share_settled& mail) {
  const auto one = members_.find(mail.key);
  bool is_away = false;
  std::vector<protocol::message_ptr> back;
  for (const auto& [token, outcome] : mail.reports) {
    const auto found = assigned_.extract(token);
    if (found.empty())
      continue;
    if (one != members_.end())
      --one->second.in_flight;
    if (outcome != protocol::share_outcome::returned)
      continue;
    back.push_back(found.mapped().message);
    is_away |= one != members_.end() && token > one->second.joined_behind;
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

void share_group::on(const dismissed&) {
  quit();
}

void share_group::flush() {
  express_.send_all();
  for (auto& [key, one] : members_)
    if (!one.pending.empty())
      tell(one.who.session, deliver_share{self(), std::exchange(one.pending, {})});
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
  tell(place_.company.registry, group_ended{share_name_ + '/' + filter_, self()});
}

void share_group::note_ready() {
  ready_.clear();
  for (auto& [key, one] : members_)
    if (one.who.connected)
      ready_.push_back(&one);
}

bool share_group::has_room(const member& any) const {
  return any.in_flight < place_.rules.inflight_maximum;
}

/// Nobody, if no member is connected and has room.
share_group::member* share_group::choose(
  std::string_view topic, protocol::client_number publisher) {
  const auto count = ready_.size();
  if (count == 0)
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
      wait(what.message());
  } else if (to->who.takes_express()) {
    express_.add(what, to->sink);
  } else {
    give(*to, what.message());
  }
}

void share_group::give(member& to, const protocol::message_ptr& message) {
  protocol::delivery delivery;
  delivery.message = message;
  delivery.identifiers = to.who.identifier;
  delivery.qos = std::min(message->head().qos, to.who.options.maximum_qos);
  delivery.retain = message->head().retain && to.who.options.retain_as_published;
  if (delivery.qos != qos::at_most_once) {
    delivery.share = ++last_token_;
    assigned_.emplace(delivery.share, assigned{to.who.key(), message});
    ++to.in_flight;
  }
  to.pending.push_back(std::move(delivery));
}

void share_group::wait(const protocol::message_ptr& message) {
  waiting_.push_back(message);
  waiting_bytes_ += message->size();
  drop_surplus();
}

/// Takes from one that leaves what it has not been sent yet, and what was sent to
/// a session that was over, also if it had left before.
void share_group::take_back(const leave_group& mail) {
  std::vector<protocol::delivery> pending;
  if (const auto one = members_.find(mail.key); one != members_.end())
    pending = std::exchange(one->second.pending, {});
  for (const auto& delivery : pending)
    assigned_.erase(delivery.share);
  std::vector<protocol::message_ptr> back;
  if (mail.session_over)
    std::erase_if(assigned_, [&](const auto& any) {
      const bool its = any.second.member == mail.key;
      if (its)
        back.push_back(any.second.message);
      return its;
    });
  for (const auto& delivery : pending)
    back.push_back(delivery.message);
  put_in_front(back);
}

void share_group::put_in_front(const std::vector<protocol::message_ptr>& back) {
  waiting_.insert(waiting_.begin(), back.begin(), back.end());
  for (const auto& message : back)
    waiting_bytes_ += message->size();
}

void share_group::hand_out_waiting() {
  while (!waiting_.empty()) {
    const auto message = waiting_.front();
    if (message->expired(now())) {
      place_.counts.dropped_expired.add();
    } else {
      auto* to = choose(message->topic(), message->head().publisher);
      if (to == nullptr)
        break;
      give(*to, message);
    }
    waiting_.pop_front();
    waiting_bytes_ -= message->size();
  }
  drop_surplus();
}

/// The youngest go first. One message may wait whatever its size.
void share_group::drop_surplus() {
  const auto& rules = place_.rules;
  while (waiting_.size() > rules.share_queue_maximum_messages ||
         (waiting_.size() > 1 && waiting_bytes_ > rules.share_queue_maximum_bytes)) {
    waiting_bytes_ -= waiting_.back()->size();
    waiting_.pop_back();
    place_.counts.dropped_queue_full.add();
  }
}

share_group_role share_group::self() {
  return share_group_role{caf::actor_cast<caf::actor>(this)};
}

} // namespace callboard::actors
