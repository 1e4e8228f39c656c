#pragma once

#include "protocol/topics/level_hash.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace callboard::protocol {

/// The subscribers of a filter that has several: next to each other, so that
/// fan-out reads memory in order. Many are found by a hash table of their
/// positions, few by looking at each.
template <class Subscriber>
class subscriber_group {
public:
  /// Adds one; returns the one that it replaces because it has the same key.
  std::optional<Subscriber> insert(Subscriber added) {
    if (auto* known = find(added.key()))
      return std::exchange(*known, std::move(added));
    members_.push_back(std::move(added));
    if (members_.size() > few && members_.size() > slots_.size() / 2)
      rebuild();
    else
      place(members_.size() - 1);
    return std::nullopt;
  }

  std::optional<Subscriber> erase(std::uint64_t key) {
    auto* found = find(key);
    if (found == nullptr)
      return std::nullopt;
    const auto position = static_cast<std::size_t>(found - members_.data());
    displace(position);
    std::optional<Subscriber> gone{std::move(*found)};
    if (found != &members_.back())
      *found = std::move(members_.back());
    members_.pop_back();
    if (members_.size() < members_.capacity() / 4)
      members_.shrink_to_fit();
    if (members_.size() < slots_.size() / 8)
      rebuild();
    return gone;
  }

  /// Takes the only member out.
  Subscriber release() { return std::move(members_.front()); }

  Subscriber* find(std::uint64_t key) {
    return const_cast<Subscriber*>(std::as_const(*this).find(key)); // NOLINT
  }
  const Subscriber* find(std::uint64_t key) const {
    if (slots_.empty()) {
      const auto found = std::ranges::find(members_, key, key_of);
      return found == members_.end() ? nullptr : &*found;
    }
    for (auto at = home(key);; at = next(at)) {
      if (slots_[at] == 0)
        return nullptr;
      if (const auto& member = members_[slots_[at] - 1]; key_of(member) == key)
        return &member;
    }
  }

  std::span<const Subscriber> members() const { return members_; }
  std::size_t size() const { return members_.size(); }
  std::size_t heap_bytes() const {
    return members_.capacity() * sizeof(Subscriber) + slots_.capacity() * sizeof(slots_[0]);
  }

private:
  static constexpr std::size_t few = 16;

  static std::uint64_t key_of(const Subscriber& subscriber) { return subscriber.key(); }

  std::size_t next(std::size_t slot) const { return (slot + 1) & (slots_.size() - 1); }
  std::size_t home(std::uint64_t key) const {
    return fold(key ^ hash_constants::first, hash_constants::second) & (slots_.size() - 1);
  }
  std::size_t slot_of(std::size_t position) const {
    auto at = home(key_of(members_[position]));
    while (slots_[at] != position + 1)
      at = next(at);
    return at;
  }

  void place(std::size_t position) {
    if (slots_.empty())
      return;
    auto at = home(key_of(members_[position]));
    while (slots_[at] != 0)
      at = next(at);
    slots_[at] = static_cast<std::uint32_t>(position + 1);
  }

  /// Takes a position out of the table and gives it to the last member.
  void displace(std::size_t position) {
    if (slots_.empty())
      return;
    auto hole = slot_of(position);
    for (auto at = next(hole); slots_[at] != 0; at = next(at)) {
      const auto mask = slots_.size() - 1;
      const auto from_home = (at - home(key_of(members_[slots_[at] - 1]))) & mask;
      if (from_home >= ((at - hole) & mask))
        slots_[std::exchange(hole, at)] = slots_[at];
    }
    slots_[hole] = 0;
    if (const auto last = members_.size() - 1; last != position)
      slots_[slot_of(last)] = static_cast<std::uint32_t>(position + 1);
  }

  /// Fits the table to the number of members.
  void rebuild() {
    const auto slots = members_.size() > few ? std::bit_ceil(members_.size() * 3) : 0;
    slots_ = std::vector<std::uint32_t>(slots);
    for (std::size_t i = 0; i != members_.size(); ++i)
      place(i);
  }

  std::vector<Subscriber> members_;

  /// Positions plus one, 0 for none; empty while there are few members.
  std::vector<std::uint32_t> slots_;
};

} // namespace callboard::protocol
