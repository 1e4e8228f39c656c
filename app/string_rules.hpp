#pragma once

#include "app/fault.hpp"

#include <optional>
#include <string_view>

/// What a string in the configuration must be. Each says what is wrong, or
/// nothing.
namespace callboard::app {

/// 1 to 64 letters, digits, '-', '_', '.'.
std::optional<complaint> check_node_name(std::string_view text);

/// Not empty, no NUL.
std::optional<complaint> check_path(std::string_view text);

/// Becomes the beginning of a topic name: UTF-8, neither '+' nor '#' nor NUL, at
/// most 60,000 bytes so that something can follow.
std::optional<complaint> check_response_information(std::string_view text);

/// A ShareName: UTF-8, not empty, without '/', '+' and '#' (MQTT5-4.8.2-1,
/// MQTT5-4.8.2-2).
std::optional<complaint> check_share_name(std::string_view text);

/// A topic filter that is not shared: UTF-8, each '+' alone in its level, '#' alone in
/// the last one (MQTT5-4.7.1-1, MQTT5-4.7.1-2).
std::optional<complaint> check_topic_filter(std::string_view text);

} // namespace callboard::app
