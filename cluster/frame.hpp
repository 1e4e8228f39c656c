#pragma once

#include "persistence/records/record_reader.hpp"
#include "persistence/records/record_writer.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace callboard::cluster {

/// One thing that a node tells another. What is larger than a blob goes in several frames:
/// all but the first continue another, all but the last have more behind them.
struct frame {
  /// What it is, 0 to 63; who sends and who reads agree on that, nobody between them cares.
  std::uint8_t type = 0;
  bool continues = false;
  bool has_more = false;
  std::string_view body;

  friend bool operator==(const frame&, const frame&) = default;
};

/// What a frame takes besides its body, at most.
inline constexpr std::size_t largest_frame_head = 1 + 10;

inline void append(std::string& out, const frame& what) {
  persistence::record_writer writer{out};
  writer.byte(static_cast<std::uint8_t>(
    what.type | (what.continues ? 0x40U : 0U) | (what.has_more ? 0x80U : 0U)));
  writer.bytes(what.body);
}

/// The next one; the reader has failed if there is none.
inline frame read_frame(persistence::record_reader& from) {
  const auto head = from.byte();
  const auto body = from.bytes();
  return {static_cast<std::uint8_t>(head & 0x3FU), (head & 0x40U) != 0, (head & 0x80U) != 0, body};
}

} // namespace callboard::cluster
