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
  for (const auto& [number, one] : subscriptions_) {
    if (one)
      to.put_subscription(head_.rows, *one);
    else
      to.erase_subscription(head_.rows, number);
  }
  fold_deliveries(to);
  head_.folded = sequence;
  to.put_head(client_id, head_);
}

/// First those that came, as they may share a body with one that goes.
void session_overlay::fold_deliveries(table_writer& to) {
  auto at = base_;
  for (const auto& one : added_) {
    const auto position = at++ | (one.queued ? 0 : never_queued);
    if (one.body)
      one.body->number = to.put_delivery(head_.rows, position, one.what, one.body->number);
  }
  for (const auto gone : removed_)
    to.erase_delivery(head_.rows, gone);
}

} // namespace callboard::persistence
