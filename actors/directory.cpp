#include "actors/directory.hpp"

#include "protocol/topics/topic_filter.hpp"

#include <algorithm>
#include <utility>

namespace callboard::actors {

namespace {

std::string_view first_level(std::string_view topic) {
  return topic.substr(0, topic.find('/'));
}

} // namespace

const subtree_role& directory::subtree_of(std::string_view topic) const {
  if (!split_off_.empty()) [[unlikely]] {
    const auto levels = std::min(deepest_, protocol::level_count(topic));
    for (auto count = levels; count > 0; --count) {
      const auto found = split_off_.find(protocol::first_levels(topic, count));
      if (found != split_off_.end())
        return found->second;
    }
  }
  if (topic.starts_with('$'))
    return dollar_;
  return base_of(first_level(topic));
}

std::vector<subtree_role> directory::concerned(std::string_view filter) const {
  if (filter.starts_with('$'))
    return {dollar_};
  const auto first = first_level(filter);
  if (base_.size() == 1 || !protocol::has_wildcard(first))
    return {base_of(first)};
  return base_;
}

directory directory::with(const std::string& prefix, subtree_role child) const {
  auto next = *this;
  next.split_off_[prefix] = std::move(child);
  next.deepest_ = std::max(next.deepest_, protocol::level_count(prefix));
  return next;
}

directory directory::without(const std::string& prefix) const {
  auto next = *this;
  next.split_off_.erase(prefix);
  next.deepest_ = 0;
  for (const auto& [other, child] : next.split_off_)
    next.deepest_ = std::max(next.deepest_, protocol::level_count(other));
  return next;
}

const subtree_role& directory::base_of(std::string_view level) const {
  if (base_.size() == 1)
    return base_.front();
  return base_[std::hash<std::string_view>{}(level) % base_.size()];
}

} // namespace callboard::actors
