#pragma once

#include "network/stream.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace callboard::network {

/// A listening TCP socket. Accepts all that wait each time it is woken, so that
/// thousands who come at once find room again in the kernel's queue. Held by
/// shared_ptr: a pending wait keeps it.
class tcp_listener : public std::enable_shared_from_this<tcp_listener> {
public:
  /// Gets each new connection. The io_context to put it on is the receiver's
  /// choice: ask next_home().
  using receiver = std::function<void(std::shared_ptr<stream>)>;

  /// Which io_context the next connection shall live on.
  using home_chooser = std::function<boost::asio::io_context&()>;

  /// Is told that the process has no descriptors left, so that accepting rests.
  using rest_watcher = std::function<void()>;

  explicit tcp_listener(boost::asio::io_context& io);

  /// Binds and listens; from any thread, before accept(). Port 0 is any free one.
  /// `alone`: an IPv6 address does not take IPv4's connections too.
  boost::system::error_code listen(const boost::asio::ip::tcp::endpoint& where, bool alone = false);

  /// Accepts from now on, until close(). On the listener's thread.
  void accept(home_chooser next_home, receiver receive, rest_watcher when_resting);

  void close();

  /// The address that it got: "127.0.0.1:1883". Only after listen().
  std::string address() const;

private:
  void wait();
  void accept_all();
  void rest();

  boost::asio::ip::tcp::acceptor acceptor_;

  /// When the process has no descriptors left, accepting rests for a moment:
  /// the connections wait in the kernel meanwhile.
  boost::asio::steady_timer rest_;
  home_chooser next_home_;
  receiver receive_;
  rest_watcher when_resting_;
};

/// Listeners for one place in the configuration, or what is wrong with it in words,
/// with what to do where it is done on this machine; never both.
struct listening {
  std::vector<std::shared_ptr<tcp_listener>> listeners;
  std::string fault;
};

/// Listens on all of these, which are one place to a person. Those that this machine
/// has not got are left out, if it has others: `localhost` names an address of IPv6
/// also where there is no IPv6.
listening listen_on(boost::asio::io_context& io, const std::string& host,
  const std::vector<boost::asio::ip::tcp::endpoint>& places);

/// The same for all addresses of a host, which is a name or an address.
listening listen_on(boost::asio::io_context& io, const std::string& host, std::uint16_t port);

} // namespace callboard::network
