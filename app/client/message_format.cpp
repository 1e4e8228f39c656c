#include "app/client/message_format.hpp"

#include "app/client/message_json.hpp"
#include "app/client/time_text.hpp"
#include "protocol/codec/message_properties.hpp"

#include <fmt/format.h>
#include <utility>

namespace callboard::app::client {

namespace {

constexpr std::string_view letters = "%tpxXlqrmIUjACDEFPRS";
constexpr std::string_view escapes = "0aenrtv\\";
constexpr std::string_view characters{"\0\a\x1B\n\r\t\v\\", 8};

std::string hex(std::string_view bytes, bool capitals) {
  std::string text;
  for (const auto byte : bytes)
    text += capitals ? fmt::format("{:02X}", static_cast<unsigned char>(byte))
                     : fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::string join(const protocol::user_properties& properties) {
  std::string text;
  const auto* separator = "";
  for (const auto& [key, value] : properties)
    text += fmt::format("{}{}:{}", std::exchange(separator, " "), key, value);
  return text;
}

/// What the letters stand for in one message.
class fields {
public:
  fields(const protocol::publication& message, protocol::version version, wall_time came_at)
      : message_{message}, version_{version}, came_at_{came_at} {}

  std::string value(char letter) const;

private:
  std::string property(char letter) const;

  const protocol::publication& message_;
  protocol::version version_;
  wall_time came_at_;
};

std::string fields::value(char letter) const {
  switch (letter) {
  case '%':
    return "%";
  case 't':
    return std::string{message_.topic};
  case 'p':
    return std::string{message_.payload};
  case 'x':
  case 'X':
    return hex(message_.payload, letter == 'X');
  case 'l':
    return std::to_string(message_.payload.size());
  case 'q':
    return std::to_string(static_cast<int>(message_.qos));
  case 'r':
    return message_.retain ? "1" : "0";
  case 'm':
    return std::to_string(message_.packet_id);
  case 'I':
    return local_time(came_at_, "%Y-%m-%dT%H:%M:%S%z");
  case 'U':
    return fmt::format("{}.{:09}", local_time(came_at_, "%s"), within_second(came_at_).count());
  case 'j':
    return to_json(message_, version_, came_at_);
  default:
    return version_ == protocol::version::mqtt_5_0 ? property(letter) : std::string{};
  }
}

std::string fields::property(char letter) const {
  const auto found = protocol::decode_message_properties(message_.properties);
  switch (letter) {
  case 'A':
    return message_.topic_alias == 0 ? "" : std::to_string(message_.topic_alias);
  case 'C':
    return found.content_type.value_or("");
  case 'D':
    return found.correlation_data.value_or("");
  case 'E':
    return message_.message_expiry_interval == protocol::forever
             ? ""
             : std::to_string(message_.message_expiry_interval);
  case 'F':
    return found.payload_is_utf8 ? std::to_string(*found.payload_is_utf8 ? 1 : 0) : "";
  case 'P':
    return join(found.user_properties);
  case 'R':
    return found.response_topic.value_or("");
  default:
    return fmt::format("{}", fmt::join(protocol::subscription_identifiers(message_.packet), ":"));
  }
}

} // namespace

std::optional<std::string> check_format(std::string_view format) {
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%' && format[at] != '\\')
      continue;
    const auto& known = format[at] == '%' ? letters : escapes;
    ++at;
    if (at == format.size())
      return fmt::format("the format ends with '{}'", format.back());
    if (known.find(format[at]) == std::string_view::npos)
      return fmt::format("'{}' is not known in a format", format.substr(at - 1, 2));
  }
  return std::nullopt;
}

std::string apply_format(std::string_view format, const protocol::publication& message,
  protocol::version version, wall_time came_at) {
  const fields all{message, version, came_at};
  std::string text;
  for (std::size_t at = 0; at < format.size(); ++at)
    if (format[at] == '%')
      text += all.value(format[++at]);
    else if (format[at] == '\\')
      text += characters[escapes.find(format[++at])];
    else
      text += format[at];
  return text;
}

} // namespace callboard::app::client
