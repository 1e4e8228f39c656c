#pragma once

#include "app/arguments.hpp"

namespace callboard::app {

/// `callboard store`: check, dump, backup, restore, compact. Returns the exit code.
int store_command(const arguments& given);

} // namespace callboard::app
