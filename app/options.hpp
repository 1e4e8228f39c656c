#pragma once

#include "actors/settings.hpp"
#include "app/fault.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What can be set on a node, in one table. The configuration file's keys,
/// `--set`, the flags of `callboard node`, its help, the printed configuration
/// and docs/configuration.md all come from it.
namespace callboard::app {

using listeners = std::vector<actors::endpoint>;
using strategies = std::map<std::string, actors::share_strategy, std::less<>>;
using topic_durabilities = std::vector<actors::topic_durability>;
using topic_shares = std::vector<protocol::queue_share>;

/// A member of the settings. Its type says what kind of value the key takes.
using option_member = std::variant<std::string actors::settings::*, bool actors::settings::*,
  std::uint16_t actors::settings::*, std::uint32_t actors::settings::*,
  std::uint64_t actors::settings::*, actors::log_level actors::settings::*,
  actors::durability actors::settings::*, actors::queue_policy actors::settings::*,
  actors::share_strategy actors::settings::*, listeners actors::settings::*,
  strategies actors::settings::*, topic_durabilities actors::settings::*,
  topic_shares actors::settings::*>;

/// Looks whether a string will do.
using string_rule = std::optional<complaint> (*)(std::string_view text);

/// One key.
struct option {
  /// In snake_case, at the top level of the file. The flag has '-' for '_'.
  std::string_view key;

  option_member member;

  /// Numbers: the least and the greatest, both included.
  std::uint64_t least = 0;
  std::uint64_t greatest = 0;

  /// Numbers: what is counted; may be empty.
  std::string_view unit = {};

  /// Sentences for a person.
  std::string_view help = {};

  /// A value that could be given, as after `--set key=`; not the default.
  std::string_view example = {};

  /// Strings: none takes every text.
  string_rule rule = nullptr;
};

/// Options that belong together, under a heading.
struct option_section {
  std::string_view heading;
  std::span<const option> options;
};

/// The whole table, in the order in which it is shown.
std::span<const option_section> option_sections();

/// The option with this key, or null.
const option* find_option(std::string_view key);

/// All keys, in the table's order.
std::vector<std::string_view> option_keys();

} // namespace callboard::app
