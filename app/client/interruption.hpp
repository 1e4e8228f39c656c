#pragma once

#include <csignal>

namespace callboard::app::client {

/// While it lives, SIGINT and SIGTERM end waiting instead of the process. Lives
/// once, in the main thread of a command.
class interruption {
public:
  interruption();
  interruption(const interruption&) = delete;
  interruption& operator=(const interruption&) = delete;
  ~interruption();

  /// The signal that came, whether or not somebody was waiting; 0 if none did.
  static int signal();

  /// For ppoll(), which lets the signals through while it waits. They are blocked
  /// otherwise, so that none slips in between looking and waiting.
  const sigset_t& mask_while_waiting() const { return before_; }

private:
  sigset_t before_{};
};

} // namespace callboard::app::client
