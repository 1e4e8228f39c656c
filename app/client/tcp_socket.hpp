#pragma once

#include "app/client/interruption.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

struct addrinfo;

namespace callboard::app::client {

using clock = std::chrono::steady_clock;

/// A TCP connection that one thread waits on, together with another file. Closes
/// itself.
class tcp_socket {
public:
  tcp_socket() = default;
  tcp_socket(const tcp_socket&) = delete;
  tcp_socket& operator=(const tcp_socket&) = delete;
  ~tcp_socket();

  /// Connects to the first of the host's addresses that answers. What went wrong
  /// otherwise; also if `deadline` passes or a signal comes.
  std::optional<std::string> connect(const std::string& host, std::uint16_t port,
    clock::time_point deadline, const interruption& signals);

  /// What waiting ended with.
  struct wakeup {
    bool readable = false;
    bool writable = false;
    bool other_readable = false;
  };

  /// Waits until something can be read, or written if `to_write`, or read from
  /// `other` (-1: no other file). Nothing of it if the deadline passed or a
  /// signal came.
  wakeup wait(
    bool to_write, int other, clock::time_point deadline, const interruption& signals) const;

  /// Sends what the system takes at once and removes it from `bytes`. False if
  /// the connection is lost.
  bool send(std::string& bytes) const;

  /// Appends what has come. False if the connection is lost or closed.
  bool receive(std::string& bytes) const;

private:
  bool try_connect(const addrinfo& address, clock::time_point deadline, const interruption& signals,
    std::string& wrong);
  void close();

  int descriptor_ = -1;
};

} // namespace callboard::app::client
