#include "tests/power_cut/history.hpp"

#include <utility>

namespace callboard::persistence {

namespace {

constexpr std::uint32_t most_steps = 12;
constexpr std::uint32_t large = 12'000; // bytes: pages of their own
constexpr std::uint32_t small = 200;

const std::string queue_client(600, 'q'); // longer than a key of LMDB

} // namespace

history_step history::next() {
  switch (below(10)) {
  case 0:
    return {history_step::kind::folds, {}, 1 + below(20)};
  case 1:
    return below(3) == 0 ? history_step{history_step::kind::reopens, {}, 0} : next();
  default:
    return {history_step::kind::commits, changes(), 0};
  }
}

std::vector<history_step> history::with_commits(std::size_t commits) {
  std::vector<history_step> all;
  while (commits > 0) {
    all.push_back(next());
    if (all.back().what == history_step::kind::commits)
      --commits;
  }
  return all;
}

batch history::changes() {
  batch made;
  while (made.empty()) {
    for (auto steps = below(most_steps); steps > 0; --steps)
      storm(made);
    if (below(2) == 0)
      queue(made);
    if (below(3) == 0)
      retain(made);
    if (below(3) == 0)
      share(made);
  }
  return made;
}

void history::storm(batch& into) {
  const auto which = below(static_cast<std::uint32_t>(clients_.size()));
  auto& one = clients_[which];
  if (!one.storm || below(300) == 0)
    one = {++last_session_, std::make_unique<protocol::session_storm>(random_())};
  one.storm->step();
  if (one.storm->stormy().has_log())
    into.sessions.push_back({std::to_string(which), one.session, one.storm->stormy().take_log()});
}

/// A client that is away, whose queue grows and is drained.
void history::queue(batch& into) {
  session_changes changed{queue_client, 1, {}};
  if (!std::exchange(queue_begun_, true))
    changed.operations = {
      protocol::client_attached{1'000'000}, protocol::client_detached{protocol::start}};
  const bool drains = waiting_ > 60 || below(6) == 0;
  for (; drains && waiting_ > 0 && below(20) != 0; --waiting_)
    changed.operations.emplace_back(protocol::delivery_passed{});
  const bool grows_fast = below(4) == 0; // so that it goes straight into the tables
  for (auto more = grows_fast ? 16 + below(20) : below(4); more > 0; --more, ++waiting_) {
    protocol::delivery what;
    what.message = message("queue");
    what.qos = protocol::qos_1;
    changed.operations.emplace_back(protocol::delivery_enqueued{std::move(what)});
  }
  if (!changed.operations.empty())
    into.sessions.push_back(std::move(changed));
}

void history::retain(batch& into) {
  auto topic = std::to_string(below(6));
  auto what = below(4) == 0 ? protocol::message_ptr{} : message(topic);
  into.retained.push_back({std::move(topic), std::move(what)});
}

/// Messages go in the order of their tokens, more or less.
void history::share(batch& into) {
  if (below(2) == 0)
    into.shares.push_back({"group/filter", ++last_token_, message("share")});
  else if (last_token_ > 0)
    into.shares.push_back({"group/filter", 1 + below(static_cast<std::uint32_t>(last_token_)), {}});
}

protocol::message_ptr history::message(std::string_view topic) {
  const auto size = below(below(8) == 0 ? large : small);
  const auto payload = std::to_string(++last_message_) + std::string(size, 'x');
  return protocol::message::make({}, topic, {}, payload);
}

std::vector<batch> independent_batches(std::size_t count) {
  std::vector<batch> all;
  for (std::size_t number = 0; number < count; ++number) {
    const auto what = protocol::make_delivery(std::to_string(number) + std::string(3'000, 'x'));
    session_changes session{"client", 1, {protocol::delivery_enqueued{what}}};
    session_changes growing{"growing", 2, {}};
    for (int more = 0; more < 16; ++more)
      growing.operations.emplace_back(
        protocol::delivery_enqueued{protocol::make_delivery(std::to_string(number))});
    if (number == 0)
      for (auto* begins : {&session, &growing})
        begins->operations.emplace(begins->operations.begin(), protocol::client_attached{60});
    batch one;
    one.sessions.push_back(std::move(session));
    one.sessions.push_back(std::move(growing));
    one.retained.push_back({"topic", what.message});
    one.shares.push_back({"group/filter", number, what.message});
    all.push_back(std::move(one));
  }
  return all;
}

} // namespace callboard::persistence
