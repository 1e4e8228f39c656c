#include "app/client/message_json.hpp"

#include "app/client/time_text.hpp"
#include "protocol/codec/message_properties.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callboard::app::client {

namespace {

using nlohmann::json;
using protocol::publication;

std::string json_text(std::string_view text) {
  return json(std::string{text}).dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Members of an object, in order; keys may repeat, as user properties do.
class object {
public:
  void add(std::string_view key, const std::string& value) {
    members_ += fmt::format("{}{}:{}", members_.empty() ? "" : ",", json_text(key), value);
  }
  void add_number(std::string_view key, std::uint64_t value) { add(key, std::to_string(value)); }
  void add_text(std::string_view key, const std::optional<std::string>& value) {
    if (value)
      add(key, json_text(*value));
  }

  bool empty() const { return members_.empty(); }
  std::string text() const { return "{" + members_ + "}"; }

private:
  std::string members_;
};

object properties_of(const publication& message) {
  const auto found = protocol::decode_message_properties(message.properties);
  object properties;
  if (message.topic_alias != 0)
    properties.add_number("topic-alias", message.topic_alias);
  properties.add_text("content-type", found.content_type);
  properties.add_text("correlation-data", found.correlation_data);
  object users;
  for (const auto& [key, value] : found.user_properties)
    users.add(key, json_text(value));
  if (!users.empty())
    properties.add("user-properties", users.text());
  properties.add_text("response-topic", found.response_topic);
  if (found.payload_is_utf8)
    properties.add_number("payload-format-indicator", *found.payload_is_utf8 ? 1 : 0);
  if (message.message_expiry_interval != protocol::forever)
    properties.add_number("message-expiry-interval", message.message_expiry_interval);
  for (const auto id : protocol::subscription_identifiers(message.packet))
    properties.add_number("subscription-identifier", id);
  return properties;
}

std::string time_of(wall_time at) {
  const auto micros = std::chrono::floor<std::chrono::microseconds>(within_second(at)).count();
  return fmt::format(
    "{}.{:06}Z{}", local_time(at, "%Y-%m-%dT%H:%M:%S"), micros, local_time(at, "%z"));
}

} // namespace

std::string to_json(const publication& message, protocol::version version, wall_time came_at) {
  object all;
  all.add("tst", json_text(time_of(came_at)));
  all.add("topic", json_text(message.topic));
  all.add_number("qos", static_cast<std::uint64_t>(message.qos));
  all.add_number("retain", message.retain ? 1 : 0);
  all.add_number("payloadlen", message.payload.size());
  if (message.packet_id != 0)
    all.add_number("mid", message.packet_id);
  if (version == protocol::version::mqtt_5_0)
    if (const auto properties = properties_of(message); !properties.empty())
      all.add("properties", properties.text());
  all.add("payload", message.payload.empty() ? "null" : json_text(message.payload));
  return all.text();
}

} // namespace callboard::app::client
