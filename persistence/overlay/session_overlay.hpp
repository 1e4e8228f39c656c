#pragma once

#include "persistence/lmdb/table_reader.hpp"
#include "persistence/lmdb/table_writer.hpp"
#include "persistence/overlay/body_register.hpp"
#include "persistence/overlay/position_set.hpp"
#include "persistence/records/message_census.hpp"
#include "persistence/records/session_head.hpp"
#include "persistence/store.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace callboard::persistence {

/// What a session has lost, as its rows are damaged.
struct session_losses {
  /// A delivery that is there but cannot be read.
  struct unreadable_one {
    delivery_position position = 0;
    protocol::delivery_tally tally; // if it waits
  };
  std::vector<unreadable_one> unreadable;

  /// More should wait than there do.
  protocol::delivery_tally waiting;

  std::uint64_t subscriptions = 0;

  /// Of what waits, together.
  protocol::delivery_tally of_queue() const {
    auto all = waiting;
    for (const auto& one : unreadable)
      all += one.tally;
    return all;
  }

  bool any() const { return !unreadable.empty() || waiting.count != 0 || subscriptions != 0; }
};

/// A session as it is, where the tables have it as it was: what the journal has
/// of it that is not folded yet. Made from what the tables have; a delivery that
/// comes and goes before it is folded never touches a table.
class session_overlay {
public:
  /// Over a session that the tables have, or over none. The register outlives it.
  session_overlay(body_register& bodies, std::optional<session_head> head);

  const session_head& head() const { return head_; }

  /// Whether there is a session.
  bool begun() const { return head_.begun; }

  /// Follows protocol::session_state to the letter. Reads the tables when
  /// deliveries leave that lie there. The census is of the batch that brings the changes.
  void apply(
    const session_changes& changes, const message_census& census, const table_reader& tables);

  /// Rows that fold() would write, about.
  std::size_t weight() const { return 1 + live_ + removed_.size() + subscriptions_.size(); }

  /// Writes all of it into the tables: from then on they have what the journal
  /// has up to this sequence. When the transaction is in the file, the overlay is
  /// of no use any more.
  void fold(std::string_view client_id, std::uint64_t sequence, table_writer& to);

  /// In the order in which they were made.
  std::vector<protocol::subscription> subscriptions(const table_reader& tables) const;

  /// Operations that make a fresh state equal to this session, but for what is
  /// lost; what waits rests but for this portion.
  std::vector<protocol::operation> snapshot(
    const table_reader& tables, const protocol::queue_portion& portion, session_losses& lost) const;

  /// What waits, behind the first so many, up to this portion but one at least.
  std::vector<protocol::delivery> waiting(const table_reader& tables, std::size_t skipped,
    const protocol::queue_portion& portion, session_losses& lost) const;

  /// Forgets what is lost, as whoever read the snapshot knows nothing of it.
  void give_up(const session_losses& lost);

private:
  /// A delivery that no table has.
  struct addition {
    protocol::delivery what;           // without a message: it came and went
    std::shared_ptr<stored_body> body; // null if no other delivery has the message
    bool queued = true;
  };

  /// The first of the queue.
  struct front {
    delivery_position position = 0;
    protocol::delivery_tally tally;
    bool returns = false; // to its share group, when in flight
  };

  /// One of the queue, wherever it lies.
  struct waiting_one {
    delivery_position position = 0;
    const protocol::delivery& what; // without a message if the tables have that
    protocol::delivery_tally tally;
    const delivery_row* row = nullptr; // of the tables
  };

  void on(const protocol::client_attached& change);
  void on(const protocol::client_detached& change);
  void on(const protocol::expiry_changed& change);
  void on(const protocol::will_set& change);
  void on(const protocol::will_armed& change);
  void on(const protocol::will_cleared& change);
  void on(const protocol::subscription_put& change);
  void on(const protocol::subscription_removed& change);
  void on(const protocol::delivery_enqueued& change, const message_census& census);
  void on(const protocol::delivery_passed& change, const table_reader& tables);
  void on(const protocol::delivery_sent& change, const table_reader& tables);
  void on(const protocol::delivery_released& change);
  void on(const protocol::delivery_settled& change);
  void on(const protocol::shares_returned& change, const table_reader& tables);
  void on(const protocol::publication_received& change);
  void on(const protocol::publication_freed& change);
  void on(const protocol::session_ended& change);
  void on(const protocol::delivery_in_flight& change, const message_census& census);
  void on(const protocol::numbers_continued& change);
  void on(const protocol::deliveries_resting& /*change*/) {} // it has them

  bool in_tables(delivery_position at) const { return (at & ~never_queued) < base_; }
  const addition& added(delivery_position at) const { return added_[(at & ~never_queued) - base_]; }

  delivery_position add(const protocol::delivery& what, bool queued, const message_census& census);
  void remove(delivery_position at);
  void remove_waiting(delivery_position at, const protocol::delivery_tally& tally);
  std::optional<front> first_waiting(const table_reader& tables);
  std::optional<front> first_in_tables(const table_reader& tables);
  void look_ahead(const table_reader& tables);
  std::optional<front> first_added();
  std::optional<front> take_first(const table_reader& tables);
  std::deque<delivery_sent_off>::iterator find_in_flight(protocol::packet_id id);
  void end();
  void fold_deliveries(table_writer& to);
  void fold_additions(table_writer& to);
  void fold_removals(table_writer& to) const;
  static bool has_it_alone(const addition& one);

  /// Whether one waits at each position from the first to the last, so that a place in the
  /// queue says where it lies.
  bool is_dense() const { return head_.waiting.count == head_.next - head_.first; }

  /// Each that waits, from this position on, in order, until `visit` says false.
  template <class Visit>
  void each_waiting(const table_reader& tables, delivery_position from, Visit visit) const {
    bool goes_on = true;
    if (head_.rows != 0 && from < base_ && head_.waiting.count > 0) {
      tables.each_delivery(head_.rows, from, base_, [&](const delivery_row& row) {
        goes_on = removed_.contains(row.position) ||
                  visit(waiting_one{row.position, row.what, row.tally(), &row});
        return goes_on;
      });
    }
    for (auto at = std::max(from, base_); goes_on && at < head_.next; ++at) {
      const auto& one = added(at);
      if (one.what.message && one.queued)
        goes_on = visit(waiting_one{at, one.what, protocol::tally_of(one.what)});
    }
  }

  class delivery_snapshot;

  body_register& bodies_;
  session_head head_;

  /// Empty: removed.
  std::map<protocol::subscription_number, std::optional<protocol::subscription>> subscriptions_;

  /// From position base_ on; in front of it lie those of the tables.
  std::deque<addition> added_;
  delivery_position base_;
  std::size_t live_ = 0;

  /// Of those in the tables.
  position_set removed_;

  /// The next ones of the queue in the tables, as far as they were looked at: who takes one
  /// takes more.
  std::deque<front> ahead_;

  /// Rows of what this session was before it ended.
  std::vector<std::uint64_t> dropped_;
};

} // namespace callboard::persistence
