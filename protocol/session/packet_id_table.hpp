#pragma once

#include "protocol/types.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace callboard::protocol {

/// Entries by packet identifier: an Entry has a member `id`, 0 if it is empty.
/// Constant time; with identifiers in sequence each entry lies in its own place
/// and the table is a ring. Memory follows the number of entries, not the span
/// of their identifiers, so a client that never acknowledges one of them costs
/// no more than that one.
///
/// Robin Hood hashing: of two entries that want a place, the one that is further
/// from its home has it, so a gap is closed by moving only strayed entries.
template <class Entry>
class packet_id_table {
public:
  packet_id_table() = default;
  packet_id_table(const packet_id_table&) = delete;
  packet_id_table& operator=(const packet_id_table&) = delete;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// Until the next change; null if there is none.
  const Entry* find(packet_id id) const {
    if (size_ == 0 || id == 0)
      return nullptr;
    const auto at = place_of(id);
    return at == capacity_ ? nullptr : &entries_[at];
  }
  Entry* find(packet_id id) {
    return const_cast<Entry*>(std::as_const(*this).find(id)); // NOLINT(*-const-cast)
  }

  /// Its identifier is not 0, and there must be none of it yet.
  void insert(Entry&& entry) {
    if ((size_ + 1) * 8 > capacity_ * 7)
      grow();
    settle(std::move(entry));
    peak_ = std::max(peak_, ++size_);
  }

  /// There must be one of this identifier.
  Entry take(packet_id id) {
    auto gap = place_of(id);
    Entry taken = std::move(entries_[gap]);
    for (auto at = next(gap); entries_[at].id != 0 && strayed(at) > 0; at = next(at)) {
      entries_[gap] = std::move(entries_[at]);
      gap = at;
    }
    entries_[gap] = Entry{};
    --size_;
    if (size_ == 0)
      give_back();
    return taken;
  }

  void clear() {
    entries_.reset();
    capacity_ = size_ = peak_ = 0;
  }

  /// In no particular order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::uint32_t at = 0; at < capacity_; ++at)
      if (entries_[at].id != 0)
        visit(entries_[at]);
  }
  template <class Visit>
  void for_each(Visit visit) {
    for (std::uint32_t at = 0; at < capacity_; ++at)
      if (entries_[at].id != 0)
        visit(entries_[at]);
  }

private:
  static constexpr std::uint32_t least = 4;
  static constexpr std::uint32_t always_kept = 64;

  std::uint32_t next(std::uint32_t at) const { return (at + 1) & (capacity_ - 1); }

  /// How far the entry at a place is from its home.
  std::uint32_t strayed(std::uint32_t at) const { return (at - entries_[at].id) & (capacity_ - 1); }

  /// Where an identifier's entry is; capacity_ if nowhere.
  std::uint32_t place_of(packet_id id) const {
    auto at = id & (capacity_ - 1);
    for (std::uint32_t far = 0; entries_[at].id != id; ++far, at = next(at))
      if (entries_[at].id == 0 || strayed(at) < far)
        return capacity_;
    return at;
  }

  void settle(Entry&& entry) {
    auto at = entry.id & (capacity_ - 1);
    for (std::uint32_t far = 0; entries_[at].id != 0; ++far, at = next(at)) {
      if (strayed(at) < far) {
        const auto evicted_far = strayed(at);
        std::swap(entry, entries_[at]);
        far = evicted_far;
      }
    }
    entries_[at] = std::move(entry);
  }

  void grow() {
    const auto old_capacity = std::exchange(capacity_, capacity_ == 0 ? least : capacity_ * 2);
    const auto old = std::exchange(entries_, std::make_unique<Entry[]>(capacity_)); // NOLINT
    for (std::uint32_t at = 0; at < old_capacity; ++at)
      if (old[at].id != 0)
        settle(std::move(old[at]));
  }

  /// Frees what the last time between empty and empty had no use for.
  void give_back() {
    const bool used = peak_ * 4 > capacity_;
    if (!used && capacity_ > always_kept)
      clear();
    peak_ = 0;
  }

  std::unique_ptr<Entry[]> entries_; // NOLINT(*-avoid-c-arrays)
  std::uint32_t capacity_ = 0;       // 0 or a power of two
  std::uint32_t size_ = 0;
  std::uint32_t peak_ = 0; // largest size since it was empty
};

} // namespace callboard::protocol
