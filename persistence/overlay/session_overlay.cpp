#include "persistence/overlay/session_overlay.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace callboard::persistence {

namespace {

bool returns_to_group(const protocol::delivery& what) {
  return what.share != 0 && what.qos == protocol::qos::at_least_once;
}

} // namespace

session_overlay::session_overlay(body_register& bodies, std::optional<session_head> head)
    : bodies_{bodies}, head_{head ? *std::move(head) : session_head{}}, base_{head_.next} {}

void session_overlay::apply(
  const session_changes& changes, const message_census& census, const table_reader& tables) {
  if (changes.session < head_.session)
    return;
  if (changes.session > head_.session) {
    end();
    head_.session = changes.session;
    head_.last_subscription = 0;
  }
  for (const auto& one : changes.operations)
    std::visit(
      [&](const auto& change) {
        if constexpr (requires { on(change, tables); })
          on(change, tables);
        else if constexpr (requires { on(change, census); })
          on(change, census);
        else
          on(change);
      },
      one);
  if (!head_.begun) { // nothing is kept of it, not even its numbers
    end();
    head_.session = 0;
    head_.last_subscription = 0;
  }
}

// -- the connection, and what hangs on it ---------------------------------------

void session_overlay::on(const protocol::client_attached& change) {
  head_.begun = head_.attached = true;
  head_.expiry = change.expiry;
}

void session_overlay::on(const protocol::client_detached& change) {
  head_.attached = false;
  head_.detached_at = change.at;
}

void session_overlay::on(const protocol::expiry_changed& change) {
  head_.expiry = change.expiry;
}

void session_overlay::on(const protocol::will_set& change) {
  head_.will = change.what;
  head_.will_at = protocol::never;
}

void session_overlay::on(const protocol::will_armed& change) {
  head_.will_at = change.at;
}

void session_overlay::on(const protocol::will_cleared&) {
  head_.will.reset();
  head_.will_at = protocol::never;
}

void session_overlay::on(const protocol::session_ended&) {
  end();
}

void session_overlay::end() {
  if (const auto rows = std::exchange(head_.rows, 0); rows != 0)
    dropped_.push_back(rows);
  session_head over;
  over.session = head_.session;
  over.last_subscription = head_.last_subscription;
  over.folded = head_.folded;
  over.first = over.next = head_.next;
  head_ = std::move(over);
  subscriptions_.clear();
  added_.clear();
  removed_.clear();
  ahead_.clear();
  base_ = head_.next;
  live_ = 0;
}

void session_overlay::on(const protocol::numbers_continued& change) {
  head_.last_subscription = change.last_subscription;
  if (change.last_packet_id != 0)
    head_.last_packet_id = change.last_packet_id;
}

// -- subscriptions --------------------------------------------------------------

void session_overlay::on(const protocol::subscription_put& change) {
  const auto number = change.what.number;
  head_.last_subscription = std::max(head_.last_subscription, number);
  subscriptions_.insert_or_assign(number, change.what);
}

void session_overlay::on(const protocol::subscription_removed& change) {
  if (head_.rows == 0)
    subscriptions_.erase(change.number);
  else
    subscriptions_.insert_or_assign(change.number, std::nullopt);
}

std::vector<protocol::subscription> session_overlay::subscriptions(
  const table_reader& tables) const {
  std::map<protocol::subscription_number, protocol::subscription> all;
  if (head_.rows != 0) {
    for (auto& one : tables.subscriptions(head_.rows))
      all.emplace(one.number, std::move(one));
  }
  for (const auto& [number, one] : subscriptions_) {
    if (one)
      all.insert_or_assign(number, *one);
    else
      all.erase(number);
  }
  std::vector<protocol::subscription> in_order;
  in_order.reserve(all.size());
  for (auto& [number, one] : all)
    in_order.push_back(std::move(one));
  return in_order;
}

// -- the queue ------------------------------------------------------------------

/// Deliveries of one message share it where they come together: to find out whether any
/// other has it would cost all of them more than that is worth.
delivery_position session_overlay::add(
  const protocol::delivery& what, bool queued, const message_census& census) {
  const bool alone = census.is_alone(what.message.get());
  added_.push_back({what, alone ? nullptr : bodies_.of(what.message), queued});
  ++live_;
  return head_.next++ | (queued ? 0 : never_queued);
}

void session_overlay::remove(delivery_position at) {
  if (in_tables(at)) {
    removed_.insert(at);
    if (at >= head_.first && !ahead_.empty())
      ahead_.clear(); // it may be among them
    return;
  }
  auto& gone = added_[(at & ~never_queued) - base_];
  gone = {};
  --live_;
  for (; !added_.empty() && !added_.front().what.message; ++base_)
    added_.pop_front();
}

void session_overlay::remove_waiting(delivery_position at, const protocol::delivery_tally& tally) {
  head_.waiting -= tally;
  remove(at);
}

/// With nothing in front of it, it is the first: what lies between has gone.
void session_overlay::on(const protocol::delivery_enqueued& change, const message_census& census) {
  if (head_.waiting.count == 0)
    head_.first = head_.next;
  add(change.what, true, census);
  head_.waiting += protocol::tally_of(change.what);
}

auto session_overlay::first_in_tables(const table_reader& tables) -> std::optional<front> {
  while (!ahead_.empty() && ahead_.front().position < head_.first)
    ahead_.pop_front();
  if (ahead_.empty())
    look_ahead(tables);
  return ahead_.empty() ? std::nullopt : std::optional{ahead_.front()};
}

void session_overlay::look_ahead(const table_reader& tables) {
  constexpr std::size_t at_once = 64;
  tables.each_delivery(head_.rows, head_.first, base_, [&](const delivery_row& row) {
    if (!removed_.contains(row.position))
      ahead_.push_back({row.position, row.tally(), returns_to_group(row.what)});
    return ahead_.size() < at_once;
  });
}

auto session_overlay::first_added() -> std::optional<front> {
  for (auto at = std::max(head_.first, base_); at < head_.next; ++at) {
    const auto& one = added(at);
    if (one.what.message && one.queued)
      return front{at, protocol::tally_of(one.what), returns_to_group(one.what)};
  }
  return std::nullopt;
}

auto session_overlay::first_waiting(const table_reader& tables) -> std::optional<front> {
  if (head_.waiting.count == 0)
    return std::nullopt;
  auto found = head_.rows != 0 && head_.first < base_ ? first_in_tables(tables) : std::nullopt;
  if (!found) {
    head_.first = std::max(head_.first, base_);
    found = first_added();
  }
  if (!found) // rows that were there are damaged beyond finding
    head_.waiting = {};
  return found;
}

auto session_overlay::take_first(const table_reader& tables) -> std::optional<front> {
  const auto found = first_waiting(tables);
  if (!found)
    return std::nullopt;
  head_.first = found->position + 1;
  head_.waiting -= found->tally;
  return found;
}

void session_overlay::on(const protocol::delivery_passed&, const table_reader& tables) {
  if (const auto first = take_first(tables))
    remove(first->position);
}

void session_overlay::on(const protocol::shares_returned&, const table_reader& tables) {
  if (head_.waiting.shared > 0) {
    std::vector<std::pair<delivery_position, protocol::delivery_tally>> shared;
    each_waiting(tables, head_.first, [&](const waiting_one& one) {
      if (one.what.share != 0)
        shared.emplace_back(one.position, one.tally);
      return true;
    });
    for (const auto& [at, tally] : shared)
      remove_waiting(at, tally);
  }
  std::erase_if(head_.in_flight, [this](const delivery_sent_off& sent) {
    if (sent.returns)
      remove(sent.position);
    return sent.returns;
  });
}

// -- what is in flight ----------------------------------------------------------

std::deque<delivery_sent_off>::iterator session_overlay::find_in_flight(protocol::packet_id id) {
  return std::ranges::find(head_.in_flight, id, &delivery_sent_off::id);
}

void session_overlay::on(const protocol::delivery_sent& change, const table_reader& tables) {
  const auto first = take_first(tables);
  if (!first)
    return;
  head_.in_flight.push_back({change.id, false, first->returns, first->position});
  head_.last_packet_id = change.id;
}

void session_overlay::on(const protocol::delivery_in_flight& change, const message_census& census) {
  const auto position =
    change.what.message ? add(change.what, false, census) : delivery_position{0};
  head_.in_flight.push_back({change.id, false, returns_to_group(change.what), position});
  head_.last_packet_id = change.id;
  if (change.released)
    on(protocol::delivery_released{change.id});
}

void session_overlay::on(const protocol::delivery_released& change) {
  const auto sent = find_in_flight(change.id);
  if (sent == head_.in_flight.end() || sent->released)
    return;
  const auto position = std::exchange(sent->position, 0);
  sent->released = true;
  sent->returns = false;
  if (position != 0)
    remove(position);
}

void session_overlay::on(const protocol::delivery_settled& change) {
  const auto sent = find_in_flight(change.id);
  if (sent == head_.in_flight.end())
    return;
  if (sent->position != 0)
    remove(sent->position);
  head_.in_flight.erase(sent);
}

void session_overlay::on(const protocol::publication_received& change) {
  head_.inbound.insert(change.id);
}

void session_overlay::on(const protocol::publication_freed& change) {
  head_.inbound.erase(change.id);
}

} // namespace callboard::persistence
