#include "tests/conformance/tcp_stream.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace callboard::conformance {

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error{what + ": " + std::generic_category().message(errno)};
}

sockaddr_in address_of(const endpoint& peer) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(peer.port);
  if (inet_pton(AF_INET, peer.host.c_str(), &result.sin_addr) != 1)
    throw std::runtime_error{"not an IPv4 address: " + peer.host};
  return result;
}

int milliseconds_until(steady_time deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<milliseconds::rep>(left.count(), 0, 3'600'000));
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

} // namespace

tcp_stream::tcp_stream(const endpoint& peer)
    : socket_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  if (socket_ < 0)
    fail("socket");
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const sockaddr_in address = address_of(peer);
  sockaddr generic{};
  std::memcpy(&generic, &address, sizeof generic);
  if (::connect(socket_, &generic, sizeof generic) != 0) {
    const int error = errno;
    close();
    errno = error;
    fail("connect to " + peer.host + ":" + std::to_string(peer.port));
  }
}

tcp_stream::tcp_stream(tcp_stream&& other) noexcept : socket_{std::exchange(other.socket_, -1)} {}

tcp_stream& tcp_stream::operator=(tcp_stream&& other) noexcept {
  std::swap(socket_, other.socket_);
  return *this;
}

tcp_stream::~tcp_stream() {
  close();
}

tcp_stream::outcome tcp_stream::write(std::string_view octets, steady_time deadline) {
  while (!octets.empty()) {
    const auto sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0)
      octets.remove_prefix(static_cast<std::size_t>(sent));
    else if (!would_block())
      return outcome::closed;
    else if (!wait_for(POLLOUT, deadline))
      return outcome::timeout;
  }
  return outcome::done;
}

// It writes to the connection, though to no member.
// NOLINTNEXTLINE(readability-make-member-function-const)
tcp_stream::outcome tcp_stream::write_some(bytes& output) {
  while (!output.empty()) {
    const auto sent = ::send(socket_, output.data(), output.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0)
      return would_block() ? outcome::timeout : outcome::closed;
    output.erase(0, static_cast<std::size_t>(sent));
  }
  return outcome::done;
}

tcp_stream::outcome tcp_stream::read(bytes& input, steady_time deadline) {
  std::array<char, 65536> buffer{};
  while (true) {
    const auto got = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) {
      input.append(buffer.data(), static_cast<std::size_t>(got));
      return outcome::done;
    }
    if (got == 0 || !would_block())
      return outcome::closed;
    if (!wait_for(POLLIN, deadline))
      return outcome::timeout;
  }
}

// It changes the connection, though no member.
// NOLINTNEXTLINE(readability-make-member-function-const)
void tcp_stream::finish_writing() {
  shutdown(socket_, SHUT_WR);
}

void tcp_stream::close() {
  if (socket_ >= 0)
    ::close(std::exchange(socket_, -1));
}

// NOLINTNEXTLINE(readability-make-member-function-const): the same
void tcp_stream::limit_receive_buffer(int octets) {
  setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
}

bool tcp_stream::wait_for(short event, steady_time deadline) const {
  pollfd wanted{.fd = socket_, .events = event, .revents = 0};
  while (true) {
    const int ready = poll(&wanted, 1, milliseconds_until(deadline));
    if (ready > 0)
      return true;
    if (ready == 0 && std::chrono::steady_clock::now() >= deadline)
      return false;
    if (ready < 0 && errno != EINTR)
      fail("poll");
  }
}

} // namespace callboard::conformance
