#pragma once

#include "app/client/message_format.hpp"

#include <string>

namespace callboard::app::client {

/// Local time by a format of strftime().
std::string local_time(wall_time at, const char* format);

/// The nanoseconds since the last full second, at least 0.
std::chrono::nanoseconds within_second(wall_time at);

} // namespace callboard::app::client
