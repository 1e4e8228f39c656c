#pragma once

#include "persistence/lmdb/table_writer.hpp"
#include "persistence/overlay/delivery_folding.hpp"
#include "persistence/records/batch_record.hpp"
#include "persistence/records/message_census.hpp"
#include "persistence/records/session_head.hpp"
#include "persistence/store.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace callboard::persistence {

/// A session to which a batch does nothing but let its queue grow.
struct growing_queue {
  std::string_view client_id;
  std::uint64_t session = 0;

  /// What lets it grow, by the places in batch::sessions.
  std::vector<std::size_t> changes;

  /// As the tables have it before that; whoever looks for growing queues finds none.
  std::optional<session_head> head = {};
};

/// The sessions of a batch whose queues grow by so much that it goes into the tables at
/// once: what waits for a client that is away does not leave again before it is folded, and
/// would be written twice. What they name lives as long as the batch.
std::vector<growing_queue> find_growing_queues(const batch& in);

/// All that lets them grow is left out.
left_out without(const std::vector<growing_queue>& those, const batch& of);

/// Writes what growing queues grow by, behind all that the tables have of them.
class queue_growth {
public:
  /// The census is of what lets the queues grow.
  queue_growth(const batch& changes, const message_census& census, table_writer& to)
      : changes_{changes}, census_{census}, to_{to} {}

  /// The tables have the session up to this sequence then.
  void write(const growing_queue& one, std::uint64_t sequence);

private:
  template <class Visit>
  void each_delivery(const growing_queue& of, Visit visit) const;
  void put(delivery_folding& rows, delivery_position at, const protocol::delivery& what);

  const batch& changes_;
  const message_census& census_;
  table_writer& to_;

  /// Numbers of bodies that several of the deliveries refer to.
  std::unordered_map<const protocol::message*, std::uint64_t> bodies_;
};

} // namespace callboard::persistence
