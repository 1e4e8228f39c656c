#pragma once

#include "tests/app/program.hpp"
#include "tests/conformance/tcp_stream.hpp"

#include <optional>
#include <string>
#include <vector>

namespace callboard::durability {

/// A node whose data directory and port outlive its process: one after the other,
/// nodes start where the last one was ended. The directory is a new one below the
/// directory of temporary files, and goes with this object.
class durable_node {
public:
  /// Nothing is started. `flags` are those of `callboard node`, behind --data and --mqtt.
  explicit durable_node(std::vector<std::string> flags = {});
  durable_node(const durable_node&) = delete;
  durable_node& operator=(const durable_node&) = delete;
  ~durable_node();

  const conformance::endpoint& mqtt() const { return mqtt_; }
  const std::string& directory() const { return directory_; }

  /// Starts a process, and does not wait for it.
  void launch();

  /// Waits until the process listens. Throws std::runtime_error, with what the node
  /// wrote, if it ends instead.
  void await_listening();

  /// launch() and await_listening().
  void start();

  /// SIGKILL, at whatever the process is doing, and waits until it is gone.
  void kill();

  /// SIGTERM, and waits. Returns what was wrong; empty if all is well.
  std::string stop();

  /// Whether the process has not ended by itself.
  bool running();

  /// What the process has written, to both outputs.
  std::string said() const;

  /// start_in_vain() of another process, on the same directory and another port.
  app::ending start_another() const;

private:
  std::vector<std::string> command_line(const std::string& port) const;

  std::vector<std::string> flags_;
  std::string directory_;
  conformance::endpoint mqtt_;
  std::optional<app::program> process_;
};

/// What a process says and ends with that is expected to end by itself. One that
/// does not is killed after a while, and ends with 137.
app::ending start_in_vain(const std::vector<std::string>& arguments);

} // namespace callboard::durability
