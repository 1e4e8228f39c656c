#include "actors/admissible.hpp"

#include "protocol/topics/topic_filter.hpp"

#include <cstdint>
#include <string_view>

namespace callboard::actors {

namespace {

using protocol::error;
using protocol::reason_code;

bool has_too_many_levels(const settings& rules, std::string_view text) {
  return rules.topic_maximum_levels != 0 &&
         protocol::level_count(text) > rules.topic_maximum_levels;
}

} // namespace

error admissible(const settings& rules, const protocol::publication& publication) {
  if (static_cast<std::uint16_t>(publication.qos) > rules.maximum_qos)
    return {reason_code::qos_not_supported, "publish with the maximum QoS of CONNACK or less"};
  if (publication.retain && !rules.retain_available)
    return {reason_code::retain_not_supported, "retained messages are not available here"};
  if (has_too_many_levels(rules, publication.topic))
    return {reason_code::topic_name_invalid, "the topic has more levels than are allowed here"};
  return {reason_code::success, {}};
}

error admissible(const settings& rules, const protocol::subscribe& packet) {
  if (packet.subscription_identifier != 0 && !rules.subscription_identifiers_available)
    return {reason_code::subscription_identifiers_not_supported,
      "subscription identifiers are not available here"};
  for (const auto& wanted : packet.requests)
    if (wanted.options.no_local && wanted.filter.starts_with("$share/"))
      return {reason_code::protocol_error,
        "No Local must not be set on a shared subscription"}; // MQTT5-3.8.3-4
  return {reason_code::success, {}};
}

error admissible(const settings& rules, const protocol::shared_filter& filter) {
  if (filter.shared() && !rules.shared_subscriptions_available)
    return {reason_code::shared_subscriptions_not_supported, "shared subscriptions are off here"};
  if (!rules.wildcard_subscription_available && protocol::has_wildcard(filter.filter))
    return {reason_code::wildcard_subscriptions_not_supported, "wildcards are off here"};
  if (has_too_many_levels(rules, filter.filter))
    return {reason_code::topic_filter_invalid, "the filter has more levels than are allowed here"};
  return {reason_code::success, {}};
}

} // namespace callboard::actors
