#include "persistence/lmdb/journal.hpp"

#include "persistence/lmdb/pieces.hpp"
#include "persistence/records/seal.hpp"

#include <algorithm>
#include <utility>

namespace callboard::persistence {

void journal::encode(const batch& changes, const left_out& without, const message_census& census,
  std::uint64_t sequence) {
  record_.clear();
  if (changes.retained.empty() && changes.shares.empty() && !without.empty() &&
      std::ranges::all_of(without, std::identity{}))
    return;
  record_.assign(seal_size, '\0');
  write_batch(record_, changes, without, census, of_.clock);
  seal(number_key(sequence), record_);
}

void journal::write(transaction& in, std::uint64_t sequence) const {
  if (!record_.empty())
    put_pieces(in, of_.where.journal, sequence, record_, MDB_APPEND);
}

void journal::written(std::uint64_t sequence) {
  if (record_.empty())
    return;
  kept_.push_back({sequence, record_.size()});
  bytes_ += record_.size();
}

std::size_t journal::trim(
  transaction& in, std::optional<std::uint64_t> first_needed, std::size_t limit) const {
  std::size_t done = 0;
  for (const auto& one : kept_) {
    if (done == limit || (first_needed && one.sequence >= *first_needed))
      break;
    erase_pieces(in, of_.where.journal, one.sequence);
    ++done;
  }
  return done;
}

void journal::trimmed(std::size_t count) {
  for (; count > 0; --count) {
    bytes_ -= kept_.front().size;
    kept_.pop_front();
  }
}

std::uint64_t journal::replay(
  const transaction& in, const std::function<void(const batch&, std::uint64_t)>& apply) {
  kept_.clear();
  bytes_ = 0;
  std::string record;
  std::uint64_t sequence = 0;
  cursor at{in, of_.where.journal};
  for (auto row = at.first(); row;) {
    sequence = first_of(row->key);
    for (record.clear(); row && first_of(row->key) == sequence; row = at.next())
      record.append(row->value);
    const auto content = unseal(number_key(sequence), record);
    const auto changes = content ? read_batch(*content, of_.clock) : std::nullopt;
    if (!changes) {
      of_.damaged.push_back({of_.where.journal, number_key(sequence)});
      continue;
    }
    kept_.push_back({sequence, record.size()});
    bytes_ += record.size();
    apply(*changes, sequence);
  }
  return sequence;
}

} // namespace callboard::persistence
