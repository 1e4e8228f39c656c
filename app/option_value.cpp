#include "app/option_value.hpp"

#include "app/choices.hpp"
#include "app/endpoint.hpp"
#include "app/nearest.hpp"

#include <algorithm>
#include <charconv>
#include <concepts>
#include <fmt/format.h>
#include <type_traits>

namespace callboard::app {

namespace {

using actors::settings;
using answer = std::optional<complaint>;

template <class Value>
concept number = std::unsigned_integral<Value> && !std::same_as<Value, bool>;

template <class Value>
concept a_list = std::same_as<Value, listeners> || std::same_as<Value, topic_durabilities> ||
  std::same_as<Value, topic_shares>;

/// What is to be assigned, for the functions below: one for each kind of value.
struct given {
  const option& one;
  std::string_view group;
  std::string_view text;
};

std::string join(std::span<const std::string_view> words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

answer read(std::string& value, const given& what) {
  if (what.one.rule != nullptr)
    if (auto wrong = what.one.rule(what.text))
      return wrong;
  value = what.text;
  return std::nullopt;
}

answer read(bool& value, const given& what) {
  if (what.text != "true" && what.text != "false")
    return complaint{
      fmt::format("'{}' is neither true nor false", what.text), "write true or false"};
  value = what.text == "true";
  return std::nullopt;
}

template <number Number>
answer read(Number& value, const given& what) {
  std::uint64_t parsed = 0;
  const auto* end = what.text.data() + what.text.size();
  const auto [stopped, failure] = std::from_chars(what.text.data(), end, parsed);
  const auto too_large = failure == std::errc::result_out_of_range;
  const auto signed_number = what.text.size() > 1 && what.text.front() == '-' &&
                             what.text.find_first_not_of("0123456789", 1) == std::string_view::npos;
  if ((failure != std::errc{} || stopped != end) && !too_large && !signed_number)
    return complaint{fmt::format("'{}' is not a whole number", what.text),
      fmt::format("write {}", describe_range(what.one))};
  if (too_large || signed_number || parsed < what.one.least || parsed > what.one.greatest)
    return complaint{fmt::format("{} is out of range", what.text),
      fmt::format("write {}", describe_range(what.one))};
  value = static_cast<Number>(parsed);
  return std::nullopt;
}

template <class Enum>
  requires std::is_enum_v<Enum> answer read(Enum& value, const given& what) {
    const auto words = choices(value);
    const auto at = std::find(words.begin(), words.end(), what.text);
    if (at != words.end()) {
      value = static_cast<Enum>(at - words.begin());
      return std::nullopt;
    }
    const auto meant = nearest(what.text, {words.begin(), words.end()});
    return complaint{fmt::format("'{}' is not one of {}", what.text, join(words)),
      meant.empty() ? "write one of them" : fmt::format("did you mean '{}'?", meant)};
  }

answer read(listeners& value, const given& what) {
  auto place = parse_endpoint(what.text);
  if (!place)
    return complaint{fmt::format("'{}' is not HOST:PORT", what.text),
      "write for example 127.0.0.1:1883 or [::1]:1883, with a port of 0 to 65535"};
  value.push_back(std::move(*place));
  return std::nullopt;
}

answer read(strategies& value, const given& what) {
  if (auto wrong = what.one.rule(what.group))
    return wrong;
  auto strategy = actors::share_strategy::round_robin;
  auto wrong = read(strategy, what);
  if (!wrong)
    value.insert_or_assign(std::string{what.group}, strategy);
  return wrong;
}

/// FILTER=VALUE, with VALUE for this member.
template <class Rule, class Value>
answer read_topic_rule(
  std::vector<Rule>& value, Value Rule::*member, std::string_view form, const given& what) {
  const auto at = what.text.rfind('=');
  if (at == std::string_view::npos)
    return complaint{fmt::format("'{}' is not {}", what.text, form),
      fmt::format("write for example {}", what.one.example)};
  Rule added{std::string{what.text.substr(0, at)}};
  if (auto wrong = what.one.rule(added.filter))
    return wrong;
  auto wrong = read(added.*member, {what.one, {}, what.text.substr(at + 1)});
  if (!wrong)
    value.push_back(std::move(added));
  return wrong;
}

answer read(topic_durabilities& value, const given& what) {
  return read_topic_rule(value, &actors::topic_durability::level, "FILTER=WORD", what);
}

answer read(topic_shares& value, const given& what) {
  return read_topic_rule(value, &protocol::queue_share::percent, "FILTER=PERCENT", what);
}

std::string write(const std::string& value) {
  return quoted(value);
}

std::string write(bool value) {
  return value ? "true" : "false";
}

template <number Number>
std::string write(Number value) {
  return std::to_string(value);
}

template <class Enum>
  requires std::is_enum_v<Enum> std::string write(Enum value) {
    return quoted(to_word(value));
  }

std::string write(const listeners& value) {
  std::vector<std::string> places;
  for (const auto& place : value)
    places.push_back(quoted(to_string(place)));
  return fmt::format("[{}]", fmt::join(places, ", "));
}

std::string write(const strategies& value) {
  std::string lines;
  for (const auto& [group, strategy] : value)
    lines += fmt::format("{} = {}\n", quoted(group), write(strategy));
  return lines;
}

std::string write(const topic_durabilities& value) {
  std::vector<std::string> all;
  for (const auto& one : value)
    all.push_back(quoted(fmt::format("{}={}", one.filter, to_word(one.level))));
  return fmt::format("[{}]", fmt::join(all, ", "));
}

std::string write(const topic_shares& value) {
  std::vector<std::string> all;
  for (const auto& one : value)
    all.push_back(quoted(fmt::format("{}={}", one.filter, one.percent)));
  return fmt::format("[{}]", fmt::join(all, ", "));
}

template <class Value>
std::string range_of(const Value& value, const option& one) {
  if constexpr (std::same_as<Value, bool>)
    return "true or false";
  else if constexpr (number<Value>)
    return fmt::format(
      "{} to {}{}{}", one.least, one.greatest, one.unit.empty() ? "" : " ", one.unit);
  else if constexpr (std::is_enum_v<Value>)
    return join(choices(value));
  else if constexpr (std::same_as<Value, listeners>)
    return "HOST:PORT, one or several";
  else if constexpr (std::same_as<Value, strategies>)
    return "ShareName = " + join(choices(actors::share_strategy{}));
  else if constexpr (std::same_as<Value, topic_durabilities>)
    return "FILTER=WORD, none or several; WORD is " + join(choices(actors::durability{}));
  else if constexpr (std::same_as<Value, topic_shares>)
    return fmt::format(
      "FILTER=PERCENT, none or several; PERCENT is {} to {}", one.least, one.greatest);
  else
    return "text";
}

/// Whether the option's member is of one of these types.
template <class... Values>
bool holds(const option& one) {
  return (std::holds_alternative<Values settings::*>(one.member) || ...);
}

} // namespace

answer assign(settings& into, const option& one, std::string_view group, std::string_view text) {
  return std::visit(
    [&](auto member) {
      return read(into.*member, given{one, group, text});
    },
    one.member);
}

void clear_list(settings& from, const option& one) {
  std::visit(
    [&](auto member) {
      if constexpr (a_list<std::remove_reference_t<decltype(from.*member)>>)
        (from.*member).clear();
    },
    one.member);
}

std::string to_toml(const settings& from, const option& one) {
  return std::visit([&](auto member) { return write(from.*member); }, one.member);
}

std::string describe_range(const option& one) {
  const settings defaults;
  return std::visit([&](auto member) { return range_of(defaults.*member, one); }, one.member);
}

bool is_table(const option& one) {
  return holds<strategies>(one);
}

bool is_list(const option& one) {
  return holds<listeners, topic_durabilities, topic_shares>(one);
}

bool may_be_empty(const option& one) {
  return holds<topic_durabilities, topic_shares>(one);
}

bool is_switch(const option& one) {
  return holds<bool>(one);
}

bool is_number(const option& one) {
  return holds<std::uint16_t, std::uint32_t, std::uint64_t>(one);
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const auto letter : text) {
    if (letter == '"' || letter == '\\')
      out += {'\\', letter};
    else if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F)
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(letter));
    else
      out += letter;
  }
  return out + "\"";
}

} // namespace callboard::app
