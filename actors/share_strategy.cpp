#include "actors/share_strategy.hpp"

namespace callboard::actors {

std::size_t share_chooser::first(const message& what, std::size_t count, std::mt19937_64& random,
  const std::function<std::uint32_t(std::size_t)>& load) {
  const auto next = last_ + 1 < count ? last_ + 1 : 0; // SIZE_MAX + 1 is 0
  switch (strategy_) {
  case share_strategy::random:
    return random() % count;
  case share_strategy::sticky:
    return last_ < count ? last_ : 0;
  case share_strategy::hash_client_id:
    return what.publisher % count; // a hash of its client identifier
  case share_strategy::hash_topic:
    return std::hash<std::string_view>{}(what.topic) % count;
  case share_strategy::fewest_in_flight: {
    auto best = next;
    for (std::size_t i = 1; i < count; ++i)
      if (const auto place = (next + i) % count; load(place) < load(best))
        best = place;
    return best;
  }
  case share_strategy::round_robin:
  case share_strategy::local: // on one node every member is local
    break;
  }
  return next;
}

} // namespace callboard::actors
