#pragma once

#include "app/client/connection_arguments.hpp"
#include "app/client/property_arguments.hpp"
#include "protocol/packets/subscribe.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::app::client {

/// What `callboard sub` was asked for.
class sub_arguments {
public:
  /// Binds its flags to the parser, which keeps its address.
  void add_to(CLI::App& parser);

  /// Looks at all of it, once it was parsed. What is wrong, for a person.
  std::optional<std::string> check() const;

  /// Set before check(): `-D` comes without the parser.
  property_arguments properties;
  connection_arguments connection;

  protocol::subscribe subscribe() const;

  /// Without filters if there is nothing to unsubscribe from.
  protocol::unsubscribe unsubscribe() const;

  /// Messages to end after; 0: none.
  std::uint64_t count() const { return count_; }
  bool only_subscribe() const { return only_subscribe_; }
  bool retained_only() const { return retained_only_; }

  /// Whether a message on this topic is shown.
  bool wants(std::string_view topic, bool retained) const;

  /// As apply_format() takes it; with the end of line that follows a message.
  std::string format() const;

private:
  void add_subscription_to(CLI::App& parser);
  void add_output_to(CLI::App& parser);

  std::vector<std::string> filters_;
  std::vector<std::string> unsubscribe_;
  std::vector<std::string> filters_out_;
  int qos_ = 0;
  bool no_local_ = false;
  bool retain_as_published_ = false;
  int retain_handling_ = 0;
  std::uint64_t count_ = 0;
  bool only_subscribe_ = false;
  bool no_retained_ = false;
  bool retained_only_ = false;
  bool verbose_ = false;
  bool no_end_of_line_ = false;
  std::optional<std::string> format_;
};

} // namespace callboard::app::client
