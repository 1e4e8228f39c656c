#include "app/client/tcp_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace callboard::app::client {

namespace {

constexpr std::size_t read_size = 65'536;

std::string text_of(int error) {
  return std::generic_category().message(error);
}

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/// What is left until a deadline, as ppoll() has it.
timespec until(clock::time_point deadline) {
  const auto left = std::max(deadline - clock::now(), clock::duration::zero());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  return {seconds.count(), std::chrono::nanoseconds{left - seconds}.count()};
}

/// Waits for one of the files. Negative ones are not looked at.
void wait_for(
  std::array<pollfd, 2>& files, clock::time_point deadline, const interruption& signals) {
  const auto left = until(deadline);
  const auto* limit = deadline == clock::time_point::max() ? nullptr : &left;
  if (ppoll(files.data(), files.size(), limit, &signals.mask_while_waiting()) <= 0)
    for (auto& file : files)
      file.revents = 0;
}

} // namespace

tcp_socket::~tcp_socket() {
  close();
}

void tcp_socket::close() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
  descriptor_ = -1;
}

std::optional<std::string> tcp_socket::connect(const std::string& host, std::uint16_t port,
  clock::time_point deadline, const interruption& signals) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const auto failed = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (failed != 0)
    return gai_strerror(failed);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses{found, freeaddrinfo};
  std::string wrong;
  for (const auto* one = found; one != nullptr; one = one->ai_next)
    if (try_connect(*one, deadline, signals, wrong))
      return std::nullopt;
  return wrong;
}

bool tcp_socket::try_connect(const addrinfo& address, clock::time_point deadline,
  const interruption& signals, std::string& wrong) {
  close();
  const auto kind = address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC;
  descriptor_ = ::socket(address.ai_family, kind, address.ai_protocol);
  int error = 0;
  if (descriptor_ < 0 || ::connect(descriptor_, address.ai_addr, address.ai_addrlen) != 0)
    error = errno;
  if (error == EINPROGRESS) {
    socklen_t size = sizeof error;
    if (!wait(true, -1, deadline, signals).writable)
      error = interruption::signal() != 0 ? EINTR : ETIMEDOUT;
    else
      getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  const int yes = 1;
  if (error == 0)
    setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  else
    wrong = text_of(error);
  return error == 0;
}

tcp_socket::wakeup tcp_socket::wait(
  bool to_write, int other, clock::time_point deadline, const interruption& signals) const {
  const auto wanted = static_cast<short>(POLLIN | (to_write ? POLLOUT : 0));
  std::array<pollfd, 2> files{pollfd{descriptor_, wanted, 0}, pollfd{other, POLLIN, 0}};
  wait_for(files, deadline, signals);
  const auto failed = (files[0].revents & (POLLERR | POLLHUP)) != 0;
  return {(files[0].revents & POLLIN) != 0 || failed,
    to_write && ((files[0].revents & POLLOUT) != 0 || failed), files[1].revents != 0};
}

bool tcp_socket::send(std::string& bytes) const {
  const auto count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count < 0)
    return would_block(errno);
  bytes.erase(0, static_cast<std::size_t>(count));
  return true;
}

bool tcp_socket::receive(std::string& bytes) const {
  const auto before = bytes.size();
  bytes.resize(before + read_size);
  const auto count = ::recv(descriptor_, bytes.data() + before, read_size, 0);
  const auto error = errno;
  bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return count > 0 || (count < 0 && would_block(error));
}

} // namespace callboard::app::client
