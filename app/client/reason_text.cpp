#include "app/client/reason_text.hpp"

#include "app/exit_code.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace callboard::app::client {

namespace {

using protocol::reason_code;

constexpr std::array names{
  std::pair{reason_code::success, "success"},
  std::pair{reason_code::granted_qos_1, "granted QoS 1"},
  std::pair{reason_code::granted_qos_2, "granted QoS 2"},
  std::pair{reason_code::disconnect_with_will_message, "disconnect with will message"},
  std::pair{reason_code::no_matching_subscribers, "no matching subscribers"},
  std::pair{reason_code::no_subscription_existed, "no subscription existed"},
  std::pair{reason_code::continue_authentication, "continue authentication"},
  std::pair{reason_code::re_authenticate, "re-authenticate"},
  std::pair{reason_code::unspecified_error, "unspecified error"},
  std::pair{reason_code::malformed_packet, "malformed packet"},
  std::pair{reason_code::protocol_error, "protocol error"},
  std::pair{reason_code::implementation_specific_error, "implementation specific error"},
  std::pair{reason_code::unsupported_protocol_version, "unsupported protocol version"},
  std::pair{reason_code::client_identifier_not_valid, "client identifier not valid"},
  std::pair{reason_code::bad_user_name_or_password, "bad user name or password"},
  std::pair{reason_code::not_authorized, "not authorized"},
  std::pair{reason_code::server_unavailable, "server unavailable"},
  std::pair{reason_code::server_busy, "server busy"},
  std::pair{reason_code::banned, "banned"},
  std::pair{reason_code::server_shutting_down, "server shutting down"},
  std::pair{reason_code::bad_authentication_method, "bad authentication method"},
  std::pair{reason_code::keep_alive_timeout, "keep alive timeout"},
  std::pair{reason_code::session_taken_over, "session taken over"},
  std::pair{reason_code::topic_filter_invalid, "topic filter invalid"},
  std::pair{reason_code::topic_name_invalid, "topic name invalid"},
  std::pair{reason_code::packet_identifier_in_use, "packet identifier in use"},
  std::pair{reason_code::packet_identifier_not_found, "packet identifier not found"},
  std::pair{reason_code::receive_maximum_exceeded, "receive maximum exceeded"},
  std::pair{reason_code::topic_alias_invalid, "topic alias invalid"},
  std::pair{reason_code::packet_too_large, "packet too large"},
  std::pair{reason_code::message_rate_too_high, "message rate too high"},
  std::pair{reason_code::quota_exceeded, "quota exceeded"},
  std::pair{reason_code::administrative_action, "administrative action"},
  std::pair{reason_code::payload_format_invalid, "payload format invalid"},
  std::pair{reason_code::retain_not_supported, "retain not supported"},
  std::pair{reason_code::qos_not_supported, "QoS not supported"},
  std::pair{reason_code::use_another_server, "use another server"},
  std::pair{reason_code::server_moved, "server moved"},
  std::pair{reason_code::shared_subscriptions_not_supported, "shared subscriptions not supported"},
  std::pair{reason_code::connection_rate_exceeded, "connection rate exceeded"},
  std::pair{reason_code::maximum_connect_time, "maximum connect time"},
  std::pair{
    reason_code::subscription_identifiers_not_supported, "subscription identifiers not supported"},
  std::pair{
    reason_code::wildcard_subscriptions_not_supported, "wildcard subscriptions not supported"},
};

} // namespace

std::string_view name_of(reason_code code) {
  const auto* found =
    std::find_if(names.begin(), names.end(), [&](const auto& one) { return one.first == code; });
  return found == names.end() ? "unknown reason" : found->second;
}

std::string describe(reason_code code, std::string_view reason_string) {
  std::string text{name_of(code)};
  if (!reason_string.empty())
    text.append(" (").append(reason_string).append(")");
  return text;
}

int exit_code_for(reason_code code) {
  switch (code) {
  case reason_code::bad_user_name_or_password:
  case reason_code::not_authorized:
  case reason_code::banned:
  case reason_code::bad_authentication_method:
    return exit_code::not_authorised;
  case reason_code::server_unavailable:
  case reason_code::server_busy:
  case reason_code::server_shutting_down:
  case reason_code::connection_rate_exceeded:
  case reason_code::message_rate_too_high:
  case reason_code::quota_exceeded:
    return exit_code::try_again;
  default:
    return exit_code::failed;
  }
}

} // namespace callboard::app::client
