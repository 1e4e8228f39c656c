#pragma once

#include "persistence/clock_reading.hpp"
#include "persistence/records/message_census.hpp"
#include "persistence/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::persistence {

/// By their places in batch::sessions, changes that are left out; empty: none are.
using left_out = std::vector<bool>;

/// Appends a batch as the journal keeps it. A message that several operations
/// refer to stands in it once. Times are wall-clock times. The census is of the batch.
void write_batch(std::string& out, const batch& what, const left_out& without,
  const message_census& census, const clock_reading& clock);

/// The batch again; operations that referred to the same message do so. Empty if
/// it cannot be read.
std::optional<batch> read_batch(std::string_view content, const clock_reading& clock);

} // namespace callboard::persistence
