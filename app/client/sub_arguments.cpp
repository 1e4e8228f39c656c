#include "app/client/sub_arguments.hpp"

#include "app/client/message_format.hpp"
#include "protocol/codec/utf8.hpp"
#include "protocol/topics/shared_filter.hpp"
#include "protocol/topics/topic_filter.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace callboard::app::client {

namespace {

const std::map<std::string, int> retain_handlings{{"always", 0}, {"new", 1}, {"never", 2}};

bool valid_filter(const std::string& filter) {
  return protocol::valid_utf8(filter) && protocol::parse_shared_filter(filter);
}

std::optional<std::string> check_filters(const std::vector<std::string>& filters) {
  const auto wrong = std::find_if_not(filters.begin(), filters.end(), valid_filter);
  if (wrong == filters.end())
    return std::nullopt;
  return fmt::format(
    "'{}' is no topic filter: '+' stands for a whole level, '#' for the last ones", *wrong);
}

} // namespace

void sub_arguments::add_to(CLI::App& parser) {
  add_subscription_to(parser);
  add_output_to(parser);
  connection.add_to(parser);
}

void sub_arguments::add_subscription_to(CLI::App& parser) {
  const auto* group = "Subscription";
  parser.add_option("-t,--topic,topic", filters_, "Topic filter; may be repeated")
    ->allow_extra_args(false)
    ->option_text("FILTER")
    ->group(group);
  parser.add_option("-q,--qos", qos_, "QoS 0, 1 or 2; default 0")
    ->check(CLI::Range(0, 2))
    ->option_text("QOS")
    ->group(group);
  parser
    .add_option(
      "-U,--unsubscribe", unsubscribe_, "Unsubscribe from this topic filter; may be repeated")
    ->allow_extra_args(false)
    ->option_text("FILTER")
    ->group(group);
  parser.add_flag("--no-local", no_local_, "Not what this client publishes; MQTT 5")->group(group);
  parser.add_flag("--retain-as-published", retain_as_published_, "Keep the retain flag; MQTT 5")
    ->group(group);
  parser
    .add_option("--retain-handling", retain_handling_,
      "Send retained messages always, for a new subscription, or never; MQTT 5")
    ->transform(CLI::Transformer(retain_handlings))
    ->check(CLI::Range(0, 2))
    ->option_text("always|new|never")
    ->group(group);
  parser.add_flag("-E", only_subscribe_, "End when subscribed")->group(group);
}

void sub_arguments::add_output_to(CLI::App& parser) {
  const auto* group = "Output";
  parser.add_flag("-v,--verbose", verbose_, "Print the topic too")->group(group);
  parser.add_option("-F,--format", format_, "Print this for each message; see below")
    ->option_text("FORMAT")
    ->group(group);
  parser.add_flag("-N", no_end_of_line_, "No end of line after a message")->group(group);
  parser.add_option("-C", count_, "End after so many messages")
    ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{4'294'967'295}))
    ->option_text("MESSAGES")
    ->group(group);
  parser
    .add_option(
      "-T,--filter-out", filters_out_, "Topic filter of what not to print; may be repeated")
    ->allow_extra_args(false)
    ->option_text("FILTER")
    ->group(group);
  auto* stale = parser.add_flag("-R", no_retained_, "Print no retained messages")->group(group);
  parser
    .add_flag(
      "--retained-only", retained_only_, "Print retained messages, and end at the first other")
    ->excludes(stale)
    ->group(group);
}

std::optional<std::string> sub_arguments::check() const {
  if (filters_.empty() && unsubscribe_.empty())
    return "no topic filter: name one with -t";
  for (const auto* filters : {&filters_, &unsubscribe_, &filters_out_})
    if (auto wrong = check_filters(*filters))
      return wrong;
  if (format_)
    if (auto wrong = check_format(*format_))
      return "-F: " + *wrong;
  return connection.check(properties);
}

protocol::subscribe sub_arguments::subscribe() const {
  protocol::subscribe request;
  request.subscription_identifier = properties.subscription_identifier;
  request.user_properties = properties.subscribe;
  const protocol::subscription_options options{static_cast<protocol::qos>(qos_), no_local_,
    retain_as_published_, static_cast<protocol::retain_handling>(retain_handling_)};
  for (const auto& filter : filters_)
    request.requests.push_back({filter, options});
  return request;
}

protocol::unsubscribe sub_arguments::unsubscribe() const {
  protocol::unsubscribe request;
  request.filters = unsubscribe_;
  request.user_properties = properties.unsubscribe;
  return request;
}

bool sub_arguments::wants(std::string_view topic, bool retained) const {
  if (retained && no_retained_)
    return false;
  return std::none_of(filters_out_.begin(), filters_out_.end(),
    [&](const std::string& filter) { return protocol::matches(filter, topic); });
}

std::string sub_arguments::format() const {
  const std::string line = format_ ? *format_ : verbose_ ? "%t %p" : "%p";
  return no_end_of_line_ ? line : line + "\n";
}

} // namespace callboard::app::client
