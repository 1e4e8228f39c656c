#pragma once

#include "protocol/codec/message_properties.hpp"
#include "protocol/packets/packet.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

namespace callboard::protocol::testing {

/// Makes up valid packets, the same ones for the same seed.
class any_packet {
public:
  explicit any_packet(std::uint32_t seed) : random_{seed} {}

  std::uint32_t number(std::uint32_t lowest, std::uint32_t highest) {
    return std::uniform_int_distribution<std::uint32_t>{lowest, highest}(random_);
  }

  bool coin() { return number(0, 1) == 1; }

  /// Characters of one to four bytes; 0 to 40 of them, rarely some hundred.
  std::string text(std::size_t at_least = 0) {
    static constexpr auto characters = std::to_array<std::string_view>(
      {"a", "Z", "0", "/", " ", "\x01", "\x7F", "é", "ß", "€", "\xEF\xBB\xBF", "😀"});
    std::string made;
    for (auto count = at_least + number(0, number(0, 9) == 0 ? 400 : 40); count > 0; --count)
      made += characters.at(number(0, characters.size() - 1));
    return made;
  }

  std::string binary() {
    std::string made(number(0, 40), '\0');
    for (auto& byte : made)
      byte = static_cast<char>(number(0, 255));
    return made;
  }

  template <class Make>
  auto maybe(Make make) -> std::optional<decltype(make())> {
    return coin() ? std::optional{make()} : std::nullopt;
  }

  auto maybe_text() {
    return maybe([&] { return text(); });
  }

  std::optional<std::string> maybe_binary() {
    return maybe([&] { return binary(); });
  }

  qos level() { return static_cast<qos>(number(0, 2)); }

  packet_id id() { return static_cast<packet_id>(number(1, 65'535)); }

  std::uint16_t two_bytes(std::uint32_t lowest = 0) {
    return static_cast<std::uint16_t>(number(lowest, 65'535));
  }

  user_properties pairs() {
    user_properties made;
    for (auto count = number(0, 3); count > 0; --count)
      made.emplace_back(text(), text());
    return made;
  }

  message_properties properties() {
    message_properties made;
    made.payload_is_utf8 = maybe([&] { return coin(); });
    made.content_type = maybe_text();
    made.response_topic = maybe([&] { return text(1); });
    made.correlation_data = maybe_binary();
    made.user_properties = pairs();
    return made;
  }

  std::unique_ptr<connect> make_connect(version version);
  std::unique_ptr<connack> make_connack(version version);
  std::unique_ptr<subscribe> make_subscribe(version version);
  std::unique_ptr<unsubscribe> make_unsubscribe(version version);
  std::unique_ptr<suback> make_suback(version version);
  std::unique_ptr<unsuback> make_unsuback(version version);
  std::unique_ptr<disconnect> make_disconnect(version version, bool of_server);
  std::unique_ptr<auth> make_auth(bool of_server);
  acknowledgement make_acknowledgement(version version);

private:
  protocol::will make_will(version version);

  std::mt19937 random_;
};

inline protocol::will any_packet::make_will(version version) {
  protocol::will made;
  made.topic = text(1);
  made.payload = binary();
  made.qos = level();
  made.retain = coin();
  if (version == version::mqtt_5_0) {
    made.properties = encode(properties());
    made.delay_interval = number(0, 10);
    made.message_expiry_interval = coin() ? forever : number(0, 100);
  }
  return made;
}

inline std::unique_ptr<connect> any_packet::make_connect(version version) {
  auto made = std::make_unique<connect>();
  made->version = version;
  made->client_id = text();
  made->clean_start = coin();
  made->keep_alive = two_bytes();
  made->will = maybe([&] { return make_will(version); });
  made->user_name = maybe_text();
  if (made->user_name || version == version::mqtt_5_0)
    made->password = maybe_binary();
  made->session_expiry_interval = made->clean_start ? 0 : forever;
  if (version != version::mqtt_5_0)
    return made;
  made->session_expiry_interval = number(0, 2) * (forever / 2);
  made->receive_maximum_given = coin();
  if (made->receive_maximum_given)
    made->receive_maximum = two_bytes(1);
  made->maximum_packet_size = coin() ? 0 : number(1, forever);
  made->topic_alias_maximum = two_bytes();
  made->request_response_information = coin();
  made->request_problem_information = coin();
  made->authentication_method = maybe_text();
  if (made->authentication_method)
    made->authentication_data = maybe_binary();
  made->user_properties = pairs();
  return made;
}

inline std::unique_ptr<connack> any_packet::make_connack(version version) {
  auto made = std::make_unique<connack>();
  made->code = coin() ? reason_code::success : reason_code::not_authorized;
  made->session_present =
    version != version::mqtt_3_1 && made->code == reason_code::success && coin();
  if (version != version::mqtt_5_0)
    return made;
  made->session_expiry_interval = maybe([&] { return number(0, forever); });
  made->receive_maximum = maybe([&] { return two_bytes(1); });
  made->maximum_qos = maybe([&] { return static_cast<qos>(number(0, 1)); });
  made->retain_available = maybe([&] { return coin(); });
  made->maximum_packet_size = maybe([&] { return number(1, forever); });
  made->assigned_client_identifier = maybe_text();
  made->topic_alias_maximum = maybe([&] { return two_bytes(); });
  made->reason_string = text();
  made->user_properties = pairs();
  made->wildcard_subscription_available = maybe([&] { return coin(); });
  made->subscription_identifiers_available = maybe([&] { return coin(); });
  made->shared_subscription_available = maybe([&] { return coin(); });
  made->server_keep_alive = maybe([&] { return two_bytes(); });
  made->response_information = maybe_text();
  made->server_reference = maybe_text();
  made->authentication_method = maybe_text();
  if (made->authentication_method)
    made->authentication_data = maybe_binary();
  return made;
}

inline std::unique_ptr<subscribe> any_packet::make_subscribe(version version) {
  auto made = std::make_unique<subscribe>();
  made->packet_id = id();
  const auto new_options = version == version::mqtt_5_0;
  for (auto count = number(1, 5); count > 0; --count)
    made->requests.push_back(
      {text(1), {level(), new_options && coin(), new_options && coin(),
                  static_cast<retain_handling>(new_options ? number(0, 2) : 0)}});
  if (new_options) {
    made->subscription_identifier = coin() ? 0 : number(1, 268'435'455);
    made->user_properties = pairs();
  }
  return made;
}

inline std::unique_ptr<unsubscribe> any_packet::make_unsubscribe(version version) {
  auto made = std::make_unique<unsubscribe>();
  made->packet_id = id();
  for (auto count = number(1, 5); count > 0; --count)
    made->filters.push_back(text(1));
  if (version == version::mqtt_5_0)
    made->user_properties = pairs();
  return made;
}

inline std::unique_ptr<suback> any_packet::make_suback(version version) {
  auto made = std::make_unique<suback>();
  made->packet_id = id();
  for (auto count = number(1, 5); count > 0; --count)
    made->codes.push_back(
      coin() ? reason_code::unspecified_error : static_cast<reason_code>(number(0, 2)));
  if (version == version::mqtt_5_0)
    made->reason_string = text();
  return made;
}

inline std::unique_ptr<unsuback> any_packet::make_unsuback(version version) {
  auto made = std::make_unique<unsuback>();
  made->packet_id = id();
  if (version != version::mqtt_5_0)
    return made;
  for (auto count = number(1, 5); count > 0; --count)
    made->codes.push_back(coin() ? reason_code::success : reason_code::no_subscription_existed);
  made->reason_string = text();
  return made;
}

inline std::unique_ptr<disconnect> any_packet::make_disconnect(version version, bool of_server) {
  auto made = std::make_unique<disconnect>();
  if (version != version::mqtt_5_0)
    return made;
  made->code = coin() ? reason_code::success : reason_code::quota_exceeded;
  if (of_server)
    made->server_reference = text();
  else
    made->session_expiry_interval = maybe([&] { return number(0, forever); });
  made->reason_string = text();
  made->user_properties = pairs();
  return made;
}

inline std::unique_ptr<auth> any_packet::make_auth(bool of_server) {
  auto made = std::make_unique<auth>();
  const auto other = of_server ? reason_code::success : reason_code::re_authenticate;
  made->code = coin() ? reason_code::continue_authentication : other;
  made->authentication_method = text();
  made->authentication_data = maybe_binary();
  made->reason_string = text();
  made->user_properties = pairs();
  return made;
}

inline acknowledgement any_packet::make_acknowledgement(version version) {
  acknowledgement made{static_cast<ack_type>(number(4, 7)), id()};
  if (version != version::mqtt_5_0 || coin())
    return made;
  const auto early = made.type == ack_type::puback || made.type == ack_type::pubrec;
  made.code = early ? reason_code::not_authorized : reason_code::packet_identifier_not_found;
  return made;
}

} // namespace callboard::protocol::testing
