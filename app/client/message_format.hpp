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

/// What may stand in a format, for help. The letters are mosquitto_sub's.
inline constexpr const char* format_help =
  R"(Formats: %t topic, %p payload, %x %X payload in hex, %l its length, %q QoS,
  %r retain, %m packet identifier, %I time, %U time since 1970, %j all as JSON,
  %% percent sign; of MQTT 5 %A topic alias, %C content type, %D correlation
  data, %E message expiry interval, %F payload format indicator, %P user
  properties, %R response topic, %S subscription identifiers. The characters
  \0 \a \e \n \r \t \v \\ are as in C.
)";

/// What is wrong with a format, or nothing.
std::optional<std::string> check_format(std::string_view format);

/// The message in this format, which check_format() was content with.
std::string apply_format(std::string_view format, const protocol::publication& message,
  protocol::version version, wall_time came_at);

} // namespace callboard::app::client
