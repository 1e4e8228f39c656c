#include "persistence/overlay/delivery_folding.hpp"
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

void session_overlay::fold_additions(table_writer& to) {
  std::size_t expected = 0;
  for (const auto& one : added_)
    expected += one.what.message ? about_in_run(one.what) : 0;
  delivery_folding rows{head_.rows, expected, to};
  auto at = base_;
  for (const auto& one : added_) {
    const auto position = at++ | (one.queued ? 0 : never_queued);
    if (!one.what.message)
      continue;
    if (has_it_alone(one))
      rows.put_alone(position, one.what);
    else
      one.body->number = rows.put_shared(position, one.what, one.body->number);
  }
  rows.end();
}

bool session_overlay::has_it_alone(const addition& one) {
  return !one.body || (one.body.use_count() == 1 && one.body->number == 0);
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
