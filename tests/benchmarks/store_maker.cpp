// Fills a store, as a node would have, with sessions whose clients are away and with
// retained messages: what a start is measured with.
//
//   store_maker DIR SESSIONS RETAINED [QUEUED]
//
// Session `client-N` has one subscription at QoS 1, `site/N/command`, and QUEUED messages
// that wait; retained messages are on `site/N/state`.

#include "persistence/lmdb_store.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

namespace {

using namespace callboard;

constexpr std::uint64_t at_once = 5'000;

protocol::message_ptr message_on(std::string_view topic) {
  protocol::message_head head;
  head.qos = protocol::qos::at_least_once;
  return protocol::message::make(head, topic, {}, "0123456789012345678901234567890123456789");
}

persistence::session_changes session(std::uint64_t number, std::uint64_t queued) {
  const auto name = std::to_string(number);
  persistence::session_changes one{"client-" + name, number + 1, {}};
  auto& all = one.operations;
  all.emplace_back(protocol::client_attached{UINT32_MAX});
  protocol::subscription_put put;
  put.what.number = 1;
  put.what.filter = "site/" + name + "/command";
  put.what.options.maximum_qos = protocol::qos::at_least_once;
  all.emplace_back(std::move(put));
  for (std::uint64_t i = 0; i < queued; ++i) {
    protocol::delivery_enqueued waits;
    waits.what.message = message_on("site/" + name + "/command");
    waits.what.qos = protocol::qos::at_least_once;
    all.emplace_back(std::move(waits));
  }
  all.emplace_back(protocol::client_detached{std::chrono::steady_clock::now()});
  return one;
}

bool fill(
  persistence::store& store, std::uint64_t sessions, std::uint64_t retained, std::uint64_t queued) {
  for (std::uint64_t from = 0; from < std::max(sessions, retained); from += at_once) {
    persistence::batch changes;
    for (auto i = from; i < std::min(from + at_once, sessions); ++i)
      changes.sessions.push_back(session(i, queued));
    for (auto i = from; i < std::min(from + at_once, retained); ++i) {
      const auto topic = "site/" + std::to_string(i) + "/state";
      changes.retained.push_back({topic, message_on(topic)});
    }
    if (const auto failed = store.commit(changes, persistence::durability::os)) {
      std::fprintf(stderr, "store_maker: %s\n", failed->text.c_str());
      return false;
    }
  }
  for (auto more = store.fold(at_once); more && *more;)
    more = store.fold(at_once);
  return true;
}

} // namespace

int main(int count, char** words) {
  if (count < 4) {
    std::fprintf(stderr, "store_maker DIR SESSIONS RETAINED [QUEUED]\n");
    return 64;
  }
  const auto number = [&](int at) { return std::strtoull(words[at], nullptr, 10); };
  persistence::lmdb_options options;
  options.directory = words[1];
  options.safe_from = persistence::durability::os;
  options.clock = {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
  auto store = persistence::lmdb_store::open(options);
  if (!store) {
    std::fprintf(stderr, "store_maker: %s\n", store.error().text.c_str());
    return 1;
  }
  return fill(**store, number(2), number(3), count > 4 ? number(4) : 0) ? 0 : 1;
}
