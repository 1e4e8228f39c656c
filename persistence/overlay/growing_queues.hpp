#pragma once

#include "persistence/records/batch_record.hpp"
#include "persistence/store.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace callboard::persistence {

/// A session to which a batch does nothing but let its queue grow.
struct growing_queue {
  std::string_view client_id;
  std::uint64_t session = 0;

  /// What lets it grow, by the places in batch::sessions.
  std::vector<std::size_t> changes;
};

/// The sessions of a batch whose queues grow by so much that it goes into the tables at
/// once: what waits for a client that is away does not leave again before it is folded, and
/// would be written twice. What they name lives as long as the batch.
std::vector<growing_queue> find_growing_queues(const batch& in);

/// All that lets them grow is left out.
left_out without(const std::vector<growing_queue>& those, const batch& of);

} // namespace callboard::persistence
