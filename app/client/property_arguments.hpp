#pragma once

#include "app/arguments.hpp"
#include "protocol/codec/message_properties.hpp"
#include "protocol/packets/connect.hpp"
#include "protocol/packets/disconnect.hpp"
#include "protocol/types.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace callboard::app::client {

/// The MQTT 5 properties of a message.
struct message_extras {
  protocol::message_properties properties;
  std::uint32_t message_expiry_interval = protocol::forever; // seconds
};

/// MQTT 5 properties as `-D` gives them, by the packet that they belong to.
struct property_arguments {
  /// Whether there was any.
  bool given = false;

  /// Of CONNECT only the properties count.
  protocol::connect connect;

  message_extras publish;
  std::uint16_t topic_alias = 0; // 0: none

  message_extras will;
  std::uint32_t will_delay_interval = 0; // seconds

  std::uint32_t subscription_identifier = 0; // 0: none
  protocol::user_properties subscribe;
  protocol::user_properties unsubscribe;

  protocol::disconnect disconnect;
};

/// Takes each `-D COMMAND IDENTIFIER VALUE` (two values for user-property) out of
/// the arguments, also with `--property`. Says what is wrong with the first that
/// is not right; `commands` are those that the verb sends.
std::optional<std::string> take_properties(
  arguments& given, std::span<const std::string_view> commands, property_arguments& into);

/// The commands with their identifiers, a line for each, for help.
std::string property_help(std::span<const std::string_view> commands);

} // namespace callboard::app::client
