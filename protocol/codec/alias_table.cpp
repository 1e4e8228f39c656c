#include "protocol/codec/alias_table.hpp"

#include <algorithm>
#include <bit>
#include <functional>

namespace callboard::protocol {

namespace {

constexpr std::uint32_t uses_for_free_alias = 2;
constexpr std::uint32_t uses_for_taken_alias = 4;

/// Enough for the topics of an ordinary subscriber, however few aliases it has.
constexpr std::size_t fewest_places = 64;

std::size_t places_for(std::size_t aliases) {
  return std::max(fewest_places, std::bit_ceil(aliases) * 4);
}

std::uint32_t hash_of(std::string_view topic) {
  return static_cast<std::uint32_t>(std::hash<std::string_view>{}(topic));
}

} // namespace

alias_table::alias_table(std::uint16_t maximum) : maximum_{maximum}, places_(places_for(maximum)) {}

std::uint16_t alias_table::use(std::string_view topic) {
  const auto found = by_topic_.find(topic);
  if (found == by_topic_.end())
    return 0;
  const auto at = found->second;
  if (at != newest_) {
    unlink(at);
    link_as_newest(at);
  }
  return static_cast<std::uint16_t>(at + 1);
}

bool alias_table::earns(std::string_view topic) {
  return count(hash_of(topic)) >= (full() ? uses_for_taken_alias : uses_for_free_alias);
}

std::uint16_t alias_table::give(std::string_view topic) {
  place_of(hash_of(topic)) = {};
  const auto at = empty_slot();
  slots_[at].topic = topic;
  by_topic_.emplace(slots_[at].topic, at);
  link_as_newest(at);
  return static_cast<std::uint16_t>(at + 1);
}

std::uint32_t alias_table::count(std::uint32_t hash) {
  auto& seat = place_of(hash);
  if (seat.hash == hash)
    return seat.uses = std::min(seat.uses + 1, uses_for_taken_alias);
  if (seat.uses > 1) {
    --seat.uses;
    return 0;
  }
  seat = {hash, 1};
  return 1;
}

std::uint16_t alias_table::empty_slot() {
  if (!full()) {
    slots_.emplace_back();
    return static_cast<std::uint16_t>(slots_.size() - 1);
  }
  const auto at = oldest_;
  by_topic_.erase(slots_[at].topic);
  unlink(at);
  return at;
}

void alias_table::unlink(std::uint16_t at) {
  const auto newer = slots_[at].newer;
  const auto older = slots_[at].older;
  (newer == nowhere ? newest_ : slots_[newer].older) = older;
  (older == nowhere ? oldest_ : slots_[older].newer) = newer;
}

void alias_table::link_as_newest(std::uint16_t at) {
  slots_[at].newer = nowhere;
  slots_[at].older = newest_;
  (newest_ == nowhere ? oldest_ : slots_[newest_].newer) = at;
  newest_ = at;
}

} // namespace callboard::protocol
