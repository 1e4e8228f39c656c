#pragma once

#include "tests/conformance/bytes.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace callboard::conformance {

using std::chrono::milliseconds;
using steady_time = std::chrono::steady_clock::time_point;

/// Where a broker listens.
struct endpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
};

/// A TCP connection without Nagle's delay; closed when it is destroyed.
/// Everything that waits, waits until a deadline.
class tcp_stream {
public:
  /// Connects. Throws std::runtime_error if that fails.
  explicit tcp_stream(const endpoint& peer);
  tcp_stream(tcp_stream&& other) noexcept;
  tcp_stream& operator=(tcp_stream&& other) noexcept;
  tcp_stream(const tcp_stream&) = delete;
  tcp_stream& operator=(const tcp_stream&) = delete;
  ~tcp_stream();

  enum class outcome : std::uint8_t { done, closed, timeout };

  /// Writes all of it. `closed` if the peer no longer takes anything.
  outcome write(std::string_view octets, steady_time deadline);

  /// Writes as much as the peer takes at once, and removes that from `output`.
  /// `timeout` if something is left.
  outcome write_some(bytes& output);

  /// Appends what is there, at least one octet, to `input`.
  outcome read(bytes& input, steady_time deadline);

  /// Says that no more will be written; reading goes on.
  void finish_writing();

  /// Closes at once, as a crash or a cut cable does: nothing is said in MQTT.
  void close();

  /// For poll().
  int descriptor() const { return socket_; }

  /// Makes the receive buffer small, so that the peer's writes soon wait.
  void limit_receive_buffer(int octets);

private:
  bool wait_for(short event, steady_time deadline) const;

  int socket_ = -1;
};

} // namespace callboard::conformance
