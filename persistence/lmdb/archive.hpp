#pragma once

#include "persistence/clock_reading.hpp"
#include "persistence/lmdb/tables.hpp"
#include "persistence/records/store_numbers.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace callboard::persistence {

/// A record that could not be read.
struct damaged_record {
  MDB_dbi table = 0;
  std::string key;

  friend auto operator<=>(const damaged_record&, const damaged_record&) = default;
};

/// What every transaction of a store needs to know.
struct archive {
  tables where;
  store_numbers numbers;

  /// The secret of name_key(), for as long as the store lives.
  std::uint64_t seed = 0;

  clock_reading clock;

  /// Found by those who read; whoever writes next sets them aside.
  std::vector<damaged_record> damaged;

  /// And how many should be there but are not.
  std::uint64_t missing = 0;

  /// It is set aside and counted now.
  void forget_damaged() {
    damaged.clear();
    missing = 0;
  }
};

} // namespace callboard::persistence
