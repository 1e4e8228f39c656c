#include "app/open_files.hpp"

#include <sys/resource.h>

namespace callboard::app {

open_files raise_open_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto at_start = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return {at_start, limit.rlim_cur};
}

} // namespace callboard::app
