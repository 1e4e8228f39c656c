#include "actors/transient_topics.hpp"

#include "protocol/topics/topic_filter.hpp"

#include <algorithm>

namespace callboard::actors {

transient_topics::transient_topics(const settings& rules)
    : filters_{rules.durability_for}, others_{rules.durability == durability::memory} {}

bool transient_topics::contains(std::string_view topic) const {
  const auto decides = std::ranges::find_if(filters_,
    [topic](const topic_durability& one) { return protocol::matches(one.filter, topic); });
  return decides == filters_.end() ? others_ : decides->level == durability::memory;
}

persistence::durability how_commits_last(const settings& rules) {
  return rules.store_durability() == durability::disk ? persistence::durability::disk
                                                      : persistence::durability::os;
}

} // namespace callboard::actors
