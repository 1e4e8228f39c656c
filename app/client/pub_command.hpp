#pragma once

#include "app/arguments.hpp"

namespace callboard::app {

/// `callboard pub`: publishes to any broker, with mosquitto_pub's letters. Returns
/// the exit code.
int pub_command(const arguments& given);

} // namespace callboard::app
