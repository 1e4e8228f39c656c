#include "actors/connack_of.hpp"

namespace callboard::actors {

std::uint16_t keep_alive_for(const protocol::connect& connect, const settings& rules) {
  const auto ours = rules.server_keep_alive;
  if (ours == 0 || connect.version != protocol::version::mqtt_5_0)
    return connect.keep_alive;
  return connect.keep_alive == 0 || connect.keep_alive > ours ? ours : connect.keep_alive;
}

protocol::connack connack_of(
  const newcomer& who, const protocol::attach_outcome& outcome, const settings& rules) {
  const auto& connect = *who.connect;
  protocol::connack packet;
  packet.session_present = outcome.session_present;
  if (outcome.session_expiry_interval != connect.session_expiry_interval)
    packet.session_expiry_interval = outcome.session_expiry_interval;
  packet.receive_maximum = rules.receive_maximum;
  if (rules.maximum_qos < 2)
    packet.maximum_qos = static_cast<protocol::qos>(rules.maximum_qos);
  if (!rules.retain_available)
    packet.retain_available = false;
  packet.maximum_packet_size = rules.maximum_packet_size;
  if (who.identifier_assigned)
    packet.assigned_client_identifier = connect.client_id;
  if (rules.topic_alias_maximum > 0)
    packet.topic_alias_maximum = rules.topic_alias_maximum;
  if (!rules.wildcard_subscription_available)
    packet.wildcard_subscription_available = false;
  if (!rules.subscription_identifiers_available)
    packet.subscription_identifiers_available = false;
  if (!rules.shared_subscriptions_available)
    packet.shared_subscription_available = false;
  if (connect.request_response_information && !rules.response_information.empty())
    packet.response_information = rules.response_information;
  if (const auto keep_alive = keep_alive_for(connect, rules); keep_alive != connect.keep_alive)
    packet.server_keep_alive = keep_alive;
  return packet;
}

} // namespace callboard::actors
