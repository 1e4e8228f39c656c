#include "protocol/session/subscription_set.hpp"

#include <algorithm>
#include <utility>

namespace callboard::protocol {

namespace {

constexpr std::string_view share_prefix = "$share/";

/// From here on filters are looked up by an index and not one by one.
constexpr std::size_t many = 16;

} // namespace

std::string_view subscription::share_name() const {
  return shared() ? std::string_view{filter}.substr(share_prefix.size(), share_name_size)
                  : std::string_view{};
}

std::string_view subscription::topic_filter() const {
  const auto front = share_prefix.size() + share_name_size + 1;
  return shared() ? std::string_view{filter}.substr(front) : std::string_view{filter};
}

void subscription_set::put(subscription added) {
  remove(added.number);
  last_number_ = std::max(last_number_, added.number);
  const auto number = added.number;
  const auto& kept = all_.emplace(number, std::move(added)).first->second;
  if (by_filter_)
    by_filter_->emplace(kept.filter, &kept);
  else if (all_.size() > many)
    make_index();
}

bool subscription_set::remove(subscription_number number) {
  const auto at = all_.find(number);
  if (at == all_.end())
    return false;
  if (by_filter_)
    by_filter_->erase(at->second.filter);
  all_.erase(at);
  return true;
}

const subscription* subscription_set::find(subscription_number number) const {
  const auto at = all_.find(number);
  return at == all_.end() ? nullptr : &at->second;
}

const subscription* subscription_set::find(std::string_view filter) const {
  if (by_filter_) {
    const auto at = by_filter_->find(filter);
    return at == by_filter_->end() ? nullptr : at->second;
  }
  for (const auto& [number, one] : all_)
    if (one.filter == filter)
      return &one;
  return nullptr;
}

std::vector<subscription> subscription_set::all() const {
  std::vector<subscription> copy;
  copy.reserve(all_.size());
  for (const auto& [number, one] : all_)
    copy.push_back(one);
  return copy;
}

void subscription_set::clear() {
  by_filter_.reset();
  all_.clear();
}

void subscription_set::make_index() {
  by_filter_ = std::make_unique<index>();
  for (const auto& [number, one] : all_)
    by_filter_->emplace(one.filter, &one);
}

} // namespace callboard::protocol
