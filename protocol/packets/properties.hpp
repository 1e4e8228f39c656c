#pragma once

#include <string>
#include <utility>
#include <vector>

namespace callboard::protocol {

/// User properties keep their order, and keys may repeat (MQTT5-3.3.2-18).
using user_properties = std::vector<std::pair<std::string, std::string>>;

} // namespace callboard::protocol
