#pragma once

#include "actors/event.hpp"

#include <string>

namespace callboard::app {

/// An event as a line for a person. Names that clients chose are quoted, so that a
/// line is a line.
std::string describe(const actors::event& what);

/// Writes it to spdlog's default log.
void log_event(const actors::event& what);

} // namespace callboard::app
