#pragma once

#include "app/client/message_format.hpp"

#include <string>

namespace callboard::app::client {

/// The message as one line of JSON, key by key as mosquitto_sub writes it. What
/// is no UTF-8 becomes U+FFFD.
std::string to_json(
  const protocol::publication& message, protocol::version version, wall_time came_at);

} // namespace callboard::app::client
