#pragma once

#include "app/exit_code.hpp"
#include "persistence/lmdb/explain.hpp"

#include <cerrno>
#include <iostream>
#include <string>

namespace callboard::app::store {

/// Why a command cannot do what it was asked for. The text says what to do, too.
struct failure {
  exit_code code = exit_code::failed;
  std::string text;
};

inline failure failure_of(const persistence::store_error& wrong) {
  if (persistence::tells_of_damage(wrong.code))
    return {exit_code::bad_data, wrong.text};
  return {wrong.code == EBUSY ? exit_code::try_again : exit_code::failed, wrong.text};
}

/// Tells stderr; returns the exit code.
inline int tell(const failure& wrong) {
  std::cerr << "error: " << wrong.text << '\n';
  return wrong.code;
}

} // namespace callboard::app::store
