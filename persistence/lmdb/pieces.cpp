#include "persistence/lmdb/pieces.hpp"

#include "persistence/lmdb/tables.hpp"

namespace callboard::persistence {

namespace {

/// With LMDB's own bytes half of what is left of a page of 4,096 bytes: 2,038
/// less 8 for the row and 16 for the key.
constexpr std::size_t piece_size = 2'014;

} // namespace

void put_pieces(
  transaction& in, MDB_dbi table, std::uint64_t number, std::string_view record, unsigned flags) {
  std::uint64_t piece = 0;
  do {
    const auto taken = record.substr(0, piece_size);
    in.put(table, pair_key(number, piece++), taken, flags);
    record.remove_prefix(taken.size());
  } while (!record.empty());
}

std::optional<std::string_view> get_pieces(
  const transaction& in, MDB_dbi table, std::uint64_t number, std::string& whole) {
  const auto first = in.get(table, pair_key(number, 0));
  if (!first || first->size() < piece_size)
    return first;
  whole.clear();
  cursor at{in, table};
  for (auto row = at.seek(pair_key(number, 0)); row && first_of(row->key) == number;
       row = at.next())
    whole.append(row->value);
  return whole;
}

std::size_t erase_pieces(transaction& in, MDB_dbi table, std::uint64_t number) {
  std::size_t erased = 0;
  cursor at{in, table};
  for (auto row = at.seek(pair_key(number, 0)); row && first_of(row->key) == number;
       row = at.next()) {
    at.erase();
    ++erased;
  }
  return erased;
}

} // namespace callboard::persistence
