#pragma once

#include "app/client/dialogue.hpp"
#include "app/client/failure.hpp"
#include "app/client/interruption.hpp"
#include "app/client/tcp_socket.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace callboard::app::client {

/// A dialogue with a broker over TCP: carries the bytes and keeps the time. Lives
/// as long as the command that made it.
class call {
public:
  /// `receiver` outlives the call.
  call(protocol::connect connect, listener& receiver) : dialogue_{std::move(connect), receiver} {}

  /// Connects and waits for CONNACK, ten seconds or until `deadline`.
  std::optional<failure> open(
    const std::string& host, std::uint16_t port, clock::time_point deadline);

  /// Talks until `done` says so. A failure if that does not happen before the
  /// deadline (27), a signal comes (128 + its number), or the connection ends.
  std::optional<failure> talk_until(const std::function<bool()>& done, clock::time_point deadline);

  /// The same until a time that comes before the deadline or with it.
  std::optional<failure> talk_until(clock::time_point time, clock::time_point deadline);

  /// The same until `file` can be read.
  std::optional<failure> talk_until_readable(int file, clock::time_point deadline);

  /// Sends DISCONNECT and what else waits, for at most five seconds.
  void close(const protocol::disconnect& farewell = {});

  client::dialogue& dialogue() { return dialogue_; }

private:
  std::optional<failure> turn(clock::time_point deadline, int file, bool& file_readable);
  std::optional<failure> read();

  interruption signals_;
  tcp_socket socket_;
  client::dialogue dialogue_;
};

} // namespace callboard::app::client
