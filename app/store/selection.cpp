#include "app/store/selection.hpp"

#include "protocol/topics/topic_filter.hpp"

namespace callboard::app::store {

namespace {

/// Takes the first level off; nothing once there is none.
std::optional<std::string_view> take_level(std::optional<std::string_view>& rest) {
  if (!rest)
    return std::nullopt;
  const auto end = rest->find('/');
  const auto level = rest->substr(0, end);
  if (end == std::string_view::npos)
    rest.reset();
  else
    rest->remove_prefix(end + 1);
  return level;
}

bool is_wild(std::string_view level) {
  return level == "+" || level == "#";
}

/// A leading wildcard does not match topics that begin with `$` (MQTT5-4.7.2-1).
bool kept_out(std::string_view left, std::string_view right) {
  return (is_wild(left) && right.starts_with('$')) || (is_wild(right) && left.starts_with('$'));
}

} // namespace

bool overlap(std::string_view left, std::string_view right) {
  if (kept_out(left.substr(0, left.find('/')), right.substr(0, right.find('/'))))
    return false;
  std::optional<std::string_view> left_rest{left};
  std::optional<std::string_view> right_rest{right};
  for (;;) {
    const auto one = take_level(left_rest);
    const auto other = take_level(right_rest);
    if (one == "#" || other == "#") // which stands for no level, too
      return true;
    if (!one || !other)
      return !one && !other;
    if (*one != *other && *one != "+" && *other != "+")
      return false;
  }
}

bool selection::takes_topic(std::string_view topic) const {
  return !filter_ || protocol::matches(*filter_, topic);
}

bool selection::takes(const protocol::subscription& one) const {
  return !filter_ || overlap(*filter_, one.topic_filter());
}

} // namespace callboard::app::store
