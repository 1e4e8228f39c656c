#pragma once

#include "app/configuration.hpp"

#include <string>
#include <string_view>

namespace callboard::app {

/// What a TOML text says, value by value, in its order, with file:line:column. A
/// value of a type that its key does not take comes as wrong; a text that is no
/// TOML comes as one wrong assignment.
assignments parse_configuration(std::string_view text, const std::string& file_name);

/// The same from a file. A file that cannot be read is one wrong assignment.
assignments read_configuration(const std::string& path);

} // namespace callboard::app
