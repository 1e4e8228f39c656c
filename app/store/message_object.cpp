#include "app/store/message_object.hpp"

#include "app/store/base64.hpp"
#include "protocol/codec/utf8.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <utility>

namespace callboard::app::store {

namespace {

void add_properties(object& to, std::string_view encoded) {
  if (auto found = properties_of(encoded); !found.is_null())
    to["properties"] = std::move(found);
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
