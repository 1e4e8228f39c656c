#include "app/client/publisher.hpp"

#include "app/client/reason_text.hpp"
#include "app/exit_code.hpp"

#include <chrono>
#include <fmt/format.h>
#include <unistd.h>

namespace callboard::app::client {

namespace {

using outcome = std::optional<failure>;

/// Bytes that may wait for the socket before we make more.
constexpr std::size_t enough_output = 1'048'576;

} // namespace

publisher::publisher(const pub_arguments& asked)
    : console{asked.connection.quiet(), asked.connection.debug()}, asked_{asked},
      deadline_{asked.connection.deadline()}, properties_{encode(
                                                asked.properties.publish.properties)},
      call_{asked.connection.connect(asked.properties), *this} {}

int publisher::run() {
  auto payload = asked_.text();
  if (!asked_.file().empty()) {
    auto content = read_payload(asked_.file());
    if (!content)
      return report({exit_code::bad_data, content.error().text});
    payload = std::move(*content);
  }
  if (const auto wrong = call_.open(asked_.connection.host(), asked_.connection.port(), deadline_))
    return report(*wrong);
  auto wrong = publish_all(payload);
  call_.close(asked_.properties.disconnect);
  if (wrong)
    return report(*wrong);
  return refused_ ? refused_->code : exit_code::done;
}

void publisher::published(const protocol::acknowledgement& answer) {
  if (!is_failure(answer.code))
    return;
  const failure wrong{exit_code_for(answer.code),
    fmt::format("the broker refuses message {}: {}", answer.packet_id, name_of(answer.code))};
  say_error(wrong.text);
  if (!refused_)
    refused_ = wrong;
}

outcome publisher::publish_all(const std::optional<std::string>& payload) {
  auto wrong = payload ? publish_repeatedly(*payload) : publish_lines();
  return wrong ? wrong : finish();
}

outcome publisher::publish_repeatedly(std::string_view payload) {
  const auto delay = std::chrono::duration_cast<clock::duration>(asked_.repeat_delay());
  auto next = clock::now();
  for (auto left = asked_.repeat(); left > 0; --left) {
    if (auto wrong = publish(payload))
      return wrong;
    next += delay;
    if (left > 1 && delay > clock::duration::zero())
      if (auto wrong = call_.talk_until(next, deadline_))
        return wrong;
  }
  return std::nullopt;
}

outcome publisher::publish_lines() {
  line_reader lines{STDIN_FILENO};
  for (;;) {
    if (const auto line = lines.next()) {
      if (auto wrong = publish(*line))
        return wrong;
      continue;
    }
    if (lines.at_end())
      return std::nullopt;
    if (auto wrong = call_.talk_until_readable(lines.file(), deadline_))
      return wrong;
    lines.read();
  }
}

outcome publisher::publish(std::string_view payload) {
  if (auto wrong = call_.talk_until([this] { return has_room(); }, deadline_))
    return wrong;
  protocol::outgoing_publication message;
  message.qos = asked_.qos();
  message.retain = asked_.retain();
  message.message_expiry_interval = asked_.properties.publish.message_expiry_interval;
  message.topic_alias = asked_.properties.topic_alias;
  message.topic = asked_.topic();
  message.properties = properties_;
  message.payload = payload;
  return call_.dialogue().publish(message);
}

outcome publisher::finish() {
  auto& dialogue = call_.dialogue();
  return call_.talk_until(
    [&] { return dialogue.output().empty() && dialogue.unacknowledged() == 0; }, deadline_);
}

bool publisher::has_room() {
  auto& dialogue = call_.dialogue();
  if (dialogue.output().size() > enough_output)
    return false;
  return asked_.qos() == protocol::qos::at_most_once ||
         (dialogue.room() > 0 && dialogue.unacknowledged() < asked_.inflight());
}

} // namespace callboard::app::client
