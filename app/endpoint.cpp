#include "app/endpoint.hpp"

#include <arpa/inet.h>
#include <charconv>

namespace callboard::app {

namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, failure] = std::from_chars(text.data(), end, port);
  if (text.empty() || failure != std::errc{} || stopped != end)
    return std::nullopt;
  return port;
}

bool is_host(std::string_view text) {
  return !text.empty() && text.find_first_of("[]/ \t\r\n") == std::string_view::npos;
}

/// What stands before the last colon, without brackets; empty if it is no host.
std::string_view parse_host(std::string_view text) {
  const auto bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  if (bracketed)
    text = text.substr(1, text.size() - 2);
  const auto numeric_v6 = text.find(':') != std::string_view::npos;
  return is_host(text) && numeric_v6 == bracketed ? text : std::string_view{};
}

} // namespace

std::optional<actors::endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  const auto host = colon == 0 ? "127.0.0.1" : parse_host(text.substr(0, colon));
  const auto port = parse_port(text.substr(colon + 1));
  if (host.empty() || !port)
    return std::nullopt;
  return actors::endpoint{std::string{host}, *port};
}

std::string to_string(const actors::endpoint& place) {
  const auto v6 = place.host.find(':') != std::string::npos;
  return (v6 ? "[" + place.host + "]" : place.host) + ":" + std::to_string(place.port);
}

bool is_loopback(const actors::endpoint& place) {
  in_addr v4{};
  if (inet_pton(AF_INET, place.host.c_str(), &v4) == 1)
    return ntohl(v4.s_addr) >> 24U == 127;
  in6_addr v6{};
  if (inet_pton(AF_INET6, place.host.c_str(), &v6) == 1)
    return IN6_IS_ADDR_LOOPBACK(&v6);
  return place.host == "localhost";
}

} // namespace callboard::app
