#include "app/client/subscriber.hpp"

#include "app/client/message_format.hpp"
#include "app/client/reason_text.hpp"
#include "app/exit_code.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <iostream>

namespace callboard::app::client {

namespace {

using outcome = std::optional<failure>;

constexpr auto patience_to_finish = std::chrono::seconds{5};

} // namespace

subscriber::subscriber(const sub_arguments& asked)
    : console{asked.connection.quiet(), asked.connection.debug()}, asked_{asked},
      format_{asked.format()}, version_{asked.connection.connect(asked.properties).version},
      deadline_{asked.connection.deadline()}, call_{asked.connection.connect(asked.properties),
                                                *this} {}

int subscriber::run() {
  const auto wrong = talk();
  std::cout.flush();
  if (call_.dialogue().connected())
    call_.close(asked_.properties.disconnect);
  if (wrong)
    return report(*wrong);
  return refused_ ? refused_->code : exit_code::done;
}

outcome subscriber::talk() {
  if (auto wrong = call_.open(asked_.connection.host(), asked_.connection.port(), deadline_))
    return wrong;
  if (auto wrong = ask())
    return wrong;
  const auto done = [this] {
    std::cout.flush();
    return enough() || !std::cout;
  };
  if (auto wrong = call_.talk_until(done, deadline_))
    return wrong;
  finish_exchanges();
  return std::nullopt;
}

outcome subscriber::ask() {
  const auto request = asked_.subscribe();
  const auto farewell = asked_.unsubscribe();
  if (!farewell.filters.empty()) {
    call_.dialogue().unsubscribe(farewell);
    ++answers_awaited_;
  }
  if (!request.requests.empty()) {
    call_.dialogue().subscribe(request);
    ++answers_awaited_;
  }
  if (auto wrong = call_.talk_until([this] { return answers_awaited_ == 0; }, deadline_))
    return wrong;
  ended_ = ended_ || asked_.only_subscribe() || request.requests.empty();
  return refusals_ == request.requests.size() ? refused_ : std::nullopt;
}

bool subscriber::message(const protocol::publication& message) {
  if (enough())
    return false; // a session that stays keeps it for the next time
  ended_ = asked_.retained_only() && !message.retain;
  if (ended_ || !asked_.wants(message.topic, message.retain))
    return true;
  std::cout << apply_format(format_, message, version_, std::chrono::system_clock::now());
  ++printed_;
  return true;
}

void subscriber::subscribed(const protocol::suback& answer) {
  --answers_awaited_;
  const auto requests = asked_.subscribe().requests;
  for (std::size_t i = 0; i < std::min(requests.size(), answer.codes.size()); ++i) {
    if (!is_failure(answer.codes[i]))
      continue;
    const failure wrong{
      exit_code_for(answer.codes[i]), fmt::format("the broker refuses '{}': {}", requests[i].filter,
                                        describe(answer.codes[i], answer.reason_string))};
    ++refusals_;
    say_error(wrong.text);
    if (!refused_)
      refused_ = wrong;
  }
}

void subscriber::unsubscribed(const protocol::suback&) {
  --answers_awaited_;
}

/// Sends the acknowledgements that wait, and lets QoS 2 come to its end, so that a
/// session that stays does not bring these messages again.
void subscriber::finish_exchanges() {
  auto& dialogue = call_.dialogue();
  call_.talk_until([&] { return dialogue.idle() && dialogue.output().empty(); },
    clock::now() + patience_to_finish);
}

} // namespace callboard::app::client
