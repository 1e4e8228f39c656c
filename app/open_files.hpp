#pragma once

#include <cstdint>

namespace callboard::app {

/// How many files, and so connections, the process may have open.
struct open_files {
  std::uint64_t at_start = 0;
  std::uint64_t now = 0;
};

/// Raises the limit of open files to what the system grants without a privilege: the
/// limit of 1,024 that most shells and services begin with is for select(), which
/// is not used here.
open_files raise_open_files();

} // namespace callboard::app
