#pragma once

#include "persistence/lmdb/archive.hpp"
#include "persistence/lmdb/environment.hpp"
#include "persistence/records/batch_record.hpp"
#include "persistence/store.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace callboard::persistence {

/// What was committed and is not folded into the tables yet: one record per
/// commit, by sequence. Knows what the table has, so that nobody has to look.
class journal {
public:
  explicit journal(archive& of) : of_{of} {}

  /// Makes the record of a batch, but for what is left out. Until the next one. Of a batch
  /// of which nothing is left there is none.
  void encode(const batch& changes, const left_out& without, const message_census& census,
    std::uint64_t sequence);

  /// Whether of the last batch nothing was left, so that there is no record.
  bool passes_over() const { return record_.empty(); }

  /// Writes the record that was made last.
  void write(transaction& in, std::uint64_t sequence) const;

  /// The record that was made last is in the file.
  void written(std::uint64_t sequence);

  /// Erases at most so many records in front of this one (empty: of all). Says
  /// how many.
  std::size_t trim(
    transaction& in, std::optional<std::uint64_t> first_needed, std::size_t limit) const;

  /// So many records of the front are gone from the file.
  void trimmed(std::size_t count);

  /// Reads all that the table has, in order. What cannot be read is noted as
  /// damaged and passed over. Says which sequence was the last; 0: none.
  std::uint64_t replay(
    const transaction& in, const std::function<void(const batch&, std::uint64_t sequence)>& apply);

  std::size_t records() const { return kept_.size(); }

  /// Of all records.
  std::size_t bytes() const { return bytes_; }

private:
  struct kept {
    std::uint64_t sequence;
    std::size_t size;
  };

  archive& of_;
  std::string record_;
  std::deque<kept> kept_;
  std::size_t bytes_ = 0;
};

} // namespace callboard::persistence
