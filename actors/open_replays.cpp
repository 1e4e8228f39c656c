#include "actors/open_replays.hpp"

#include <algorithm>

namespace callboard::actors {

std::uint64_t open_replays::begin(const continue_replay& asked) {
  asked_.emplace(++last_asked_, asked);
  return last_asked_;
}

std::optional<continue_replay> open_replays::take(std::uint64_t number) {
  auto asked = asked_.extract(number);
  if (!asked)
    return std::nullopt;
  return std::move(asked.mapped());
}

std::uint64_t open_replays::note_retained(std::string_view topic) {
  ++last_retained_;
  if (!asked_.empty())
    retained_lately_.emplace_back(last_retained_, topic);
  return last_retained_;
}

bool open_replays::is_outdated(std::string_view topic, std::uint64_t as_of) const {
  return std::ranges::any_of(retained_lately_,
    [&](const auto& passed) { return passed.first > as_of && passed.second == topic; });
}

void open_replays::forget_until(std::uint64_t as_of) {
  while (!retained_lately_.empty() && (asked_.empty() || retained_lately_.front().first <= as_of))
    retained_lately_.pop_front();
}

} // namespace callboard::actors
