#include "app/command_line.hpp"

#include "app/exit_code.hpp"
#include "app/nearest.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <iostream>
#include <string_view>

namespace callboard::app {

namespace {

/// The long flags that a parser knows, with their hyphens.
std::vector<std::string> flags_of(const CLI::App& parser) {
  std::vector<std::string> flags;
  for (const auto* one : parser.get_options())
    for (const auto& name : one->get_lnames())
      flags.push_back("--" + name);
  return flags;
}

int refuse_unknown(const CLI::App& parser, const std::string& verb, std::string_view unknown) {
  const auto name = unknown.substr(0, unknown.find('='));
  const auto flags = flags_of(parser);
  const auto meant = nearest(name, {flags.begin(), flags.end()});
  return refuse_usage(verb, fmt::format("unknown argument {}", name),
    meant.empty() ? std::string{} : fmt::format("did you mean {}?", meant));
}

} // namespace

int refuse_usage(const std::string& verb, const std::string& cause, const std::string& advice) {
  const auto see =
    fmt::format("'callboard {}{}--help' lists what there is", verb, verb.empty() ? "" : " ");
  std::cerr << "error: " << cause << " — " << (advice.empty() ? see : advice) << '\n';
  return exit_code::usage;
}

std::optional<int> parse(
  CLI::App& parser, const std::string& verb, const arguments& given, const std::string& help) {
  parser.allow_extras();
  try {
    parser.parse(arguments{given.rbegin(), given.rend()}); // CLI11 takes them from the back
  } catch (const CLI::CallForHelp&) {
    std::cout << (help.empty() ? parser.help() : help);
    return exit_code::done;
  } catch (const CLI::ParseError& wrong) {
    return refuse_usage(verb, wrong.what());
  }
  if (const auto unknown = parser.remaining(); !unknown.empty())
    return refuse_unknown(parser, verb, unknown.front());
  return std::nullopt;
}

} // namespace callboard::app
