#include "app/store/message_object.hpp"

#include "protocol/codec/message_properties.hpp"
#include "protocol/codec/utf8.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>

namespace callboard::app::store {

namespace {

/// RFC 4648.
std::string base64(std::string_view bytes) {
  constexpr std::string_view letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto some = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t each = 0; each < 3; ++each)
      bits = bits << 8 | (each < some.size() ? static_cast<std::uint8_t>(some[each]) : 0U);
    for (std::size_t each = 0; each < 4; ++each)
      text.push_back(each <= some.size() ? letters[bits >> (18 - 6 * each) & 63U] : '=');
  }
  return text;
}

void add_properties(object& to, std::string_view encoded) {
  if (encoded.empty())
    return;
  const auto found = protocol::decode_message_properties(encoded);
  object all = object::object();
  if (found.payload_is_utf8)
    all["payload_format_indicator"] = *found.payload_is_utf8 ? 1 : 0;
  if (found.content_type)
    all["content_type"] = *found.content_type;
  if (found.response_topic)
    all["response_topic"] = *found.response_topic;
  if (found.correlation_data)
    all["correlation_data_base64"] = base64(*found.correlation_data);
  for (const auto& [name, value] : found.user_properties)
    all["user_properties"].push_back({name, value});
  to["properties"] = std::move(all);
}

void add_content(
  object& to, const protocol::message& what, const persistence::clock_reading& clock) {
  to["expires_at"] = time_of(what.head().expires_at, clock);
  add_properties(to, what.properties());
  add_payload(to, what.payload());
}

} // namespace

void add_payload(object& to, std::string_view payload) {
  if (protocol::valid_utf8(payload))
    to["payload"] = payload;
  else
    to["payload_base64"] = base64(payload);
}

object object_of(const protocol::message& what, const persistence::clock_reading& clock) {
  object one;
  one["topic"] = what.topic();
  one["qos"] = static_cast<int>(what.head().qos);
  one["retain"] = what.head().retain;
  add_content(one, what, clock);
  return one;
}

object object_of(const protocol::delivery& what, const persistence::clock_reading& clock) {
  object one;
  one["topic"] = what.message->topic();
  one["qos"] = static_cast<int>(what.qos);
  one["retain"] = what.retain;
  if (what.share != 0)
    one["share_token"] = what.share;
  for (const auto identifier : what.identifiers.all())
    one["subscription_identifiers"].push_back(identifier);
  add_content(one, *what.message, clock);
  return one;
}

object object_of(const protocol::subscription& what) {
  object one;
  one["filter"] = what.filter;
  one["qos"] = static_cast<int>(what.options.maximum_qos);
  one["no_local"] = what.options.no_local;
  one["retain_as_published"] = what.options.retain_as_published;
  one["retain_handling"] = static_cast<int>(what.options.retain_handling);
  if (what.identifier != 0)
    one["subscription_identifier"] = what.identifier;
  return one;
}

object object_of(const protocol::will& what) {
  object one;
  one["topic"] = what.topic;
  one["qos"] = static_cast<int>(what.qos);
  one["retain"] = what.retain;
  one["delay_interval"] = what.delay_interval;
  if (what.message_expiry_interval != protocol::forever)
    one["message_expiry_interval"] = what.message_expiry_interval;
  add_properties(one, what.properties);
  add_payload(one, what.payload);
  return one;
}

object time_of(protocol::time_point at, const persistence::clock_reading& clock) {
  if (at == protocol::never)
    return nullptr;
  const auto seconds =
    std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds{clock.to_wall(at)});
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time_t{seconds.count()}));
}

std::string text_of(const object& one) {
  return one.dump(-1, ' ', false, object::error_handler_t::replace);
}

} // namespace callboard::app::store
