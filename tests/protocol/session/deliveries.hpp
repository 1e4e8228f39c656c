#pragma once

#include "protocol/message.hpp"
#include "protocol/session/delivery.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace callboard::protocol {

/// Where the time of these tests begins.
inline constexpr time_point start{std::chrono::hours{1}};

inline constexpr qos qos_0 = qos::at_most_once;
inline constexpr qos qos_1 = qos::at_least_once;
inline constexpr qos qos_2 = qos::exactly_once;

inline message_ptr make_message(std::string_view payload, time_point expires_at = never) {
  message_head head;
  head.expires_at = expires_at;
  return message::make(head, "topic", {}, payload);
}

inline delivery make_delivery(
  std::string_view payload, qos quality = qos_1, time_point expires_at = never) {
  delivery made;
  made.message = make_message(payload, expires_at);
  made.qos = quality;
  return made;
}

inline delivery make_shared_delivery(std::string_view payload, share_token share, qos quality) {
  auto made = make_delivery(payload, quality);
  made.share = share;
  return made;
}

inline std::string payload_of(const delivery& what) {
  return std::string{what.message->payload()};
}

} // namespace callboard::protocol
