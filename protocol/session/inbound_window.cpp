#include "protocol/session/inbound_window.hpp"

#include <algorithm>
#include <utility>

namespace callboard::protocol {

void inbound_window::receive(packet_id id) {
  if (!knows(id))
    ids_.insert({0, id});
}

void inbound_window::let_pass(packet_id id) {
  if (auto* known = ids_.find(id))
    known->passing = true;
}

bool inbound_window::keeps(packet_id id) const {
  const auto* known = ids_.find(id);
  return known != nullptr && !known->passing;
}

bool inbound_window::free(packet_id id) {
  if (!knows(id))
    return false;
  if (ids_.take(id).counted)
    --counted_;
  return true;
}

std::vector<packet_id> inbound_window::ids() const {
  std::vector<packet_id> all;
  all.reserve(ids_.size());
  ids_.for_each([&](const received& one) {
    const bool is_routing = one.taken >= first_ && one.taken - first_ < acks_.size() &&
                            !acks_[static_cast<std::size_t>(one.taken - first_)].finished;
    if (!is_routing && !one.passing)
      all.push_back(one.id);
  });
  std::ranges::sort(all);
  return all;
}

void inbound_window::resume(std::uint16_t receive_maximum) {
  receive_maximum_ = receive_maximum;
  counted_ = 0;
  ids_.for_each([](received& one) { one.counted = false; });
  for (std::size_t position = 0; position < acks_.size(); ++position) {
    acks_[position].abandoned = true;
    acks_[position].counted = false;
  }
}

arrival inbound_window::judge(qos quality, packet_id id) const {
  const auto* known = quality == qos::exactly_once ? ids_.find(id) : nullptr;
  const bool already_counted = known != nullptr && known->counted;
  if (!already_counted && counted_ >= receive_maximum_)
    return arrival::overrun;
  return known != nullptr ? arrival::repeat : arrival::fresh;
}

ticket inbound_window::begin(qos quality, packet_id id, arrival how) {
  const auto taken = first_ + acks_.size();
  owed_ack owed;
  owed.ack = {
    quality == qos::exactly_once ? ack_type::pubrec : ack_type::puback, id, reason_code::success};
  if (quality == qos::exactly_once)
    count_in(owed, how, taken);
  else
    owed.counted = true;
  if (owed.counted)
    ++counted_;
  acks_.push_back(owed);
  return taken;
}

/// A publication of QoS 2 counts through its identifier, which outlives its
/// PUBREC.
void inbound_window::count_in(owed_ack& owed, arrival how, ticket taken) {
  auto& known = *ids_.find(owed.ack.packet_id);
  if (!std::exchange(known.counted, true))
    ++counted_;
  if (how == arrival::fresh) {
    known.taken = taken;
    return;
  }
  const auto* original = find(known.taken);
  owed.repeat = true;
  owed.finished = original == nullptr || original->finished;
  ++repeats_;
}

packet_id inbound_window::finish(ticket which, reason_code code) {
  auto* owed = find(which);
  if (owed == nullptr || owed->finished)
    return 0;
  owed->finished = true;
  owed->ack.code = code;
  if (owed->ack.type != ack_type::pubrec)
    return 0;
  const auto id = owed->ack.packet_id;
  if (repeats_ > 0)
    settle_repeats(id, code);
  auto* known = ids_.find(id);
  if (known == nullptr || known->taken != which)
    return 0;
  if (is_failure(code))
    owed->counted = std::exchange(known->counted, false); // until the PUBREC leaves
  return id;
}

void inbound_window::take_due(std::vector<acknowledgement>& due) {
  for (; !acks_.empty() && acks_[0].finished; acks_.pop_front(), ++first_) {
    const auto& owed = acks_[0];
    if (!owed.abandoned)
      due.push_back(owed.ack);
    if (owed.counted)
      --counted_;
    if (owed.repeat)
      --repeats_;
  }
}

void inbound_window::clear() {
  ids_.clear();
  first_ += acks_.size();
  acks_.clear();
  repeats_ = counted_ = 0;
}

void inbound_window::shrink() {
  if (ids_.empty())
    ids_.clear();
  if (acks_.empty())
    acks_.clear();
}

inbound_window::owed_ack* inbound_window::find(ticket which) {
  if (which < first_ || which - first_ >= acks_.size())
    return nullptr;
  return &acks_[static_cast<std::size_t>(which - first_)];
}

/// What repeats a publication ends as that does.
void inbound_window::settle_repeats(packet_id id, reason_code code) {
  for (std::size_t position = 0; position < acks_.size(); ++position) {
    auto& owed = acks_[position];
    if (!owed.repeat || owed.finished || owed.ack.packet_id != id)
      continue;
    owed.finished = true;
    owed.ack.code = code;
  }
}

} // namespace callboard::protocol
