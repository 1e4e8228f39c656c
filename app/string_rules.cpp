#include "app/string_rules.hpp"

#include "protocol/codec/utf8.hpp"
#include "protocol/topics/topic_filter.hpp"

namespace callboard::app {

namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-_.";

bool has_any(std::string_view text, std::string_view unwanted) {
  return text.find_first_of(unwanted) != std::string_view::npos;
}

} // namespace

std::optional<complaint> check_node_name(std::string_view text) {
  if (!text.empty() && text.size() <= 64 &&
      text.find_first_not_of(letters) == std::string_view::npos)
    return std::nullopt;
  return complaint{"'" + std::string{text} + "' is no name for a node",
    "use 1 to 64 letters, digits, '-', '_', '.'"};
}

std::optional<complaint> check_path(std::string_view text) {
  if (!text.empty() && text.find('\0') == std::string_view::npos)
    return std::nullopt;
  return complaint{"this is no path", "name a directory, for example /var/lib/callboard"};
}

std::optional<complaint> check_response_information(std::string_view text) {
  if (text.size() <= 60'000 && !has_any(text, "+#") && protocol::valid_utf8(text))
    return std::nullopt;
  return complaint{
    "this cannot begin a topic name", "use UTF-8 without '+', '#' and NUL, at most 60000 bytes"};
}

std::optional<complaint> check_share_name(std::string_view text) {
  if (!text.empty() && !has_any(text, "/+#") && protocol::valid_utf8(text))
    return std::nullopt;
  return complaint{"'" + std::string{text} + "' cannot be a ShareName",
    "name the group as between the slashes of $share/NAME/filter, without '/', '+' and '#'"};
}

std::optional<complaint> check_topic_filter(std::string_view text) {
  if (text.starts_with("$share/"))
    return complaint{"'" + std::string{text} + "' is a shared subscription, not a topic filter",
      "write what follows $share/NAME/: the topics count, not who gets them"};
  if (protocol::valid_topic_filter(text) && protocol::valid_utf8(text))
    return std::nullopt;
  return complaint{"'" + std::string{text} + "' is no topic filter",
    "write one as for a subscription, '+' alone in its level and '#' alone in the last, for "
    "example sensors/+/temperature or sensors/#"};
}

} // namespace callboard::app
