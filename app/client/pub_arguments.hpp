#pragma once

#include "app/client/connection_arguments.hpp"
#include "app/client/property_arguments.hpp"
#include "protocol/types.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace callboard::app::client {

/// What `callboard pub` was asked for.
class pub_arguments {
public:
  /// Binds its flags to the parser, which keeps its address.
  void add_to(CLI::App& parser);

  /// Looks at all of it, once it was parsed. What is wrong, for a person.
  std::optional<std::string> check() const;

  /// Set before check(): `-D` comes without the parser.
  property_arguments properties;
  connection_arguments connection;

  const std::string& topic() const { return topic_; }
  protocol::qos qos() const { return static_cast<protocol::qos>(qos_); }
  bool retain() const { return retain_; }

  /// -m or -n.
  std::optional<std::string> text() const;
  /// -f, or "-" for -s; empty if neither.
  std::string file() const { return from_stdin_ ? "-" : file_; }
  /// -l.
  bool lines() const { return lines_; }

  std::uint64_t repeat() const { return repeat_; }
  std::chrono::duration<double> repeat_delay() const {
    return std::chrono::duration<double>{repeat_delay_};
  }

  /// QoS 1 and 2 messages on the way at a time.
  std::uint16_t inflight() const { return inflight_; }

private:
  std::string topic_;
  std::optional<std::string> message_;
  std::string file_;
  bool null_message_ = false;
  bool from_stdin_ = false;
  bool lines_ = false;
  int qos_ = 0;
  bool retain_ = false;
  std::uint64_t repeat_ = 1;
  double repeat_delay_ = 0; // seconds
  std::uint16_t inflight_ = 20;
};

} // namespace callboard::app::client
