#pragma once

#include "protocol/packets/publication.hpp"
#include "protocol/types.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace callboard::app::client {

/// When a message came, by the wall clock.
using wall_time = std::chrono::system_clock::time_point;

/// A format as `-F` has it, with mosquitto_sub's letters: what is wrong with it,
/// or nothing.
///
/// %t topic, %p payload, %x %X payload in hex, %l its length, %q QoS, %r retain,
/// %m packet identifier, %I %U time, %j all as JSON; of MQTT 5: %A topic alias,
/// %C content type, %D correlation data, %E expiry interval, %F payload format
/// indicator, %P user properties, %R response topic, %S subscription
/// identifiers. \0 \a \e \n \r \t \v \\ are characters.
std::optional<std::string> check_format(std::string_view format);

/// The message in this format, which check_format() was content with.
std::string apply_format(std::string_view format, const protocol::publication& message,
  protocol::version version, wall_time came_at);

} // namespace callboard::app::client
