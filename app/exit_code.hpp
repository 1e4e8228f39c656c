#pragma once

namespace callboard::app {

/// What `callboard` tells the shell. 64 to 78 are those of sysexits.h.
enum exit_code : int {
  done = 0,
  failed = 1,
  timed_out = 27, // as mosquitto_sub -W
  usage = 64,
  bad_data = 65,
  unreachable = 69,
  internal_error = 70,
  try_again = 75,
  not_authorised = 77,
  bad_configuration = 78,
  interrupted = 130,
};

} // namespace callboard::app
