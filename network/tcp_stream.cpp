#include "network/tcp_stream.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace callboard::network {

namespace {

constexpr std::size_t most_pieces = 64;

transfer result_of(ssize_t moved) {
  if (moved > 0)
    return {progress::done, static_cast<std::size_t>(moved)};
  if (moved < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
    return {progress::blocked, 0};
  return {progress::ended, 0};
}

} // namespace

tcp_stream::tcp_stream(socket connected) : socket_{std::move(connected)} {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(boost::asio::ip::tcp::no_delay{true}, ignored);
}

void tcp_stream::await_readable() {
  socket_.async_wait(
    socket::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
      if (!error && self->watcher_ != nullptr)
        self->watcher_->readable();
    });
}

void tcp_stream::await_writable() {
  socket_.async_wait(
    socket::wait_write, [self = shared_from_this()](const boost::system::error_code& error) {
      if (!error && self->watcher_ != nullptr)
        self->watcher_->writable();
    });
}

transfer tcp_stream::read(std::span<char> room) {
  return result_of(::recv(socket_.native_handle(), room.data(), room.size(), MSG_DONTWAIT));
}

transfer tcp_stream::write(std::span<const std::string_view> pieces) {
  constexpr auto flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  if (pieces.size() == 1)
    return result_of(::send(socket_.native_handle(), pieces[0].data(), pieces[0].size(), flags));
  std::array<iovec, most_pieces> vectors; // NOLINT: filled as far as it is used
  const auto count = std::min(pieces.size(), most_pieces);
  for (std::size_t i = 0; i < count; ++i)
    vectors.at(i) = {const_cast<char*>(pieces[i].data()), pieces[i].size()}; // NOLINT
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  return result_of(::sendmsg(socket_.native_handle(), &message, flags));
}

void tcp_stream::finish_writing() {
  boost::system::error_code ignored;
  socket_.shutdown(socket::shutdown_send, ignored);
}

void tcp_stream::close() {
  watcher_ = nullptr;
  boost::system::error_code ignored;
  socket_.shutdown(socket::shutdown_both, ignored);
  socket_.close(ignored);
}

std::shared_ptr<stream> tcp_stream::move_to(boost::asio::io_context& other) {
  watcher_ = nullptr;
  boost::system::error_code failed;
  const auto protocol = socket_.local_endpoint(failed).protocol();
  const auto handle = socket_.release(failed);
  socket moved{other.get_executor()};
  if (!failed)
    moved.assign(protocol, handle, failed);
  return std::make_shared<tcp_stream>(std::move(moved));
}

std::string tcp_stream::peer() const {
  boost::system::error_code failed;
  const auto end = socket_.remote_endpoint(failed);
  if (failed)
    return "unknown";
  const auto address = end.address().to_string();
  const auto port = std::to_string(end.port());
  return end.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

} // namespace callboard::network
