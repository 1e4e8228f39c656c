#pragma once

#include <string_view>

namespace callboard::protocol {

/// What is wrong with a topic name, besides that it may be empty.
enum class topic_name_fault : unsigned char { none, not_utf8, wildcard };

/// Looks for the wildcards `+` and `#` (MQTT5-3.3.2-2, MQTT311-3.3.2-2, E57) and
/// for what is not UTF-8 (MQTT5-3.3.2-1) in one go.
topic_name_fault check_topic_name(std::string_view topic);

} // namespace callboard::protocol
