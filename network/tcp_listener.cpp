#include "network/tcp_listener.hpp"

#include "network/tcp_stream.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace callboard::network {

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int backlog = 4096;

/// How many connections are taken before others on this thread have their turn.
constexpr int most_at_once = 256;

constexpr std::chrono::milliseconds rest_without_descriptors{50};

/// Whether this machine has no such address, or no such kind of address.
bool is_absent(const error_code& failed) {
  return failed == boost::system::errc::address_not_available ||
         failed == boost::asio::error::address_family_not_supported;
}

/// Why, and what can be done about it where it is here.
std::string reason_of(const error_code& failed) {
  if (failed == boost::asio::error::address_in_use)
    return "somebody else does: end it";
  if (is_absent(failed))
    return "this machine has no such address";
  if (failed == boost::asio::error::access_denied)
    return "ports below 1024 need a privilege (CAP_NET_BIND_SERVICE)";
  return failed.message();
}

std::string describe(const std::string& host, std::uint16_t port, const error_code& failed) {
  const bool numeric_v6 = host.find(':') != std::string::npos;
  const auto place = (numeric_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
  return "cannot listen on " + place + ": " + reason_of(failed);
}

} // namespace

tcp_listener::tcp_listener(boost::asio::io_context& io) : acceptor_{io}, rest_{io} {}

error_code tcp_listener::listen(const tcp::endpoint& where, bool alone) {
  error_code failed;
  acceptor_.open(where.protocol(), failed);
  if (!failed)
    acceptor_.set_option(tcp::acceptor::reuse_address{true}, failed);
  if (!failed && alone && where.address().is_v6())
    acceptor_.set_option(boost::asio::ip::v6_only{true}, failed);
  if (!failed)
    acceptor_.bind(where, failed);
  if (!failed)
    acceptor_.listen(backlog, failed);
  if (!failed)
    acceptor_.non_blocking(true, failed);
  return failed;
}

void tcp_listener::accept(home_chooser next_home, receiver receive, rest_watcher when_resting) {
  next_home_ = std::move(next_home);
  receive_ = std::move(receive);
  when_resting_ = std::move(when_resting);
  wait();
}

void tcp_listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  rest_.cancel();
}

std::string tcp_listener::address() const {
  error_code failed;
  const auto end = acceptor_.local_endpoint(failed);
  const auto address = end.address().to_string();
  const auto port = std::to_string(end.port());
  return end.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

void tcp_listener::wait() {
  acceptor_.async_wait(
    tcp::acceptor::wait_read, [self = shared_from_this()](const error_code& error) {
      if (!error && self->acceptor_.is_open())
        self->accept_all();
    });
}

void tcp_listener::accept_all() {
  for (int taken = 0; taken < most_at_once; ++taken) {
    tcp_stream::socket connected{next_home_().get_executor()};
    error_code failed;
    acceptor_.accept(connected, failed);
    if (failed == boost::asio::error::no_descriptors ||
        failed == boost::asio::error::no_buffer_space || failed == boost::asio::error::no_memory)
      return rest();
    if (failed == boost::asio::error::would_block || failed == boost::asio::error::try_again)
      break;
    if (!failed)
      receive_(std::make_shared<tcp_stream>(std::move(connected)));
  }
  wait();
}

void tcp_listener::rest() {
  when_resting_();
  rest_.expires_after(rest_without_descriptors);
  rest_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error && self->acceptor_.is_open())
      self->wait();
  });
}

listening listen_on(
  boost::asio::io_context& io, const std::string& host, const std::vector<tcp::endpoint>& places) {
  listening result;
  error_code absent;
  for (const auto& place : places) {
    auto listener = std::make_shared<tcp_listener>(io);
    const auto failed = listener->listen(place, places.size() > 1);
    if (failed && !is_absent(failed))
      return {{}, describe(host, place.port(), failed)};
    if (failed)
      absent = failed;
    else
      result.listeners.push_back(std::move(listener));
  }
  if (result.listeners.empty())
    result.fault = describe(host, places.front().port(), absent);
  return result;
}

listening listen_on(boost::asio::io_context& io, const std::string& host, std::uint16_t port) {
  error_code failed;
  tcp::resolver resolver{io};
  const auto found = resolver.resolve(
    host, std::to_string(port), tcp::resolver::passive | tcp::resolver::numeric_service, failed);
  std::vector<tcp::endpoint> places;
  for (const auto& each : found)
    if (std::find(places.begin(), places.end(), each.endpoint()) == places.end())
      places.push_back(each.endpoint());
  if (failed || places.empty())
    return {{}, "cannot find the address " + host + ": " + failed.message()};
  return listen_on(io, host, places);
}

} // namespace callboard::network
