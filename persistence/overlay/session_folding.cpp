#include "persistence/overlay/session_overlay.hpp"

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

/// First those that came, as they may share a body with one that goes. A message that one
/// delivery alone has needs no row of its own.
void session_overlay::fold_deliveries(table_writer& to) {
  auto at = base_;
  for (const auto& one : added_) {
    const auto position = at++ | (one.queued ? 0 : never_queued);
    if (!one.body)
      continue;
    const bool has_it_alone = one.body.use_count() == 1 && one.body->number == 0;
    if (!has_it_alone || !to.put_whole_delivery(head_.rows, position, one.what))
      one.body->number = to.put_delivery(head_.rows, position, one.what, one.body->number);
  }
  for (const auto gone : removed_)
    to.erase_delivery(head_.rows, gone);
}

} // namespace callboard::persistence
