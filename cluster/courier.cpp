#include "cluster/courier.hpp"

#include <algorithm>
#include <utility>

namespace callboard::cluster {

courier::courier(incarnation self, const courier_limits& limits)
    : self_{self}, limits_{limits}, out_{{outgoing_lane{true, limits.blob},
                                      outgoing_lane{true, limits.blob},
                                      outgoing_lane{false, limits.blob}}},
      in_{{incoming_lane{false, limits.largest_whole}, incoming_lane{false, limits.largest_whole},
        incoming_lane{true, limits.largest_whole}}} {}

// -- to the peer --------------------------------------------------------------------

bool courier::has_room(lane on) const {
  return on == lane::control || out_[on].unsent() < limits_.waiting;
}

bool courier::send(lane on, std::uint8_t type, std::string_view body) {
  if (!has_room(on)) {
    if (on == lane::lossy)
      ++counts_.dropped;
    return false;
  }
  const auto part = limits_.blob - largest_frame_head;
  bool continues = false;
  for (; body.size() > part; body.remove_prefix(part), continues = true)
    out_[on].push({type, continues, true, body.substr(0, part)});
  out_[on].push({type, continues, false, body});
  return true;
}

std::optional<std::string> courier::next_blob(protocol::time_point now) {
  if (!linked_)
    return std::nullopt;
  if (const auto on = next_lane()) {
    const auto& next = out_[*on].send(now);
    counts_.frames_sent += next.count;
    return seal({*on, view_, {}, next.first, next.count}, next.frames);
  }
  if (owes_receipt_)
    return seal({lane::control, view_, {}, 0, 0}, {});
  return std::nullopt;
}

/// The first one that has something to say and the credit for it.
std::optional<lane> courier::next_lane() const {
  const auto used = under_way();
  const auto may_go = [&](lane on) {
    if (!out_[on].has_unsent())
      return false;
    const auto most = limits_.credit + (on == lane::control ? limits_.control_reserve : 0);
    return used == 0 || used + out_[on].front().frames.size() <= most;
  };
  const auto* found = std::ranges::find_if(all_lanes, may_go);
  return found == all_lanes.end() ? std::nullopt : std::optional{*found};
}

std::string courier::seal(blob_head head, std::string_view frames) {
  for (const auto on : all_lanes)
    head.done[on] = in_[on].done();
  owes_receipt_ = false;
  auto made = make_blob(head, frames);
  ++counts_.blobs_sent;
  counts_.bytes_sent += made.size();
  return made;
}

// -- from the peer --------------------------------------------------------------------

protocol::expected<courier::delivery, courier::fault> courier::on_blob(
  std::string_view bytes, protocol::time_point now) {
  if (!linked_)
    return fault{"a blob in front of the hello"};
  const auto blob = open_blob(bytes);
  if (!blob)
    return fault{"what came is no blob"};
  const auto& head = blob->head;
  if (!take_receipts(head.done, now))
    return fault{"a receipt for what was never sent"};
  ++counts_.blobs_received;
  counts_.bytes_received += bytes.size();
  if (head.count == 0)
    return delivery{{peer_, head.on, 0}, head.view, {}};
  auto news = in_[head.on].take(head.first, head.count, blob->frames);
  if (!news)
    return fault{"frames that do not follow, or are none"};
  counts_.frames_received += news->items.size();
  return delivery{{peer_, head.on, news->number}, head.view, std::move(news->items)};
}

bool courier::take_receipts(const each_lane<std::uint64_t>& done, protocol::time_point now) {
  return std::ranges::all_of(all_lanes, [&](lane on) {
    const auto receipt = out_[on].on_done(done[on]);
    if (receipt.sent_at)
      measure(now - *receipt.sent_at);
    return !receipt.is_wrong;
  });
}

void courier::measure(protocol::duration sample) {
  round_trip_ = round_trip_ ? *round_trip_ + (sample - *round_trip_) / 8 : sample;
}

void courier::finish(const ticket& which) {
  if (which.from == peer_ && in_[which.on].finish(which.number))
    owes_receipt_ = true;
}

// -- links -----------------------------------------------------------------------------

hello courier::make_hello() const {
  hello mine{self_, peer_, {}, {}};
  for (const auto on : all_lanes) {
    mine.taken[on] = in_[on].taken();
    mine.done[on] = in_[on].done();
  }
  return mine;
}

std::optional<courier::fault> courier::on_hello(const hello& what) {
  if (what.from != peer_)
    begin_anew(what.from);
  // Who has heard of somebody else, or of nobody, has nothing from here.
  const auto known = what.to == self_ ? what : hello{};
  for (const auto on : all_lanes) {
    const auto receipt = out_[on].on_done(known.done[on]);
    if (receipt.is_wrong || !out_[on].resume(known.taken[on]))
      return fault{"a hello that does not go with what was sent"};
  }
  linked_ = true;
  return std::nullopt;
}

/// What waited for the first peer waits on; what was for another one is nobody's.
void courier::begin_anew(incarnation with) {
  if (std::exchange(peer_, with) == 0)
    return;
  for (auto& lane : out_)
    lane.clear();
  for (auto& lane : in_)
    lane.clear();
  round_trip_.reset();
}

// -- how it goes -----------------------------------------------------------------------

std::uint64_t courier::waiting() const {
  return sum(&outgoing_lane::unsent);
}

std::uint64_t courier::under_way() const {
  return sum(&outgoing_lane::under_way);
}

std::uint64_t courier::resent() const {
  return sum(&outgoing_lane::resent);
}

std::uint64_t courier::sum(std::uint64_t (outgoing_lane::*of)() const) const {
  std::uint64_t all = 0;
  for (const auto& lane : out_)
    all += (lane.*of)();
  return all;
}

} // namespace callboard::cluster
