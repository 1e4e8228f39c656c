#include "persistence/overlay/session_overlay.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace callboard::persistence {

namespace {

/// Messages of one session by the number of their body: two deliveries of one
/// message share it again.
class loaded_bodies {
public:
  explicit loaded_bodies(const table_reader& tables) : tables_{tables} {}

  /// Null if it cannot be read.
  protocol::message_ptr get(std::uint64_t number) {
    auto& message = all_[number];
    if (!message && number != 0)
      message = tables_.body(number);
    return message;
  }

private:
  const table_reader& tables_;
  std::unordered_map<std::uint64_t, protocol::message_ptr> all_;
};

/// PUBREC has come: only that it is of QoS 2 is left.
protocol::delivery released() {
  protocol::delivery what;
  what.qos = protocol::qos::exactly_once;
  return what;
}

} // namespace

/// Deliveries as they are, with their messages.
class session_overlay::delivery_snapshot {
public:
  delivery_snapshot(const session_overlay& of, const table_reader& tables,
    std::vector<protocol::operation>& all, session_losses& lost)
      : of_{of}, tables_{tables}, bodies_{tables}, all_{all}, lost_{lost} {}

  void take() {
    for (const auto& sent : of_.head_.in_flight)
      take(sent);
    std::uint64_t found = 0;
    of_.each_waiting(
      tables_, [&](delivery_position at, const protocol::delivery& what, std::uint64_t body) {
        take_waiting(at, what, body);
        ++found;
      });
    lost_.waiting = of_.head_.waiting - std::min(found, of_.head_.waiting);
  }

private:
  void take(const delivery_sent_off& sent) {
    auto what = sent.position == 0 ? released() : find(sent.position);
    if (sent.position != 0 && !what.message)
      lost_.unreadable.push_back(sent.position);
    else
      all_.emplace_back(protocol::delivery_in_flight{sent.id, sent.released, std::move(what)});
  }

  void take_waiting(delivery_position at, protocol::delivery what, std::uint64_t body) {
    if (!what.message)
      what.message = bodies_.get(body);
    if (what.message)
      all_.emplace_back(protocol::delivery_enqueued{std::move(what)});
    else
      lost_.unreadable.push_back(at);
  }

  /// Without a message if it cannot be read.
  protocol::delivery find(delivery_position at) {
    if (!of_.in_tables(at))
      return of_.added(at).what;
    auto row = tables_.delivery(of_.head_.rows, at);
    if (!row)
      return {};
    row->what.message = bodies_.get(row->body);
    return std::move(row->what);
  }

  const session_overlay& of_;
  const table_reader& tables_;
  loaded_bodies bodies_;
  std::vector<protocol::operation>& all_;
  session_losses& lost_;
};

std::vector<protocol::operation> session_overlay::snapshot(
  const table_reader& tables, session_losses& lost) const {
  std::vector<protocol::operation> all;
  for (auto& one : subscriptions(tables))
    all.emplace_back(protocol::subscription_put{std::move(one)});
  if (head_.rows != 0)
    lost.subscriptions =
      head_.subscribed -
      std::min<std::uint64_t>(tables.subscriptions(head_.rows).size(), head_.subscribed);
  delivery_snapshot{*this, tables, all, lost}.take();
  tables.note_missing(lost.waiting + lost.subscriptions);
  for (const auto id : head_.inbound)
    all.emplace_back(protocol::publication_received{id});
  all.emplace_back(protocol::numbers_continued{head_.last_packet_id, head_.last_subscription});
  all.emplace_back(protocol::client_attached{head_.expiry});
  if (head_.will)
    all.emplace_back(protocol::will_set{head_.will});
  if (head_.will_at != protocol::never)
    all.emplace_back(protocol::will_armed{head_.will_at});
  if (!head_.attached)
    all.emplace_back(protocol::client_detached{head_.detached_at});
  return all;
}

void session_overlay::give_up(const session_losses& lost) {
  head_.waiting -= lost.waiting;
  head_.subscribed -= lost.subscriptions;
  for (const auto at : lost.unreadable) {
    const auto sent = std::ranges::find(head_.in_flight, at, &delivery_sent_off::position);
    if (sent != head_.in_flight.end()) {
      head_.in_flight.erase(sent);
      remove(at);
    } else {
      remove_waiting(at, false);
    }
  }
}

} // namespace callboard::persistence
