#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace callboard::app {

/// A socket to a node on 127.0.0.1 that says what it is told to, and closes only
/// when the test does.
class raw_client {
public:
  explicit raw_client(const std::string& port) : socket_{socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // NOLINTNEXTLINE(*-reinterpret-cast): as the interface wants it
    is_open_ = connect(socket_, reinterpret_cast<const sockaddr*>(&place), sizeof(place)) == 0;
  }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;
  raw_client(raw_client&& other) noexcept : socket_{other.socket_}, is_open_{other.is_open_} {
    other.socket_ = -1;
  }
  raw_client& operator=(raw_client&& other) noexcept {
    std::swap(socket_, other.socket_);
    std::swap(is_open_, other.is_open_);
    return *this;
  }
  ~raw_client() { close(); }

  bool is_open() const { return is_open_; }

  void say(std::string_view bytes) {
    is_open_ = is_open_ && send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0;
  }

  /// What comes first, or nothing if nothing comes in time.
  std::string hear(std::chrono::milliseconds time = std::chrono::seconds{5}) const {
    pollfd wait{socket_, POLLIN, 0};
    if (poll(&wait, 1, static_cast<int>(time.count())) <= 0)
      return {};
    std::array<char, 1024> room{};
    const auto count = recv(socket_, room.data(), room.size(), 0);
    return {room.data(), count < 0 ? 0 : static_cast<std::size_t>(count)};
  }

  void close() {
    if (socket_ >= 0)
      ::close(socket_);
    socket_ = -1;
  }

private:
  int socket_;
  bool is_open_ = false;
};

/// The bytes of a CONNECT of version 5.0: a clean start, 60 s of keep alive.
inline std::string connect_as(std::string_view client_id) {
  std::string packet{"\x10\0\0\4MQTT\5\2\0\x3C\0\0\0", 15};
  packet[1] = static_cast<char>(13 + client_id.size());
  packet.back() = static_cast<char>(client_id.size());
  return packet.append(client_id);
}

} // namespace callboard::app
