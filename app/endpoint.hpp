#pragma once

#include "actors/settings.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace callboard::app {

/// Reads "HOST:PORT", "[IPV6]:PORT" or ":PORT", which is this machine only
/// (127.0.0.1). The port is 0 to 65,535. Nothing if it is none of these.
std::optional<actors::endpoint> parse_endpoint(std::string_view text);

/// What parse_endpoint reads back.
std::string to_string(const actors::endpoint& place);

/// Whether only this machine can connect there: 127.0.0.0/8, ::1, localhost.
bool is_loopback(const actors::endpoint& place);

} // namespace callboard::app
