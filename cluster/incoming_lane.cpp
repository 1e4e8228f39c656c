#include "cluster/incoming_lane.hpp"

#include <algorithm>
#include <utility>

namespace callboard::cluster {

namespace {

bool holds_so_many(std::string_view frames, std::uint64_t count) {
  persistence::record_reader reader{frames};
  for (; count > 0 && !reader.failed(); --count)
    read_frame(reader);
  return reader.finished();
}

} // namespace

std::optional<incoming_lane::news> incoming_lane::take(
  std::uint64_t first, std::uint64_t count, std::string_view frames) {
  const auto last = first + count - 1;
  if (first == 0 || last < first || (first > taken_ + 1 && !may_miss_))
    return std::nullopt;
  if (!holds_so_many(frames, count)) // before any of them changes something
    return std::nullopt;
  if (last <= taken_) {
    repeated_ += count;
    return news{};
  }
  if (first > taken_ + 1) {
    missed_ += first - taken_ - 1;
    part_.reset();
  }
  news found;
  wholes_.clear();
  persistence::record_reader reader{frames};
  for (auto number = first; number <= last; ++number) {
    const auto next = read_frame(reader);
    if (number <= taken_)
      ++repeated_;
    else if (!join(next, found.items))
      return std::nullopt;
  }
  open_.push_back({taken_, last, false});
  found.number = taken_ = last;
  return found;
}

/// Makes one of frames that belong together; not if that becomes too large, or if they do not
/// belong together. Where some may be missing, the others of them are no fault.
bool incoming_lane::join(const frame& part, std::vector<item>& items) {
  if (part.continues != part_.has_value()) {
    part_.reset();
    if (!may_miss_)
      return false;
    if (part.continues)
      return true;
  }
  if (!part.continues && !part.has_more) {
    items.push_back({part.type, part.body});
    return true;
  }
  auto& whole = part_ ? *part_ : part_.emplace();
  if (part.body.size() > largest_whole_ || whole.size() > largest_whole_ - part.body.size())
    return false;
  whole.append(part.body);
  if (part.has_more)
    return true;
  wholes_.push_back(std::move(whole));
  part_.reset();
  items.push_back({part.type, wholes_.back()});
  return true;
}

bool incoming_lane::finish(std::uint64_t number) {
  const auto at = std::ranges::lower_bound(open_, number, {}, &open_parcel::last);
  if (at == open_.end() || at->last != number || at->finished)
    return false;
  at->finished = true;
  const auto before = done();
  while (!open_.empty() && open_.front().finished)
    open_.pop_front();
  return done() != before;
}

void incoming_lane::clear() {
  open_.clear();
  part_.reset();
  wholes_.clear();
  taken_ = 0;
}

} // namespace callboard::cluster
