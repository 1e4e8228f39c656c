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

/// CLI11's complaint in words that need no knowledge of CLI11.
std::string plain(const CLI::ParseError& wrong) {
  const std::string text = wrong.what();
  const auto name = text.substr(0, text.find(':'));
  if (wrong.get_exit_code() == static_cast<int>(CLI::ExitCodes::ArgumentMismatch))
    return name + (text.find("At Most") != std::string::npos ? " is given more than once"
                                                             : " wants a value");
  constexpr std::string_view not_converted = "Could not convert: ";
  if (text.starts_with(not_converted)) {
    const auto rest = text.substr(not_converted.size());
    const auto at = rest.find(" = ");
    return fmt::format("{} does not take '{}'", rest.substr(0, at),
      at == std::string::npos ? "" : rest.substr(at + 3));
  }
  return text;
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
    return refuse_usage(verb, plain(wrong));
  }
  if (const auto unknown = parser.remaining(); !unknown.empty())
    return refuse_unknown(parser, verb, unknown.front());
  return std::nullopt;
}

} // namespace callboard::app
