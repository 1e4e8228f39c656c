#include "cluster/outgoing_lane.hpp"

#include <algorithm>
#include <iterator>

namespace callboard::cluster {

void outgoing_lane::push(const frame& what) {
  const auto full = [&] {
    return parcels_.back().frames.size() + what.body.size() + largest_frame_head > parcel_size_;
  };
  if (!has_unsent() || full())
    parcels_.push_back({last_ + 1, 0, {}, {}});
  auto& open = parcels_.back();
  const auto before = open.frames.size();
  open.add(what);
  unsent_ += open.frames.size() - before;
  ++last_;
}

const parcel& outgoing_lane::send(protocol::time_point now) {
  auto& next = parcels_[sent_++];
  next.sent_at = now;
  unsent_ -= next.frames.size();
  under_way_ += next.frames.size();
  return next;
}

outgoing_lane::receipt outgoing_lane::on_done(std::uint64_t number) {
  if (number > last_sent())
    return {true, {}};
  done_ = std::max(done_, number);
  receipt found;
  for (; sent_ > 0 && parcels_.front().last() <= number; --sent_) {
    found.sent_at = parcels_.front().sent_at;
    under_way_ -= parcels_.front().frames.size();
    parcels_.pop_front();
  }
  return found;
}

bool outgoing_lane::resume(std::uint64_t taken) {
  if (taken > last_sent() || taken < done_)
    return false;
  if (!resends_)
    forget_sent_behind(taken);
  for (; sent_ > 0 && parcels_[sent_ - 1].last() > taken; --sent_) {
    const auto& again = parcels_[sent_ - 1];
    resent_ += again.count;
    under_way_ -= again.frames.size();
    unsent_ += again.frames.size();
  }
  return true;
}

void outgoing_lane::forget_sent_behind(std::uint64_t taken) {
  while (sent_ > 0 && parcels_[sent_ - 1].last() > taken) {
    const auto gone = std::next(parcels_.begin(), static_cast<std::ptrdiff_t>(--sent_));
    forgotten_ += gone->count;
    under_way_ -= gone->frames.size();
    parcels_.erase(gone);
  }
}

void outgoing_lane::clear() {
  parcels_.clear();
  sent_ = 0;
  last_ = done_ = unsent_ = under_way_ = 0;
}

} // namespace callboard::cluster
