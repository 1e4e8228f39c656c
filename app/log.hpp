#pragma once

#include "actors/settings.hpp"

#include <spdlog/common.h>

namespace callboard::app {

/// Lets spdlog's default log, spdlog::info() and the like, write to stderr what is
/// at `level` or before it, a line for each event:
/// `2026-02-28T12:00:00.123Z warning message`. All threads may write.
void start_log(actors::log_level level);

/// spdlog's name for a level.
spdlog::level::level_enum spdlog_level(actors::log_level level);

} // namespace callboard::app
