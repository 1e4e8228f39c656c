#pragma once

#include "actors/settings.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace callboard::actors {

/// Something that happened on a node and that its operator may want to know. Views
/// what it names: valid as long as the call that tells it. Which members are set
/// depends on the kind.
struct event {
  enum class kind : std::uint8_t {
    /// Something is short: `reason` says what, `number` how often since this was
    /// told last. At most once a second for each reason.
    trouble,
  };

  kind what = kind::trouble;
  std::string_view reason = {};
  std::uint64_t number = 0;
};

/// How much it matters.
constexpr log_level level_of(event::kind) {
  return log_level::warning;
}

/// Is told of events, by all units at once, and does not keep them waiting.
using watcher = std::function<void(const event&)>;

} // namespace callboard::actors
