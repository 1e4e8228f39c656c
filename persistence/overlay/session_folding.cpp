#include "persistence/overlay/session_overlay.hpp"

#include <algorithm>
#include <vector>

namespace callboard::persistence {

void session_overlay::fold(std::string_view client_id, std::uint64_t sequence, table_writer& to) {
  for (const auto rows : dropped_)
    to.drop_rows(rows);
  if (!head_.begun) {
    to.erase_head(client_id);
    return;
  }
  if (head_.rows == 0)
    head_.rows = to.new_rows();
  // A copy, as the transaction may fail and all of it be done again.
  auto head = head_;
  for (const auto& [number, one] : subscriptions_) {
    if (one)
      head.subscribed += to.put_subscription(head.rows, *one) ? 1 : 0;
    else
      head.subscribed -= to.erase_subscription(head.rows, number) ? 1 : 0;
  }
  fold_deliveries(to);
  head.folded = sequence;
  to.put_head(client_id, head);
}

/// First those that came, as they may share a body with one that goes.
void session_overlay::fold_deliveries(table_writer& to) {
  fold_additions(to);
  fold_removals(to);
}

/// A message that one delivery alone has needs no row of its own, and of a queue not even
/// the delivery does: it goes into a run. What may leave the middle of a queue stands in
/// none.
void session_overlay::fold_additions(table_writer& to) {
  run_writer run;
  delivery_position first_in_run = 0;
  const auto end_run = [&] {
    if (!run.empty())
      to.put_run(head_.rows, first_in_run, run);
  };
  auto at = base_;
  for (const auto& one : added_) {
    const auto position = at++ | (one.queued ? 0 : never_queued);
    const bool runs = one.queued && one.what.message && one.what.share == 0 && has_it_alone(one);
    if (runs && !run.empty() && run.add(one.what, to.clock()))
      continue;
    end_run();
    first_in_run = position;
    if (one.what.message && (!runs || !run.add(one.what, to.clock())))
      put_single(one, position, to);
  }
  end_run();
}

bool session_overlay::has_it_alone(const addition& one) {
  return !one.body || (one.body.use_count() == 1 && one.body->number == 0);
}

void session_overlay::put_single(
  const addition& one, delivery_position at, table_writer& to) const {
  if (has_it_alone(one) && to.put_whole_delivery(head_.rows, at, one.what))
    return;
  const auto known = one.body ? one.body->number : 0;
  const auto number = to.put_delivery(head_.rows, at, one.what, known);
  if (one.body)
    one.body->number = number;
}

/// A run goes with the last of its deliveries.
void session_overlay::fold_removals(table_writer& to) const {
  std::vector<delivery_position> in_flight;
  for (const auto& one : head_.in_flight)
    in_flight.push_back(one.position);
  std::ranges::sort(in_flight);
  const auto is_wanted = [&](delivery_position first, delivery_position last) {
    if (head_.waiting.count > 0 && last >= head_.first && !removed_.contains(last))
      return true;
    const auto sent = std::ranges::lower_bound(in_flight, first);
    return sent != in_flight.end() && *sent <= last;
  };
  removed_.each_run([&](delivery_position first, delivery_position last) {
    to.erase_deliveries(head_.rows, first, last, is_wanted);
  });
}

} // namespace callboard::persistence
