#pragma once

#include <nlohmann/json.hpp>

#include <string_view>

namespace callboard::app::store {

/// Members in the order in which they were put in.
using object = nlohmann::ordered_json;

/// The MQTT 5 properties of a message by name; null if there are none.
object properties_of(std::string_view encoded);

} // namespace callboard::app::store
