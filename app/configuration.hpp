#pragma once

#include "actors/settings.hpp"
#include "app/fault.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::app {

/// One value as somebody gave it, not looked at yet. A list comes as one
/// assignment for each element, a table as one for each key, `table.key`.
struct assignment {
  std::string key;
  std::string text;

  /// For complaints: file:line:column, or the flag.
  std::string where;

  /// What already the reader found wrong; then there is no text.
  std::optional<complaint> wrong;

  /// `where` names the key already.
  bool where_is_key = false;
};

/// What one place had to say: a file, the `--set`s, the flags.
using assignments = std::vector<assignment>;

/// The settings that came of it, and all that is wrong. Use the settings only if
/// nothing is.
struct configuration {
  actors::settings settings;
  std::vector<fault> faults;
};

/// Puts the settings together. Later places override earlier ones: for a list,
/// all that they said about it; for a table, key by key. Never stops at the first
/// fault.
configuration configure(const std::vector<assignments>& places);

} // namespace callboard::app
