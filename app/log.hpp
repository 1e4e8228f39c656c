#pragma once

#include "actors/settings.hpp"

#include <memory>
#include <string_view>

namespace spdlog {
class logger;
}

namespace callboard::app {

/// The log of a node, one line for each event, on stderr:
/// `2026-02-28T12:00:00.123Z warning message`. May be used by all threads at
/// once; copies write to the same log.
class log {
public:
  /// Says what is at `level` or before it.
  explicit log(actors::log_level level);

  void operator()(actors::log_level level, std::string_view message) const;

private:
  std::shared_ptr<spdlog::logger> logger_;
};

} // namespace callboard::app
