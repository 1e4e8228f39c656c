#pragma once

#include "app/client/property_arguments.hpp"
#include "app/client/tcp_socket.hpp"
#include "protocol/packets/connect.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace callboard::app::client {

/// The flags that pub and sub share: where to connect, as whom and how, with
/// mosquitto's letters. Filled by the parser that it was added to.
class connection_arguments {
public:
  /// Binds its flags to the parser, which keeps its address.
  void add_to(CLI::App& parser);

  /// Looks at all of it, once it was parsed. What is wrong, for a person.
  std::optional<std::string> check(const property_arguments& properties) const;

  /// The CONNECT that was asked for; check() was content.
  protocol::connect connect(const property_arguments& properties) const;

  const std::string& host() const { return host_; }
  std::uint16_t port() const { return port_; }

  /// The end of -W, counted from now; never without it.
  clock::time_point deadline() const;

  bool debug() const { return debug_; }
  bool quiet() const { return quiet_; }

private:
  void add_will_to(CLI::App& parser);
  std::optional<protocol::will> will(const property_arguments& properties) const;
  std::string client_id() const;

  std::string host_ = "localhost";
  std::uint16_t port_ = 1883;
  std::optional<std::string> id_;
  std::optional<std::string> id_prefix_;
  std::optional<std::string> user_name_;
  std::optional<std::string> password_;
  std::uint16_t keep_alive_ = 60; // seconds
  bool keep_session_ = false;
  std::optional<std::int64_t> session_expiry_; // seconds; -1: forever
  int version_ = 5;
  double timeout_ = 0; // seconds; 0: none
  bool debug_ = false;
  bool quiet_ = false;

  std::optional<std::string> will_topic_;
  std::string will_payload_;
  int will_qos_ = 0;
  bool will_retain_ = false;
};

} // namespace callboard::app::client
