#include "actors/retained_replays.hpp"

#include <utility>

namespace callboard::actors {

void retained_replays::begin(const std::string& filter, subtrees from) {
  auto& one = open_[filter];
  if (one.number != 0) {
    ++one.again;
    return;
  }
  one.number = ++last_number_;
  one.from = std::move(from);
}

void retained_replays::give_up(std::string_view filter) {
  if (const auto found = open_.find(filter); found != open_.end())
    open_.erase(found);
}

/// An answer to what was given up meanwhile counts for nothing else.
void retained_replays::note(
  const replay_progress& progress, const std::function<subtrees(std::string_view)>& who_has) {
  --asked_;
  const auto found = open_.find(progress.filter);
  if (found == open_.end() || found->second.number != progress.number)
    return;
  auto& one = found->second;
  one.asked = false;
  one.cursor = progress.cursor;
  if (!one.cursor.done())
    return;
  one.cursor = {};
  one.from.pop_back();
  if (!one.from.empty())
    return;
  if (one.again == 0) {
    open_.erase(found);
  } else {
    --one.again;
    one.from = who_has(progress.filter);
  }
}

} // namespace callboard::actors
