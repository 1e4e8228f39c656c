#pragma once

#include "app/store/selection.hpp"
#include "persistence/clock_reading.hpp"
#include "persistence/store.hpp"

#include <iosfwd>

namespace callboard::app::store {

/// Writes what is selected of a store, one JSON object a line: sessions by client
/// id, retained messages by topic, what share groups have by group. Holds one
/// session at a time, and of its queue a few thousand messages. Stops early if `out` fails.
persistence::store_result write_dump(std::ostream& out, persistence::store& from,
  const selection& what, const persistence::clock_reading& clock);

} // namespace callboard::app::store
