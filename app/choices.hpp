#pragma once

#include "actors/settings.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace callboard::app {

inline constexpr std::array<std::string_view, 4> log_levels{"error", "warning", "info", "debug"};
inline constexpr std::array<std::string_view, 3> durabilities{"memory", "os", "disk"};
inline constexpr std::array<std::string_view, 2> queue_policies{"drop_newest", "drop_oldest"};
inline constexpr std::array<std::string_view, 7> share_strategies{
  "round_robin", "random", "sticky", "hash_client_id", "hash_topic", "fewest_in_flight", "local"};

/// The words for the values of an enumeration of actors/settings.hpp, in the
/// order of its enumerators. The argument only says which enumeration.
constexpr std::span<const std::string_view> choices(actors::log_level) {
  return log_levels;
}
constexpr std::span<const std::string_view> choices(actors::durability) {
  return durabilities;
}
constexpr std::span<const std::string_view> choices(actors::queue_policy) {
  return queue_policies;
}
constexpr std::span<const std::string_view> choices(actors::share_strategy) {
  return share_strategies;
}

/// The word for one value.
template <class Enum>
constexpr std::string_view to_word(Enum value) {
  return choices(value)[static_cast<std::size_t>(value)];
}

} // namespace callboard::app
