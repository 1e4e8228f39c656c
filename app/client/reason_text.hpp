#pragma once

#include "protocol/reason_code.hpp"

#include <string>
#include <string_view>

namespace callboard::app::client {

/// MQTT's name for a reason code, in small letters: "not authorized".
std::string_view name_of(protocol::reason_code code);

/// The name, and what else the broker had to say.
std::string describe(protocol::reason_code code, std::string_view reason_string);

/// What `callboard` exits with when a broker refuses something for this reason.
int exit_code_for(protocol::reason_code code);

} // namespace callboard::app::client
