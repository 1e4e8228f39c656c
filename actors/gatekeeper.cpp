#include "actors/gatekeeper.hpp"

#include "actors/permission.hpp"
#include "protocol/codec/encode.hpp"
#include "protocol/topics/topic_filter.hpp"

#include <string>

namespace callboard::actors {

namespace {

using protocol::reason_code;

/// MQTT 3.1 names clients with 1 to 23 characters (E25).
constexpr std::size_t longest_mqtt31_client_id = 23;

} // namespace

behavior gatekeeper::make_behavior() {
  return reads<admit>(*this);
}

void gatekeeper::on(const admit& mail) {
  const auto& connect = *mail.who->connect;
  const auto fault = judge(connect);
  if (fault.code == reason_code::success) {
    tell(place_.company.registry, enter{mail.who});
    return;
  }
  place_.note({.what = event::kind::client_refused,
    .name = connect.client_id,
    .peer = mail.who->peer,
    .code = fault.code,
    .reason = fault.phrase});
  protocol::connack answer;
  answer.code = fault.code;
  answer.reason_string = fault.phrase;
  refuse refusal;
  protocol::encode_connack(refusal.connack, connect.version, answer, connect.maximum_packet_size);
  tell(mail.who->connection, std::move(refusal));
}

protocol::error gatekeeper::judge(const protocol::connect& connect) const {
  if (connect.authentication_method)
    return {reason_code::bad_authentication_method,
      "no authentication method is supported: connect without one"};
  if (const auto fault = judge_client_id(connect); fault.code != reason_code::success)
    return fault;
  if (connect.will)
    return judge_will(*connect.will);
  return {reason_code::success, {}};
}

protocol::error gatekeeper::judge_client_id(const protocol::connect& connect) const {
  const auto& rules = place_.rules;
  const auto& id = connect.client_id;
  if (id.size() > rules.client_id_maximum_length)
    return {reason_code::client_identifier_not_valid,
      "the client identifier is longer than client_id_maximum_length allows"};
  if (connect.version == protocol::version::mqtt_3_1) {
    if (id.empty())
      return {reason_code::client_identifier_not_valid, "MQTT 3.1 wants a client identifier"};
    if (rules.strict_mqtt31_client_ids && id.size() > longest_mqtt31_client_id)
      return {reason_code::client_identifier_not_valid,
        "MQTT 3.1 allows client identifiers of at most 23 characters"};
  }
  if (id.empty() && !rules.allow_empty_client_id)
    return {reason_code::client_identifier_not_valid,
      "clients must have an identifier here: allow_empty_client_id is false"};
  if (id.empty() && connect.version == protocol::version::mqtt_3_1_1 && !connect.clean_start)
    return {reason_code::client_identifier_not_valid,
      "without a client identifier CleanSession must be 1"};
  return {reason_code::success, {}};
}

protocol::error gatekeeper::judge_will(const protocol::will& will) const {
  const auto& rules = place_.rules;
  if (!may_publish(will.topic))
    return {reason_code::not_authorized, "the will is for $SYS, where only the server publishes"};
  if (static_cast<std::uint16_t>(will.qos) > rules.maximum_qos)
    return {reason_code::qos_not_supported, "the will's QoS is above the maximum QoS"};
  if (will.retain && !rules.retain_available)
    return {reason_code::retain_not_supported, "the will is retained, which is not available"};
  if (rules.topic_maximum_levels != 0 &&
      protocol::level_count(will.topic) > rules.topic_maximum_levels)
    return {reason_code::topic_name_invalid, "the will's topic has too many levels"};
  return {reason_code::success, {}};
}

} // namespace callboard::actors
