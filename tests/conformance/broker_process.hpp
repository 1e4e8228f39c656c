#pragma once

#include "tests/conformance/tcp_stream.hpp"

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace callboard::conformance {

/// A node of its own for one test: `callboard node --ephemeral` on a port that the
/// system chooses. The program is the one that the environment variable
/// CALLBOARD_BINARY names, else CALLBOARD, else the definition CALLBOARD_BINARY.
/// CALLBOARD_TEST_UNITS says how many units it has.
class broker_process {
public:
  /// Starts the node with these settings ("maximum_qos=1") and waits until it
  /// listens. Throws std::runtime_error, with what the node wrote, if it does not.
  explicit broker_process(const std::vector<std::string>& settings);
  broker_process(const broker_process&) = delete;
  broker_process& operator=(const broker_process&) = delete;
  /// Kills the process if it still runs.
  ~broker_process();

  const endpoint& mqtt() const { return mqtt_; }
  pid_t pid() const { return pid_; }

  /// Asks the node to stop (SIGTERM), without waiting.
  void terminate();

  /// Asks the node to stop and waits for it. Returns what was wrong: it did not
  /// stop in time and was killed, it failed, or a sanitizer had something to say.
  /// Empty if all is well.
  std::string stop();

  /// Whether the process lives.
  bool running();

  /// What it wrote to the standard error so far.
  std::string error_output() const;

  /// Resident memory in KiB.
  std::size_t resident_kibibytes() const;

private:
  void launch(const std::vector<std::string>& settings);
  void read_port();
  bool wait_for_exit(steady_time deadline);
  std::string verdict() const;

  pid_t pid_ = -1;
  int output_ = -1; // memory files: they never fill up and wait for a reader
  int errors_ = -1;
  std::optional<int> status_; // of waitpid, once the process has ended
  endpoint mqtt_;
};

} // namespace callboard::conformance
