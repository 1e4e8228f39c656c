#pragma once

#include "persistence/records/session_head.hpp"
#include "protocol/session/delivery.hpp"
#include "protocol/session/delivery_tally.hpp"

#include <cstdint>
#include <string_view>

namespace callboard::persistence {

/// A delivery as its table has it.
struct delivery_row {
  delivery_position position = 0;

  /// The number of its message; 0 if the row itself has it, or could not be read.
  std::uint64_t body = 0;

  /// The message as the row has it, until the transaction changes something. Empty if
  /// it lies elsewhere.
  std::string_view inlined = {};

  /// Without the message.
  protocol::delivery what = {};

  /// Of the message, as message::size() says.
  std::uint64_t size = 0;

  protocol::delivery_tally tally() const { return protocol::tally_of(what, size); }
};

} // namespace callboard::persistence
