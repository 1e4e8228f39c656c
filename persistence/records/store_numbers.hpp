#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callboard::persistence {

/// Numbers that go on for as long as the store lives.
struct store_numbers {
  /// Of the last record of the journal.
  std::uint64_t sequence = 0;

  /// Names of sessions' rows, bodies and damaged records that were given away.
  /// Never used again, or what refers to an old one would refer to a new one.
  std::uint64_t rows = 0;
  std::uint64_t bodies = 0;
  std::uint64_t damaged = 0;

  std::uint64_t highest_session = 0;
};

void write_numbers(std::string& out, const store_numbers& numbers);

/// Empty if they cannot be read.
std::optional<store_numbers> read_numbers(std::string_view content);

} // namespace callboard::persistence
