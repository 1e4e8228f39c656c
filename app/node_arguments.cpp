#include "app/node_arguments.hpp"

#include "app/command_line.hpp"
#include "app/configuration_file.hpp"
#include "app/configuration_text.hpp"
#include "app/option_value.hpp"
#include "app/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <list>

namespace callboard::app {

namespace {

constexpr const char* help_head = R"(Run a node.

callboard node [--config FILE] [--set KEY=VALUE]... [--KEY VALUE]...

  --config FILE        read the settings from a TOML file
  --set KEY=VALUE      override the file; may be repeated
  --KEY VALUE          override both: every key below is a flag too, with - for _,
                       as in --log-level debug or --log-level=debug; a flag of true
                       or false, such as --ephemeral, alone means true;
                       --share-strategies NAME=STRATEGY may be repeated, and so
                       may --mqtt and --durability-for 'FILTER=WORD'
  --print-config       print the settings in force as a file, and exit
  --print-reference    print docs/configuration.md, and exit
  --help               print this, and exit
)";

/// The parser of the command line, and what it writes to.
class node_parser {
public:
  node_parser();

  std::optional<int> parse(const arguments& given);
  node_request request() const;

private:
  /// A key's flag, as often as it was given.
  struct flag {
    const option* one;
    std::string name;
    std::vector<std::string> texts;
  };

  void add_flag(const option& one);
  arguments with_joined_switches(const arguments& given) const;
  bool is_switch_flag(const std::string& word) const;
  assignments sets() const;
  assignments flags() const;

  CLI::App parser_;
  std::string file_;
  std::vector<std::string> sets_;
  std::list<flag> flags_; // CLI11 keeps addresses
  bool print_config_ = false;
  bool print_reference_ = false;
};

std::string has_equals(const std::string& text) {
  const auto at = text.find('=');
  return at != std::string::npos && at != 0 ? "" : "'" + text + "' is not KEY=VALUE";
}

node_parser::node_parser() {
  parser_.set_help_flag("-h,--help");
  parser_.add_option("--config", file_);
  parser_.add_option("--set", sets_)->allow_extra_args(false)->check(has_equals);
  parser_.add_flag("--print-config", print_config_);
  parser_.add_flag("--print-reference", print_reference_);
  for (const auto& section : option_sections())
    for (const auto& one : section.options)
      add_flag(one);
}

void node_parser::add_flag(const option& one) {
  std::string name = "--" + std::string{one.key};
  std::replace(name.begin(), name.end(), '_', '-');
  auto& added = flags_.emplace_back(flag{&one, name, {}});
  if (is_switch(one))
    parser_.add_flag(name, added.texts);
  else if (is_table(one))
    parser_.add_option(name, added.texts)->allow_extra_args(false)->check(has_equals);
  else
    parser_.add_option(name, added.texts)->allow_extra_args(false);
}

std::optional<int> node_parser::parse(const arguments& given) {
  return app::parse(parser_, "node", with_joined_switches(given), help_head + settings_help());
}

/// `--ephemeral false` as `--ephemeral=false`: a switch may stand alone, so CLI11 does
/// not look at what follows it.
arguments node_parser::with_joined_switches(const arguments& given) const {
  arguments joined;
  for (const auto& word : given) {
    const bool is_value = word == "true" || word == "false";
    if (is_value && !joined.empty() && is_switch_flag(joined.back()))
      joined.back() += "=" + word;
    else
      joined.push_back(word);
  }
  return joined;
}

bool node_parser::is_switch_flag(const std::string& word) const {
  return std::any_of(flags_.begin(), flags_.end(),
    [&](const flag& each) { return each.name == word && is_switch(*each.one); });
}

node_request node_parser::request() const {
  node_request asked;
  if (print_config_)
    asked.what = node_request::kind::print_config;
  if (print_reference_)
    asked.what = node_request::kind::print_reference;
  const auto file = file_.empty() ? assignments{} : read_configuration(file_);
  asked.configuration = configure({file, sets(), flags()});
  return asked;
}

assignments node_parser::sets() const {
  assignments found;
  for (const auto& text : sets_) {
    const auto at = text.find('=');
    found.push_back(
      {text.substr(0, at), text.substr(at + 1), "--set " + text.substr(0, at), {}, true});
  }
  return found;
}

/// NAME=VALUE; the name may hold '=' too.
assignment entry_of(const option& table, const std::string& flag, const std::string& text) {
  const auto at = text.rfind('=');
  return {fmt::format("{}.{}", table.key, text.substr(0, at)), text.substr(at + 1), flag, {}};
}

assignments node_parser::flags() const {
  assignments found;
  for (const auto& [one, name, texts] : flags_)
    for (const auto& text : texts)
      found.push_back(is_table(*one) ? entry_of(*one, name, text)
                                     : assignment{std::string{one->key}, text, name, {}, true});
  return found;
}

} // namespace

node_arguments read_node_arguments(const arguments& given) {
  node_parser parser;
  if (const auto code = parser.parse(given))
    return {code, {}};
  return {std::nullopt, parser.request()};
}

} // namespace callboard::app
