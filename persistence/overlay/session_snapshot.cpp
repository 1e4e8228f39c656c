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
  protocol::message_ptr get(const delivery_row& row) {
    if (row.body == 0)
      return row.inlined.empty() ? protocol::message_ptr{} : tables_.inlined(row.inlined);
    auto& message = all_[row.body];
    if (!message)
      message = tables_.body(row.body);
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
  delivery_snapshot(const session_overlay& of, const table_reader& tables, session_losses& lost)
      : of_{of}, tables_{tables}, bodies_{tables}, lost_{lost} {}

  void take_in_flight(std::vector<protocol::operation>& all) {
    for (const auto& sent : of_.head_.in_flight) {
      auto what = sent.position == 0 ? released() : find(sent.position);
      if (sent.position != 0 && !what.message)
        lost_.unreadable.push_back({sent.position, {}});
      else
        all.emplace_back(protocol::delivery_in_flight{sent.id, sent.released, std::move(what)});
    }
  }

  /// Of the queue, behind the first so many, up to this portion but one at least. Tells
  /// how much it has gone by.
  std::vector<protocol::delivery> take_waiting(
    std::size_t skipped, const protocol::queue_portion& portion, protocol::delivery_tally& seen) {
    std::vector<protocol::delivery> all;
    protocol::delivery_tally taken;
    bool is_whole = true;
    const auto jumped = of_.is_dense() ? std::exchange(skipped, 0) : 0;
    const auto from = of_.head_.first + jumped;
    of_.each_waiting(tables_, from, [&](const waiting_one& one) {
      if (skipped == 0 && !all.empty() && !portion.has_room_behind(taken))
        return is_whole = false;
      seen += one.tally;
      if (skipped > 0) {
        --skipped;
      } else {
        taken += one.tally;
        take_waiting(one, all);
      }
      return true;
    });
    if (is_whole && seen.count + jumped != of_.head_.waiting.count)
      note_missing();
    return all;
  }

private:
  void take_waiting(const waiting_one& one, std::vector<protocol::delivery>& all) {
    auto what = one.what;
    if (one.row != nullptr)
      what.message = bodies_.get(*one.row);
    if (what.message)
      all.push_back(std::move(what));
    else
      lost_.unreadable.push_back({one.position, one.tally});
  }

  /// All that there is has been seen, and more should be there.
  void note_missing() {
    lost_.waiting = of_.head_.waiting;
    of_.each_waiting(tables_, of_.head_.first, [&](const waiting_one& one) {
      lost_.waiting -= one.tally;
      return true;
    });
    tables_.note_missing(lost_.waiting.count);
  }

  /// Without a message if it cannot be read.
  protocol::delivery find(delivery_position at) {
    if (!of_.in_tables(at))
      return of_.added(at).what;
    auto row = tables_.delivery(of_.head_.rows, at);
    if (!row)
      return {};
    row->what.message = bodies_.get(*row);
    return std::move(row->what);
  }

  const session_overlay& of_;
  const table_reader& tables_;
  loaded_bodies bodies_;
  session_losses& lost_;
};

std::vector<protocol::delivery> session_overlay::waiting(const table_reader& tables,
  std::size_t skipped, const protocol::queue_portion& portion, session_losses& lost) const {
  protocol::delivery_tally seen;
  return delivery_snapshot{*this, tables, lost}.take_waiting(skipped, portion, seen);
}

std::vector<protocol::operation> session_overlay::snapshot(
  const table_reader& tables, const protocol::queue_portion& portion, session_losses& lost) const {
  std::vector<protocol::operation> all;
  for (auto& one : subscriptions(tables))
    all.emplace_back(protocol::subscription_put{std::move(one)});
  if (head_.rows != 0)
    lost.subscriptions =
      head_.subscribed -
      std::min<std::uint64_t>(tables.subscriptions(head_.rows).size(), head_.subscribed);
  tables.note_missing(lost.subscriptions);
  delivery_snapshot deliveries{*this, tables, lost};
  deliveries.take_in_flight(all);
  auto rest = head_.waiting;
  protocol::delivery_tally seen;
  const auto most = rest.shared == 0 ? portion : protocol::queue_portion{};
  for (auto& one : deliveries.take_waiting(0, most, seen))
    all.emplace_back(protocol::delivery_enqueued{std::move(one)});
  rest -= seen;
  rest -= lost.waiting;
  if (rest.count != 0)
    all.emplace_back(protocol::deliveries_resting{rest});
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
  for (const auto& [at, tally] : lost.unreadable) {
    const auto sent = std::ranges::find(head_.in_flight, at, &delivery_sent_off::position);
    if (sent != head_.in_flight.end()) {
      head_.in_flight.erase(sent);
      remove(at);
    } else {
      remove_waiting(at, tally);
    }
  }
}

} // namespace callboard::persistence
