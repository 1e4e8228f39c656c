#pragma once

#include "persistence/lmdb/environment.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Records of any size, in pieces of which two fill a page of LMDB. A larger row
// would need pages in a row, and a file where rows of all sizes come and go has
// free pages enough but few in a row: it would grow and grow.

namespace callboard::persistence {

/// Appends or replaces nothing: the number must be new. `flags` are mdb_put's.
void put_pieces(transaction& in, MDB_dbi table, std::uint64_t number, std::string_view record,
  unsigned flags = 0);

/// The record; `whole` keeps it if it is in more pieces than one. Empty if there
/// is none. Until the next change of the transaction or of `whole`.
std::optional<std::string_view> get_pieces(
  const transaction& in, MDB_dbi table, std::uint64_t number, std::string& whole);

/// How many pieces there were.
std::size_t erase_pieces(transaction& in, MDB_dbi table, std::uint64_t number);

} // namespace callboard::persistence
