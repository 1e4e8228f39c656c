#include "app/client/pub_arguments.hpp"

#include "protocol/codec/utf8.hpp"
#include "protocol/topics/topic_filter.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace callboard::app::client {

void pub_arguments::add_to(CLI::App& parser) {
  const auto* group = "Payload, one of these";
  parser.add_option("-m,--message", message_, "This text")->option_text("TEXT")->group(group);
  parser.add_option("-f,--file", file_, "The content of a file")->option_text("FILE")->group(group);
  parser
    .add_flag("-n,--null-message", null_message_, "Nothing; with -r it clears the retained message")
    ->group(group);
  parser.add_flag("-s,--stdin-file", from_stdin_, "All of stdin")->group(group);
  parser.add_flag("-l,--stdin-line", lines_, "Each line of stdin, a message of its own")
    ->group(group);
  group = "Message";
  parser.add_option("-t,--topic,topic", topic_, "Topic to publish to")
    ->option_text("TOPIC")
    ->group(group);
  parser.add_option("-q,--qos", qos_, "QoS 0, 1 or 2; default 0")
    ->check(CLI::Range(0, 2))
    ->option_text("QOS")
    ->group(group);
  parser.add_flag("-r,--retain", retain_, "Retain the message")->group(group);
  parser.add_option("--repeat", repeat_, "Publish it so many times")
    ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{4'294'967'295}))
    ->option_text("TIMES")
    ->group(group);
  parser.add_option("--repeat-delay", repeat_delay_, "Time between them")
    ->check(CLI::Range(0.0, 1e8))
    ->option_text("SECONDS")
    ->group(group);
  parser
    .add_option(
      "-M,--max-inflight", inflight_, "QoS 1 and 2 messages on the way at a time; default 20")
    ->check(CLI::Range(1, 65'535))
    ->option_text("MESSAGES")
    ->group(group);
  connection.add_to(parser);
}

std::optional<std::string> pub_arguments::check() const {
  if (topic_.empty())
    return "no topic: name one with -t";
  if (protocol::has_wildcard(topic_))
    return fmt::format("'{}' has wildcards, which are for subscribing", topic_);
  if (!protocol::valid_topic_name(topic_) || !protocol::valid_utf8(topic_))
    return fmt::format("'{}' is no topic: UTF-8, 1 to 65535 bytes", topic_);
  const std::array sources{
    message_.has_value(), !file_.empty(), null_message_, from_stdin_, lines_};
  if (std::count(sources.begin(), sources.end(), true) != 1)
    return "give one of -m, -f, -n, -s and -l";
  if (lines_ && repeat_ != 1)
    return "--repeat does not go with -l";
  return connection.check(properties);
}

std::optional<std::string> pub_arguments::text() const {
  return null_message_ ? std::string{} : message_;
}

} // namespace callboard::app::client
