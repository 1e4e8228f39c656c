#include "app/client/property_arguments.hpp"

#include "app/nearest.hpp"
#include "protocol/codec/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace callboard::app::client {

namespace {

using outcome = std::optional<std::string>;
using texts = std::span<const std::string>;

constexpr std::size_t longest = 65'535;
constexpr std::uint32_t greatest_subscription_identifier = 268'435'455;

outcome read(bool& value, texts given) {
  if (given[0] != "0" && given[0] != "1")
    return fmt::format("'{}' is neither 0 nor 1", given[0]);
  value = given[0] == "1";
  return std::nullopt;
}

template <class Number>
outcome read_number(Number& value, texts given, Number least, Number greatest) {
  Number parsed = 0;
  const auto* end = given[0].data() + given[0].size();
  const auto [stopped, wrong] = std::from_chars(given[0].data(), end, parsed);
  if (wrong != std::errc{} || stopped != end || parsed < least || parsed > greatest)
    return fmt::format("'{}' is not a number from {} to {}", given[0], least, greatest);
  value = parsed;
  return std::nullopt;
}

outcome read(std::uint16_t& value, texts given, std::uint16_t least = 0) {
  return read_number<std::uint16_t>(value, given, least, 65'535);
}

outcome read(std::uint32_t& value, texts given, std::uint32_t least = 0,
  std::uint32_t greatest = protocol::forever) {
  return read_number<std::uint32_t>(value, given, least, greatest);
}

outcome check_text(const std::string& text) {
  if (text.size() > longest || !protocol::valid_utf8(text))
    return fmt::format("'{}' is not UTF-8 of at most {} bytes", text, longest);
  return std::nullopt;
}

outcome read(std::optional<std::string>& value, texts given) {
  value = given[0];
  return check_text(given[0]);
}

outcome read_binary(std::optional<std::string>& value, texts given) {
  value = given[0];
  if (given[0].size() > longest)
    return fmt::format("it is longer than {} bytes", longest);
  return std::nullopt;
}

outcome read(protocol::user_properties& value, texts given) {
  value.emplace_back(given[0], given[1]);
  auto wrong = check_text(given[0]);
  return wrong ? wrong : check_text(given[1]);
}

/// One property that can be given.
struct entry {
  std::string_view command;
  std::string_view identifier;
  outcome (*take)(property_arguments& into, texts given);
};

constexpr std::string_view user_property = "user-property";

// clang-format off
constexpr std::array entries{
  entry{"connect", "maximum-packet-size", [](auto& into, texts given) { return read(into.connect.maximum_packet_size, given, 1); }},
  entry{"connect", "receive-maximum", [](auto& into, texts given) { into.connect.receive_maximum_given = true; return read(into.connect.receive_maximum, given, 1); }},
  entry{"connect", "request-problem-information", [](auto& into, texts given) { return read(into.connect.request_problem_information, given); }},
  entry{"connect", "request-response-information", [](auto& into, texts given) { return read(into.connect.request_response_information, given); }},
  entry{"connect", "session-expiry-interval", [](auto& into, texts given) { return read(into.connect.session_expiry_interval, given); }},
  entry{"connect", "topic-alias-maximum", [](auto& into, texts given) { return read(into.connect.topic_alias_maximum, given); }},
  entry{"connect", user_property, [](auto& into, texts given) { return read(into.connect.user_properties, given); }},
  entry{"publish", "content-type", [](auto& into, texts given) { return read(into.publish.properties.content_type, given); }},
  entry{"publish", "correlation-data", [](auto& into, texts given) { return read_binary(into.publish.properties.correlation_data, given); }},
  entry{"publish", "message-expiry-interval", [](auto& into, texts given) { return read(into.publish.message_expiry_interval, given); }},
  entry{"publish", "payload-format-indicator", [](auto& into, texts given) { return read(into.publish.properties.payload_is_utf8.emplace(), given); }},
  entry{"publish", "response-topic", [](auto& into, texts given) { return read(into.publish.properties.response_topic, given); }},
  entry{"publish", "topic-alias", [](auto& into, texts given) { return read(into.topic_alias, given, 1); }},
  entry{"publish", user_property, [](auto& into, texts given) { return read(into.publish.properties.user_properties, given); }},
  entry{"will", "content-type", [](auto& into, texts given) { return read(into.will.properties.content_type, given); }},
  entry{"will", "correlation-data", [](auto& into, texts given) { return read_binary(into.will.properties.correlation_data, given); }},
  entry{"will", "message-expiry-interval", [](auto& into, texts given) { return read(into.will.message_expiry_interval, given); }},
  entry{"will", "payload-format-indicator", [](auto& into, texts given) { return read(into.will.properties.payload_is_utf8.emplace(), given); }},
  entry{"will", "response-topic", [](auto& into, texts given) { return read(into.will.properties.response_topic, given); }},
  entry{"will", "will-delay-interval", [](auto& into, texts given) { return read(into.will_delay_interval, given); }},
  entry{"will", user_property, [](auto& into, texts given) { return read(into.will.properties.user_properties, given); }},
  entry{"subscribe", "subscription-identifier", [](auto& into, texts given) { return read(into.subscription_identifier, given, 1, greatest_subscription_identifier); }},
  entry{"subscribe", user_property, [](auto& into, texts given) { return read(into.subscribe, given); }},
  entry{"unsubscribe", user_property, [](auto& into, texts given) { return read(into.unsubscribe, given); }},
  entry{"disconnect", "session-expiry-interval", [](auto& into, texts given) { return read(into.disconnect.session_expiry_interval.emplace(), given); }},
  entry{"disconnect", user_property, [](auto& into, texts given) { return read(into.disconnect.user_properties, given); }},
};
// clang-format on

std::string suggest(std::string_view unknown, const std::vector<std::string_view>& known) {
  const auto meant = nearest(unknown, known);
  return meant.empty() ? fmt::format("choose one of {}", fmt::join(known, ", "))
                       : fmt::format("did you mean {}?", meant);
}

outcome unknown(const entry& asked, std::span<const std::string_view> commands) {
  if (std::find(commands.begin(), commands.end(), asked.command) == commands.end())
    return fmt::format(
      "-D {}: {}", asked.command, suggest(asked.command, {commands.begin(), commands.end()}));
  std::vector<std::string_view> identifiers;
  for (const auto& one : entries)
    if (one.command == asked.command)
      identifiers.push_back(one.identifier);
  return fmt::format(
    "-D {} {}: {}", asked.command, asked.identifier, suggest(asked.identifier, identifiers));
}

/// Takes one property; `rest` begins behind `-D`. Says how many arguments it was.
outcome take_one(texts rest, std::span<const std::string_view> commands, property_arguments& into,
  std::size_t& used) {
  if (rest.size() < 3)
    return "-D needs COMMAND IDENTIFIER VALUE";
  const entry asked{rest[0], rest[1], nullptr};
  const auto allowed = std::find(commands.begin(), commands.end(), asked.command) != commands.end();
  const auto* found = std::find_if(entries.begin(), entries.end(), [&](const entry& one) {
    return one.command == asked.command && one.identifier == asked.identifier;
  });
  if (!allowed || found == entries.end())
    return unknown(asked, commands);
  const std::size_t values = found->identifier == user_property ? 2 : 1;
  used = 2 + values;
  if (rest.size() < used)
    return fmt::format("-D {} user-property needs NAME VALUE", asked.command);
  if (const auto wrong = found->take(into, rest.subspan(2, values)))
    return fmt::format("-D {} {}: {}", asked.command, asked.identifier, *wrong);
  return std::nullopt;
}

} // namespace

outcome take_properties(
  arguments& given, std::span<const std::string_view> commands, property_arguments& into) {
  arguments others;
  for (std::size_t at = 0; at < given.size(); ++at) {
    if (given[at] != "-D" && given[at] != "--property") {
      others.push_back(given[at]);
      continue;
    }
    into.given = true;
    std::size_t used = 0;
    if (auto wrong = take_one(texts{given}.subspan(at + 1), commands, into, used))
      return wrong;
    at += used;
  }
  given = std::move(others);
  return std::nullopt;
}

std::string property_help(std::span<const std::string_view> commands) {
  std::string text;
  for (const auto command : commands) {
    text += fmt::format("  -D {} ", command);
    const auto* separator = "";
    for (const auto& one : entries)
      if (one.command == command)
        text += fmt::format("{}{}", std::exchange(separator, " | "), one.identifier);
    text += '\n';
  }
  return text;
}

} // namespace callboard::app::client
