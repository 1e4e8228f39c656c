#include "app/configuration_text.hpp"

#include "app/option_value.hpp"
#include "app/options.hpp"
#include "app/wrap.hpp"

#include <fmt/format.h>

namespace callboard::app {

namespace {

constexpr std::string_view file_head =
  R"(# Callboard's configuration, in TOML. Every key may be left out. Read by
#     callboard node --config FILE
# and overridden by --set key=value and by flags.
)";

constexpr std::string_view reference_head = R"(# Configuration

<!-- Written by `callboard node --print-reference`. Change app/options.cpp, not this. -->

A node takes its settings from a file, `callboard node --config FILE`, in TOML; every key may be
left out. `--set key=value` overrides the file, and a flag overrides both: each key is a flag of its
own, with `-` for `_`. `callboard node --print-config` prints the settings in force as such a file;
without further arguments it prints the defaults.

    callboard node --config node.toml --set queue_policy=drop_oldest --mqtt '[::1]:1883'

All that is wrong is told at once, with its place and what to do, before anything starts; the exit
code is then 78, or 64 for a flag that does not exist. Lists are arrays of strings in the file and
are repeated on the command line. `share_strategies` is a table, and as all tables in TOML it stands
behind the other keys:

    mqtt = ["127.0.0.1:1883", "[::1]:1883"]

    [share_strategies]
    workers = "fewest_in_flight"

On the command line that is `--set share_strategies.workers=fewest_in_flight`, or
`--share-strategies workers=fewest_in_flight`. A key that is true or false takes `--flag`,
`--flag=false` and `--flag false`.

In `durability_for` and `queue_share_for` the order counts, as the first filter that matches decides:

    durability_for = ["orders/audit/#=disk", "orders/#=os", "sensors/#=memory"]

On the command line that is `--durability-for 'orders/audit/#=disk' --durability-for 'orders/#=os'`
and so on, and takes the place of the file's whole list. [promises.md](promises.md) says what the
words mean for a message.
)";

/// Of a table only its name has a default worth showing.
std::string default_of(const option& one) {
  return is_table(one) ? "{}" : to_toml({}, one);
}

std::string file_entry(const actors::settings& settings, const option& one) {
  auto entry = wrap(one.help, "# ") + fmt::format("# [{}]\n", describe_range(one));
  if (is_table(one))
    return entry + fmt::format("[{}]\n{}", one.key, to_toml(settings, one));
  return entry + fmt::format("{} = {}\n", one.key, to_toml(settings, one));
}

std::string reference_entry(const option& one) {
  const auto example = is_switch(one) ? "" : fmt::format("; for example `{}`", one.example);
  return fmt::format("| `{}` | `{}` | {}{} | {} |\n", one.key, default_of(one), describe_range(one),
    example, one.help);
}

} // namespace

std::string configuration_file_of(const actors::settings& settings) {
  std::string file{file_head};
  for (const auto& section : option_sections()) {
    file += fmt::format("\n# --- {} ---\n", section.heading);
    for (const auto& one : section.options)
      file += "\n" + file_entry(settings, one);
  }
  return file;
}

std::string settings_help() {
  std::string text;
  for (const auto& section : option_sections()) {
    text += fmt::format("\n{}\n", section.heading);
    for (const auto& one : section.options) {
      text += fmt::format("  {} = {}", one.key, default_of(one));
      text += fmt::format("\n      [{}]\n", describe_range(one));
      text += wrap(one.help, "      ");
    }
  }
  return text;
}

std::string configuration_reference() {
  std::string text{reference_head};
  for (const auto& section : option_sections()) {
    text += fmt::format(
      "\n## {}\n\n| Key | Default | Takes | Meaning |\n|---|---|---|---|\n", section.heading);
    for (const auto& one : section.options)
      text += reference_entry(one);
  }
  return text;
}

} // namespace callboard::app
