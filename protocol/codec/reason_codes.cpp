#include "protocol/codec/reason_codes.hpp"

#include <algorithm>
#include <initializer_list>

namespace callboard::protocol {

namespace {

using enum reason_code;

bool is_one_of(reason_code code, std::initializer_list<reason_code> codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

} // namespace

bool may_acknowledge(ack_type type, reason_code code) {
  if (code == success)
    return true;
  if (type == ack_type::pubrel || type == ack_type::pubcomp)
    return code == packet_identifier_not_found;
  return is_one_of(code,
    {no_matching_subscribers, unspecified_error, implementation_specific_error, not_authorized,
      topic_name_invalid, packet_identifier_in_use, quota_exceeded, payload_format_invalid});
}

bool may_answer_connect(reason_code code) {
  return is_one_of(
    code, {success, unspecified_error, malformed_packet, protocol_error,
            implementation_specific_error, unsupported_protocol_version,
            client_identifier_not_valid, bad_user_name_or_password, not_authorized,
            server_unavailable, server_busy, banned, bad_authentication_method, topic_name_invalid,
            packet_too_large, quota_exceeded, payload_format_invalid, retain_not_supported,
            qos_not_supported, use_another_server, server_moved, connection_rate_exceeded});
}

bool may_answer_subscribe(reason_code code) {
  return is_one_of(
    code, {success, granted_qos_1, granted_qos_2, unspecified_error, implementation_specific_error,
            not_authorized, topic_filter_invalid, packet_identifier_in_use, quota_exceeded,
            shared_subscriptions_not_supported, subscription_identifiers_not_supported,
            wildcard_subscriptions_not_supported});
}

bool may_answer_unsubscribe(reason_code code) {
  return is_one_of(
    code, {success, no_subscription_existed, unspecified_error, implementation_specific_error,
            not_authorized, topic_filter_invalid, packet_identifier_in_use});
}

bool may_disconnect(sender from, reason_code code) {
  if (is_one_of(code, {success, unspecified_error, malformed_packet, protocol_error,
                        implementation_specific_error, topic_name_invalid, receive_maximum_exceeded,
                        topic_alias_invalid, packet_too_large, message_rate_too_high,
                        quota_exceeded, administrative_action, payload_format_invalid}))
    return true;
  if (from == sender::client)
    return code == disconnect_with_will_message;
  return is_one_of(
    code, {not_authorized, server_busy, server_shutting_down, keep_alive_timeout,
            session_taken_over, topic_filter_invalid, retain_not_supported, qos_not_supported,
            use_another_server, server_moved, shared_subscriptions_not_supported,
            connection_rate_exceeded, maximum_connect_time, subscription_identifiers_not_supported,
            wildcard_subscriptions_not_supported});
}

bool may_authenticate(sender from, reason_code code) {
  if (code == continue_authentication)
    return true;
  return code == (from == sender::client ? re_authenticate : success);
}

} // namespace callboard::protocol
