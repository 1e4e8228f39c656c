#pragma once

#include "app/arguments.hpp"

namespace callboard::app {

/// `callboard sub`: subscribes at any broker and prints what comes, with
/// mosquitto_sub's letters. Returns the exit code.
int sub_command(const arguments& given);

} // namespace callboard::app
