#pragma once

#include "tests/conformance/wire_client.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

namespace callboard::conformance {

/// Two well-behaved clients that exchange messages from a thread of their own while
/// somebody else misbehaves: one publishes at QoS 1 and gets its PUBACK, the other
/// gets the message, and so on without a pause. Each of these has `patience`.
class neighbours {
public:
  /// Both are connected; `listener` is subscribed to "neighbours" at QoS 1.
  neighbours(wire_client talker, wire_client listener);
  neighbours(const neighbours&) = delete;
  neighbours& operator=(const neighbours&) = delete;
  ~neighbours();

  /// They have been served all the time and still are: some more messages are
  /// exchanged. Fails the test otherwise, and ends them.
  void expect_unharmed();

  /// The exchange that took longest.
  milliseconds slowest() const { return milliseconds{slowest_}; }

private:
  void run();
  void exchange(int number);

  wire_client talker_;
  wire_client listener_;
  std::string fault_; // read when the thread has ended
  std::atomic<int> exchanged_ = 0;
  std::atomic<milliseconds::rep> slowest_ = 0;
  std::atomic<bool> stopped_ = false;
  std::thread thread_; // last: it uses the others
};

} // namespace callboard::conformance
