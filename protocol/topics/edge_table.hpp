#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace callboard::protocol {

/// The edges of a trie from parents to children by level: an open-addressing
/// hash table that holds 32 bits of the hash and the child, so that growing and
/// most of the probing touch no node. Child 0 stands for none.
class edge_table {
public:
  /// The child for which same(child) holds among those put in with this hash.
  template <class Same>
  std::uint32_t find(std::uint32_t hash, Same&& same) const {
    if (slots_.empty())
      return 0;
    for (auto at = hash & mask();; at = (at + 1) & mask()) {
      const auto& slot = slots_[at];
      if (slot.child == 0 || (slot.hash == hash && same(slot.child)))
        return slot.child;
    }
  }

  /// The child is not yet in the table.
  void insert(std::uint32_t hash, std::uint32_t child);

  /// The child is in the table with that hash. Shrinks it now and then.
  void erase(std::uint32_t hash, std::uint32_t child);

  void clear();

  std::size_t bytes() const { return slots_.capacity() * sizeof(edge); }

private:
  struct edge {
    std::uint32_t hash = 0;
    std::uint32_t child = 0;
  };

  std::size_t mask() const { return slots_.size() - 1; }
  void place(edge added);
  void resize(std::size_t slots);

  /// None, or a power of two.
  std::vector<edge> slots_;
  std::size_t size_ = 0;
};

} // namespace callboard::protocol
