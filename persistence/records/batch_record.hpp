#pragma once

#include "persistence/clock_reading.hpp"
#include "persistence/store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace callboard::persistence {

/// Appends a batch as the journal keeps it. A message that several operations
/// refer to stands in it once. Times are wall-clock times.
void write_batch(std::string& out, const batch& what, const clock_reading& clock);

/// The batch again; operations that referred to the same message do so. Empty if
/// it cannot be read.
std::optional<batch> read_batch(std::string_view content, const clock_reading& clock);

} // namespace callboard::persistence
