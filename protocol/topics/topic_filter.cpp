#include "protocol/topics/topic_filter.hpp"

#include "protocol/topics/level_reader.hpp"

#include <algorithm>

namespace callboard::protocol {

namespace {

constexpr std::string_view wildcards = "+#";

bool valid_text(std::string_view text) {
  return !text.empty() && text.size() <= longest_topic && text.find('\0') == std::string_view::npos;
}

/// MQTT5-4.7.2-1: what begins with `$` is matched by its own first level only.
bool hidden_by_dollar(std::string_view filter, std::string_view topic) {
  return topic.starts_with('$') && !filter.starts_with('$');
}

} // namespace

bool valid_topic_filter(std::string_view filter) {
  if (!valid_text(filter))
    return false;
  level_reader levels{filter};
  while (!levels.done()) {
    const auto level = levels.next();
    if (level == "#")
      return levels.done();
    if (level != "+" && has_wildcard(level))
      return false;
  }
  return true;
}

bool valid_topic_name(std::string_view name) {
  return valid_text(name) && !has_wildcard(name);
}

bool matches(std::string_view filter, std::string_view topic) {
  if (hidden_by_dollar(filter, topic))
    return false;
  level_reader wanted{filter};
  level_reader found{topic};
  while (!wanted.done()) {
    const auto level = wanted.next();
    if (level == "#")
      return true; // also when the topic has no level left: `a/#` matches `a`
    if (found.done())
      return false;
    if (found.next() != level && level != "+")
      return false;
  }
  return found.done();
}

bool covers(std::string_view filter, std::string_view inner) {
  if (hidden_by_dollar(filter, inner))
    return false;
  level_reader wide{filter};
  level_reader narrow{inner};
  while (!wide.done()) {
    const auto level = wide.next();
    if (level == "#")
      return true; // also when the other has no level left, as in matches()
    if (narrow.done())
      return false;
    const auto below = narrow.next();
    if (below == "#" || (below != level && level != "+"))
      return false;
  }
  return narrow.done();
}

bool has_wildcard(std::string_view filter) {
  return filter.find_first_of(wildcards) != std::string_view::npos;
}

std::string_view literal_prefix(std::string_view filter) {
  auto prefix = filter.substr(0, filter.find_first_of(wildcards));
  if (prefix.size() < filter.size() && prefix.ends_with('/'))
    prefix.remove_suffix(1);
  return prefix;
}

std::size_t level_count(std::string_view text) {
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '/'));
}

std::string_view first_levels(std::string_view text, std::size_t count) {
  if (count == 0)
    return text.substr(0, 0);
  auto end = text.find('/');
  while (--count != 0 && end != std::string_view::npos)
    end = text.find('/', end + 1);
  return text.substr(0, end);
}

bool is_below(std::string_view topic, std::string_view prefix) {
  if (prefix.empty())
    return true;
  return topic.starts_with(prefix) &&
         (topic.size() == prefix.size() || topic[prefix.size()] == '/');
}

bool may_match_below(std::string_view filter, std::string_view prefix) {
  if (prefix.empty())
    return true;
  if (hidden_by_dollar(filter, prefix))
    return false;
  level_reader wanted{filter};
  level_reader given{prefix};
  while (!given.done()) {
    if (wanted.done())
      return false;
    const auto level = wanted.next();
    if (level == "#")
      return true;
    if (given.next() != level && level != "+")
      return false;
  }
  return true;
}

bool spans(std::string_view filter, std::string_view prefix) {
  return may_match_below(filter, prefix) && !is_below(literal_prefix(filter), prefix);
}

} // namespace callboard::protocol
