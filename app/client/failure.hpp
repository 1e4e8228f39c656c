#pragma once

#include <string>

namespace callboard::app::client {

/// Why a client cannot go on.
struct failure {
  /// What `callboard` exits with, see app/exit_code.hpp.
  int code = 0;

  /// For a person, with what to do where that is known.
  std::string text;
};

} // namespace callboard::app::client
