#include "protocol/session/outbound_window.hpp"

#include <algorithm>
#include <utility>

namespace callboard::protocol {

namespace {

bool same(const in_flight& left, const in_flight& right) {
  return left.id == right.id && left.released == right.released && left.what == right.what;
}

std::uint64_t size_of(const delivery& what) {
  return what.message ? what.message->size() : 0;
}

} // namespace

void outbound_window::put(packet_id id, delivery&& what) {
  bytes_ += size_of(what);
  entries_.insert({std::move(what), ++last_sequence_, id, false, true});
  ++on_wire_;
  last_id_ = id;
}

void outbound_window::release(packet_id id) {
  auto* entry = entries_.find(id);
  if (entry == nullptr)
    return;
  entry->released = true;
  bytes_ -= size_of(entry->what);
  const bool lasting = entry->what.lasting;
  entry->what = {};
  entry->what.qos = qos::exactly_once;
  entry->what.lasting = lasting;
}

delivery outbound_window::settle(packet_id id) {
  if (entries_.find(id) == nullptr)
    return {};
  auto entry = entries_.take(id);
  bytes_ -= size_of(entry.what);
  if (entry.on_wire)
    --on_wire_;
  return std::move(entry.what);
}

packet_id outbound_window::next_id() const {
  auto id = last_id_;
  do
    ++id;
  while (id == 0 || entries_.find(id) != nullptr);
  return id;
}

std::vector<packet_id> outbound_window::in_order() const {
  std::vector<std::pair<std::uint64_t, packet_id>> sent;
  sent.reserve(entries_.size());
  entries_.for_each([&](const in_flight& entry) { sent.emplace_back(entry.sequence, entry.id); });
  std::ranges::sort(sent);

  std::vector<packet_id> ids;
  ids.reserve(sent.size());
  for (const auto& [sequence, id] : sent)
    ids.push_back(id);
  return ids;
}

void outbound_window::resume(std::uint16_t quota) {
  std::size_t pubrels = 0;
  entries_.for_each([&](in_flight& entry) {
    entry.on_wire = false;
    pubrels += entry.released ? 1 : 0;
  });
  quota_ = quota;
  on_wire_ = resent_ = 0;

  // A PUBREL holds a place in the quota until its PUBCOMP. Those PUBLISHes that
  // find no place beside all of them come last, so that none of them ever waits
  // for a PUBREL behind it.
  auto room = quota > pubrels ? quota - pubrels : 0;
  std::vector<packet_id> later;
  resends_.clear();
  for (const auto id : in_order()) {
    const bool fits = entries_.find(id)->released || room > 0;
    if (fits && !entries_.find(id)->released)
      --room;
    (fits ? resends_ : later).push_back(id);
  }
  resends_.insert(resends_.end(), later.begin(), later.end());
}

const in_flight* outbound_window::next_resend() {
  for (; resent_ < resends_.size(); ++resent_) {
    const auto* entry = entries_.find(resends_[resent_]);
    if (entry == nullptr || entry->on_wire) // the client was quicker than we
      continue;
    return entry->released || on_wire_ < quota_ ? entry : nullptr;
  }
  if (!resends_.empty()) {
    resends_ = {};
    resent_ = 0;
  }
  return nullptr;
}

void outbound_window::resent(packet_id id) {
  auto* entry = entries_.find(id);
  if (entry == nullptr || std::exchange(entry->on_wire, true))
    return;
  ++on_wire_;
}

bool outbound_window::open() {
  return next_resend() == nullptr && on_wire_ < quota_;
}

ack_step outbound_window::judge(const acknowledgement& ack) const {
  const auto* entry = entries_.find(ack.packet_id);
  const bool pubrec = ack.type == ack_type::pubrec;
  if (entry == nullptr)
    return pubrec && !is_failure(ack.code) ? ack_step::unknown : ack_step::nothing;
  if ((ack.type == ack_type::puback) != (entry->what.qos == qos::at_least_once))
    return ack_step::out_of_place;
  if (ack.type == ack_type::puback || (pubrec && is_failure(ack.code)))
    return ack_step::settle;
  if (pubrec)
    return entry->released ? ack_step::repeat : ack_step::release;
  return entry->released ? ack_step::settle : ack_step::out_of_place;
}

bool operator==(const outbound_window& left, const outbound_window& right) {
  if (left.last_id_ != right.last_id_ || left.size() != right.size())
    return false;
  const auto ids = left.in_order();
  return ids == right.in_order() && std::ranges::all_of(ids, [&](packet_id id) {
    return same(*left.find(id), *right.find(id));
  });
}

} // namespace callboard::protocol
