#pragma once

#include "app/arguments.hpp"

namespace callboard::app {

/// `callboard node`: reads the configuration, tells all its faults at once, and
/// runs the node. Returns the exit code.
int node_command(const arguments& given);

} // namespace callboard::app
