#pragma once

#include "app/arguments.hpp"

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace callboard::app {

/// Tells stderr what is wrong with the command line, and where to read how it is
/// right; returns exit_code::usage.
int refuse_usage(const std::string& verb, const std::string& cause, const std::string& advice = {});

/// Reads the arguments of a verb into what `parser` was bound to. If nothing is
/// left to do, because help was asked for or something is wrong, it has been
/// said and here is the exit code. `--help` prints `help`, or what CLI11 makes of
/// it if that is empty.
std::optional<int> parse(
  CLI::App& parser, const std::string& verb, const arguments& given, const std::string& help = {});

} // namespace callboard::app
