#pragma once

#include "actors/settings.hpp"

namespace callboard::app {

/// Lets spdlog's default log, spdlog::info() and the like, write to stderr what is
/// at `level` or before it, a line for each event:
/// `2026-02-28T12:00:00.123Z warning message`. All threads may write.
void start_log(actors::log_level level);

} // namespace callboard::app
