#pragma once

#include "actors/settings.hpp"

namespace callboard::app {

/// Runs a node until it is told to stop, by SIGTERM or SIGINT; a second signal ends
/// the process at once, unless it comes within 200 ms of the first. SIGUSR1 has it
/// log what it has counted. The settings are valid. Returns what `callboard` exits with; says on
/// the log why it is not 0.
int run_node(const actors::settings& settings);

} // namespace callboard::app
