#pragma once

#include "network/stream.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace callboard::network {

/// A TCP connection, MQTT5-4.2.0-1.
class tcp_stream final : public stream, public std::enable_shared_from_this<tcp_stream> {
public:
  /// The executor's type is spelled out: Asio's own default costs memory in each
  /// of many sockets.
  using socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

  /// Takes a connected socket; sends without delay from here on.
  explicit tcp_stream(socket connected);

  void watch(stream_watcher& watcher) override { watcher_ = &watcher; }
  void await_readable() override;
  void await_writable() override;
  transfer read(std::span<char> room) override;
  transfer write(std::span<const std::string_view> pieces) override;
  void finish_writing() override;
  void close() override;
  std::shared_ptr<stream> move_to(boost::asio::io_context& other) override;
  std::string peer() const override;

private:
  socket socket_;
  stream_watcher* watcher_ = nullptr;
};

} // namespace callboard::network
