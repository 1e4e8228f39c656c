#pragma once

#include <string>

namespace callboard::conformance {

/// Where in a test something was asked for. As a default argument it names the
/// line of the caller. (std::source_location, for compilers that lack it.)
struct place {
  const char* file;
  int line;

  static constexpr place here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }

  std::string text() const { return std::string{file} + ":" + std::to_string(line); }
};

} // namespace callboard::conformance
