#include "tests/simulation/reader.hpp"

#include "tests/simulation/numbered_message.hpp"

#include <utility>

namespace callboard::testing {

reader::reader(playhouse& house, delivery_history& history, std::string name, habits ways,
  std::vector<wish> wishes)
    : history_{history}, name_{std::move(name)}, ways_{std::move(ways)}, wishes_{std::move(wishes)},
      wanted_(wishes_.size(), true),
      granted_(wishes_.size(), false), client_{house, name_, ways_.version} {
  auto& connect = client_.connect_with();
  connect.receive_maximum_given = ways_.receive_maximum != 0;
  if (connect.receive_maximum_given)
    connect.receive_maximum = ways_.receive_maximum;
}

// -- its connection -----------------------------------------------------------------

void reader::come(std::size_t unit) {
  // Nobody knows what a CONNECT without an answer has begun: then anew.
  const bool has_old_one = has_session_ && ways_.must_be_present;
  if (attempts_++ > 0 && !has_begun_ && !has_old_one)
    begins_anew_ = true;
  client_.connect_with().clean_start = ways_.session_expiry == 0 || begins_anew_;
  connect(unit);
}

void reader::come_anew(std::size_t unit) {
  client_.connect_with().clean_start = begins_anew_ = true;
  connect(unit);
}

void reader::connect(std::size_t unit) {
  if (client_.connect_with().clean_start)
    has_session_ = false;
  client_.connect_with().session_expiry_interval = ways_.session_expiry;
  requests_.clear();
  client_.subacks.clear();
  client_.unsubacks.clear();
  has_begun_ = false;
  client_.connect(unit);
  client_.ends().room = room_;
}

void reader::vanish() {
  listen();
  client_.vanish();
}

void reader::crash(std::size_t arrived) {
  client_.crash(arrived);
}

/// What a SUBSCRIBE without an answer has left behind is anybody's guess.
void reader::lose_node() {
  for (const auto& [id, open] : requests_)
    if (open.is_subscribe)
      granted_[open.which] = false;
  client_.crash();
}

/// The CONNACK has come.
void reader::begin() {
  has_begun_ = true;
  begins_anew_ = false;
  const bool present = client_.connack->session_present;
  if (present && client_.connect_with().clean_start)
    complain("a clean start brought an old session");
  if (!present && has_session_ && ways_.must_be_present)
    complain("the session is not there any more");
  const bool knows_it = present && has_session_; // not what an older CONNECT has begun
  const bool clean_311 =
    client_.connect_with().clean_start && ways_.version != protocol::version::mqtt_5_0;
  has_session_ = ways_.session_expiry != 0 && !clean_311;
  if (!knows_it)
    begin_life();
  else if (!is_member())
    history_.returned(life());
  subscribe_to_all();
}

void reader::begin_life() {
  if (!is_member() && lives_ > 0)
    history_.ended(life());
  ++lives_;
  granted_.assign(wishes_.size(), false);
}

/// What the session may not have: an answer may have been lost.
void reader::subscribe_to_all() {
  for (std::size_t which = 0; which < wishes_.size(); ++which)
    if (wanted_[which] && !granted_[which])
      want(which);
}

// -- its subscriptions --------------------------------------------------------------

void reader::want(std::size_t which) {
  wanted_[which] = true;
  if (!has_begun_ || !client_.is_here())
    return; // when it is back
  const auto& [filter, quality] = wishes_[which];
  const auto id = client_.subscribe(filter, quality);
  const auto asked = is_member() ? 0 : history_.subscribes(life(), filter);
  requests_[id] = {which, true, asked};
}

void reader::give_up(std::size_t which) {
  // Once: the answer to a second time may come before the first is done.
  if (!wanted_[which] || !has_begun_ || !client_.is_here())
    return;
  wanted_[which] = granted_[which] = false;
  const auto& filter = wishes_[which].filter;
  const auto id = client_.unsubscribe(filter);
  const auto asked = is_member() ? 0 : history_.unsubscribes(life(), filter);
  requests_[id] = {which, false, asked};
}

void reader::listen() {
  if (client_.is_here())
    client_.ends().room = room_;
  client_.listen(); // also what was sent before the node closed
  if (!has_begun_ && client_.connack && !was_refused())
    begin();
  for (const auto& one : std::exchange(client_.inbox, {}))
    report(one);
  take_answers();
}

void reader::take_answers() {
  for (const auto& answer : std::exchange(client_.subacks, {})) {
    const auto found = requests_.extract(answer.packet_id);
    if (found.empty())
      continue;
    const auto& [which, is_subscribe, asked] = found.mapped();
    granted_[which] = wanted_[which];
    if (!is_member())
      history_.subscribed(life(), wishes_[which].filter, wishes_[which].qos, asked);
  }
  for (const auto id : std::exchange(client_.unsubacks, {})) {
    const auto found = requests_.extract(id);
    if (!found.empty() && !is_member())
      history_.unsubscribed(life(), wishes_[found.mapped().which].filter, found.mapped().asked);
  }
}

void reader::report(const heard& one) {
  if (one.retain)
    last_retained_[one.topic] = one.payload;
  if (one.topic.ends_with("/noise"))
    return;
  if (one.payload.empty())
    return; // it removes what is retained, and cannot say which it is
  const auto message = read_numbered(one.topic, one.payload);
  if (!message)
    return complain("a payload that nobody sent");
  history_.heard(is_member() ? ways_.group : life(), message->from,
    {message->number, one.qos, one.dup, one.retain});
}

std::string reader::life() const {
  return name_ + '.' + std::to_string(lives_);
}

} // namespace callboard::testing
