#include "protocol/topics/retained_cursor.hpp"

#include "protocol/topics/level_reader.hpp"
#include "protocol/topics/topic_filter.hpp"
#include "protocol/topics/topic_order.hpp"

#include <cstddef>
#include <optional>

namespace callboard::protocol {

namespace {

/// The smallest text behind all that begin with `$`.
constexpr std::string_view behind_dollar = "%";

std::string_view up_to(std::string_view text, const char* end) {
  return text.substr(0, static_cast<std::size_t>(end - text.data()));
}

} // namespace

bool retained_cursor::is_behind(std::string_view other) const {
  if (goes_on == place::end)
    return true;
  const auto order = compare_topics(other, topic);
  if (order < 0 || goes_on == place::at)
    return order < 0;
  return order == 0 || (goes_on == place::past && begins_with_levels(other, topic));
}

bool retained_cursor::stands_below(std::string_view prefix) const {
  const bool leaves = goes_on == place::end || (goes_on == place::past && topic == prefix);
  return !leaves && is_below(topic, prefix);
}

bool retained_cursor::advance(std::string_view filter, std::string_view from) {
  if (from.starts_with('$') && !filter.starts_with('$')) {
    go(place::at, behind_dollar); // MQTT5-4.7.2-1
    return false;
  }
  std::optional<std::string_view> choice; // up to the last level where others would do too
  const auto leave = [&] { choice ? go(place::past, *choice) : go(place::end, {}); };
  level_reader wanted{filter};
  level_reader found{from};
  while (!wanted.done()) {
    const auto level = wanted.next();
    if (level == "#") {
      go(place::behind, from);
      return true;
    }
    if (found.done()) {
      go(level == "+" ? place::behind : place::at, from);
      if (level != "+")
        topic.append("/").append(level);
      return false;
    }
    const auto here = found.next();
    if (level == "+") {
      choice = up_to(from, here.data() + here.size());
    } else if (const auto order = compare_topics(here, level); order < 0) {
      go(place::at, up_to(from, here.data()));
      topic.append(level);
      return false;
    } else if (order > 0) {
      leave();
      return false;
    }
  }
  if (found.done())
    go(place::behind, from);
  else
    leave();
  return found.done();
}

} // namespace callboard::protocol
