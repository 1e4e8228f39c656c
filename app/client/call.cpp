#include "app/client/call.hpp"

#include "app/exit_code.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace callboard::app::client {

namespace {

using outcome = std::optional<failure>;

constexpr auto patience_to_connect = std::chrono::seconds{10};
constexpr auto patience_to_close = std::chrono::seconds{5};

failure interrupted() {
  return {128 + interruption::signal(), "interrupted"};
}

failure lost() {
  return {exit_code::unreachable, "the connection was lost"};
}

} // namespace

outcome call::open(const std::string& host, std::uint16_t port, clock::time_point deadline) {
  const auto patience = std::min(deadline, clock::now() + patience_to_connect);
  if (const auto wrong = socket_.connect(host, port, patience, signals_)) {
    if (interruption::signal() != 0)
      return interrupted();
    return failure{exit_code::unreachable,
      fmt::format("cannot connect to {} port {}: {} — is a broker running there? "
                  "'callboard node' starts one",
        host, port, *wrong)};
  }
  dialogue_.open(clock::now());
  auto wrong = talk_until([this] { return dialogue_.connected(); }, patience);
  if (wrong && wrong->code == exit_code::timed_out)
    wrong->text = "the broker does not answer CONNECT";
  return wrong;
}

outcome call::talk_until(const std::function<bool()>& done, clock::time_point deadline) {
  bool ignored = false;
  while (!done())
    if (auto wrong = turn(deadline, -1, ignored))
      return wrong;
  return std::nullopt;
}

outcome call::talk_until(clock::time_point time, clock::time_point deadline) {
  auto wrong = talk_until([] { return false; }, std::min(time, deadline));
  const auto on_time = wrong->code == exit_code::timed_out && time <= deadline;
  return on_time ? std::nullopt : wrong;
}

outcome call::talk_until_readable(int file, clock::time_point deadline) {
  bool readable = false;
  while (!readable)
    if (auto wrong = turn(deadline, file, readable))
      return wrong;
  return std::nullopt;
}

outcome call::turn(clock::time_point deadline, int file, bool& file_readable) {
  if (interruption::signal() != 0)
    return interrupted();
  if (clock::now() >= deadline)
    return failure{exit_code::timed_out, "timed out"};
  auto& output = dialogue_.output();
  const auto until = std::min(deadline, dialogue_.next_tick());
  const auto woken = socket_.wait(!output.empty(), file, until, signals_);
  file_readable = woken.other_readable;
  if (woken.readable)
    if (auto wrong = read())
      return wrong;
  if (auto wrong = dialogue_.tick(clock::now()))
    return wrong;
  if (output.empty())
    return std::nullopt;
  dialogue_.sent(clock::now());
  return socket_.send(output) ? std::nullopt : outcome{lost()};
}

outcome call::read() {
  std::string bytes;
  const auto open = socket_.receive(bytes);
  if (auto wrong = dialogue_.take(bytes))
    return wrong;
  return open ? std::nullopt : outcome{lost()};
}

void call::close(const protocol::disconnect& farewell) {
  dialogue_.disconnect(farewell);
  auto& output = dialogue_.output();
  const auto deadline = clock::now() + patience_to_close;
  while (!output.empty() && clock::now() < deadline) {
    socket_.wait(true, -1, deadline, signals_);
    if (!socket_.send(output))
      return;
  }
}

} // namespace callboard::app::client
