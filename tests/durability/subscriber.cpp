#include "tests/durability/subscriber.hpp"

#include "tests/simulation/numbered_message.hpp"

#include <algorithm>
#include <utility>

namespace callboard::durability {

namespace {

using conformance::acknowledgement;

constexpr std::size_t slowest_answer = 20;  // milliseconds
constexpr std::size_t rarest_change = 2000; // milliseconds

} // namespace

subscriber::subscriber(world& all, habits ways, std::vector<wish> wishes, std::string group)
    : lasting_client{all, std::move(ways)}, wishes_{std::move(wishes)}, group_{std::move(group)},
      wanted_(wishes_.size(), true), granted_(wishes_.size(), false) {}

std::string subscriber::what_is_owed() const {
  std::string text = is_served() ? "is served, and owed" : "has no CONNACK, and is owed";
  for (const auto& [packet_id, asked] : requests_)
    text += (asked.is_subscribe ? " SUBACK " : " UNSUBACK ") + std::to_string(packet_id);
  for (const auto packet_id : unreleased_)
    text += " PUBREL " + std::to_string(packet_id);
  return text;
}

// -- its subscriptions --------------------------------------------------------------

/// Asks again for whatever may not have arrived.
void subscriber::arrived(bool session_present) {
  if (!session_present) {
    unreleased_.clear();
    granted_.assign(wishes_.size(), false);
  }
  if (!is_member())
    all().history.returned(id());
  for (std::size_t which = 0; which < wishes_.size(); ++which)
    if (wanted_[which] && !granted_[which])
      want(which);
}

void subscriber::act(steady_time now) {
  if (!resting_ && !is_member())
    change_mind(now);
  if (answers_.empty() || (now < next_answer_ && !resting_)) // nothing is killed any more then
    return;
  for (const auto& answer : std::exchange(answers_, {}))
    send(answer);
  next_answer_ = now + up_to(slowest_answer);
}

void subscriber::change_mind(steady_time now) {
  if (now < next_change_)
    return;
  const bool first = next_change_ == steady_time{};
  next_change_ = now + up_to(rarest_change);
  const auto which = any().pick(wishes_.size());
  if (first || which == 0) // one it keeps
    return;
  if (wanted_[which])
    give_up(which);
  else
    want(which);
}

void subscriber::rest() {
  resting_ = true;
  for (std::size_t which = 0; which < wishes_.size(); ++which)
    if (!wanted_[which])
      want(which);
}

void subscriber::want(std::size_t which) {
  wanted_[which] = true;
  if (!is_served())
    return; // when it is back
  const auto& [filter, qos] = wishes_[which];
  const auto asked = is_member() ? 0 : all().history.subscribes(id(), filter);
  requests_[++last_id_] = {which, true, asked};
  send(conformance::subscribe_packet(ways().version, last_id_, {{filter, qos}}));
}

void subscriber::give_up(std::size_t which) {
  wanted_[which] = granted_[which] = false;
  const auto& filter = wishes_[which].filter;
  const auto asked = all().history.unsubscribes(id(), filter);
  requests_[++last_id_] = {which, false, asked};
  send(conformance::unsubscribe_packet(ways().version, last_id_, {filter}));
}

void subscriber::granted(const received_packet& suback) {
  const auto found = requests_.extract(suback.packet_id);
  if (found.empty() || !found.mapped().is_subscribe)
    return complain("a SUBACK for nothing");
  const auto& [which, is_subscribe, asked] = found.mapped();
  const auto& [filter, qos] = wishes_[which];
  if (suback.reasons != std::vector{qos})
    return complain("was not granted " + filter);
  granted_[which] = wanted_[which];
  all().wills_are_heard |= filter.starts_with("will/");
  if (!is_member())
    return all().history.subscribed(id(), filter, qos_of(qos), asked);
  const auto group = all().new_groups.extract(group_);
  if (!group.empty())
    all().history.subscribed(group_, group.mapped().filter, qos_of(qos), group.mapped().asked);
}

void subscriber::let_go(const received_packet& unsuback) {
  const auto found = requests_.extract(unsuback.packet_id);
  if (found.empty() || found.mapped().is_subscribe)
    return complain("an UNSUBACK for nothing");
  const auto& [which, is_subscribe, asked] = found.mapped();
  all().history.unsubscribed(id(), wishes_[which].filter, asked);
}

// -- what it hears ------------------------------------------------------------------

void subscriber::take(const received_packet& packet) {
  switch (packet.type) {
  case packet_type::publish:
    return hear(packet);
  case packet_type::pubrel:
    unreleased_.erase(packet.packet_id);
    answers_.push_back(acknowledgement(packet_type::pubcomp, packet.packet_id));
    return;
  case packet_type::suback:
    return granted(packet);
  case packet_type::unsuback:
    return let_go(packet);
  default:
    complain("got what it did not ask for: " + conformance::show(packet.raw));
  }
}

void subscriber::hear(const received_packet& message) {
  if (message.qos() == 0)
    return report(message);
  if (message.qos() == 1) {
    answers_.push_back(acknowledgement(packet_type::puback, message.packet_id));
    return report(message);
  }
  answers_.push_back(acknowledgement(packet_type::pubrec, message.packet_id));
  if (unreleased_.insert(message.packet_id).second)
    report(message);
  else if (!message.dup())
    complain("packet identifier " + std::to_string(message.packet_id) + " came again without DUP");
}

void subscriber::report(const received_packet& message) {
  if (message.payload.empty())
    return; // it removes what is retained, and cannot say which it is
  const auto read = testing::read_numbered(message.topic, message.payload);
  if (!read)
    return complain("a payload that nobody sent");
  if (message.topic.starts_with("will/")) {
    auto& last = all().wills_heard[read->from.publisher];
    last = std::max(last, read->number);
  }
  all().history.heard(name_heard(), read->from,
    {read->number, qos_of(message.qos()), message.dup(), message.retain()});
}

/// What it has not answered it is told again.
void subscriber::gone(bool /*was_served*/) {
  requests_.clear();
  answers_.clear();
}

} // namespace callboard::durability
