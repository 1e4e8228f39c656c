#pragma once

#include "app/options.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace callboard::app {

/// Reads `text` into the option's member, or says what is wrong and leaves the
/// member as it is. Elements of lists are appended; `group` is the ShareName for a table
/// of strategies and empty for all others.
std::optional<complaint> assign(
  actors::settings& into, const option& one, std::string_view group, std::string_view text);

/// Empties the option's member if it is a list.
void clear_list(actors::settings& from, const option& one);

/// The option's value as TOML has it; of a table, its lines.
std::string to_toml(const actors::settings& from, const option& one);

/// What the option takes: "0 to 256 threads", "true or false", "error, info".
std::string describe_range(const option& one);

/// Whether it is a table of its own in the file.
bool is_table(const option& one);

/// Whether the key may be given several times.
bool is_list(const option& one);

/// Whether that list may have nothing in it.
bool may_be_empty(const option& one);

/// Whether it is true or false.
bool is_switch(const option& one);

/// Whether it is a number.
bool is_number(const option& one);

/// A TOML string, in quotes.
std::string quoted(std::string_view text);

} // namespace callboard::app
