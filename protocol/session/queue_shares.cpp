#include "protocol/session/queue_shares.hpp"

#include "protocol/topics/topic_filter.hpp"

#include <algorithm>
#include <utility>

namespace callboard::protocol {

queue_shares::queue_shares(std::vector<queue_share> all) : all_{std::move(all)} {
  for (const auto& one : all_)
    least_ = std::min(least_, one.percent);
}

std::uint8_t queue_shares::percent_of(std::string_view topic) const {
  const auto decides = std::ranges::find_if(
    all_, [topic](const queue_share& one) { return matches(one.filter, topic); });
  return decides == all_.end() ? 100 : decides->percent;
}

} // namespace callboard::protocol
