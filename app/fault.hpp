#pragma once

#include <string>

namespace callboard::app {

/// What is wrong with a value, and what to do about it. Neither ends in a full
/// stop.
struct complaint {
  std::string cause;
  std::string advice;
};

/// A complaint with its place: `file:line:column`, `--set units` or `--units`.
struct fault {
  std::string where;
  std::string cause;
  std::string advice;
};

/// The line that a person sees: `error: node.toml:3:9: cause — advice`.
inline std::string to_string(const fault& one) {
  return "error: " + one.where + ": " + one.cause + " — " + one.advice;
}

} // namespace callboard::app
