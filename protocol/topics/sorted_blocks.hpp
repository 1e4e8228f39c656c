#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace callboard::protocol {

/// A sorted sequence of small things in blocks, each full by a quarter at least
/// on average: a B-tree of two levels. Does not know the order: whoever uses it
/// passes a predicate to search with and inserts where that leads.
///
/// Searching costs O(log n) comparisons, inserting and erasing the moving of at
/// most one block.
template <class Thing>
class sorted_blocks {
public:
  /// Where a thing stands. Holds until something is inserted or erased.
  struct position {
    std::size_t block;
    std::size_t offset;
  };

  /// The first thing for which before(thing) does not hold; it holds for all in
  /// front of that and for none behind.
  template <class Before>
  position search(Before&& before) const {
    const auto starts_before = [&](const auto& block) { return before(block->things[0]); };
    const auto behind = std::partition_point(blocks_.begin(), blocks_.end(), starts_before);
    if (behind == blocks_.begin())
      return {0, 0};
    const auto& in = **(behind - 1);
    const auto* end = in.things.data() + in.size;
    const auto* found = std::partition_point(in.things.data() + 1, end, before);
    const auto block = static_cast<std::size_t>(behind - blocks_.begin()) - 1;
    if (found == end)
      return {block + 1, 0};
    return {block, static_cast<std::size_t>(found - in.things.data())};
  }

  position begin() const { return {0, 0}; }
  bool at_end(position where) const { return where.block == blocks_.size(); }
  position next(position where) const {
    if (where.offset + 1 < blocks_[where.block]->size)
      return {where.block, where.offset + 1};
    return {where.block + 1, 0};
  }

  Thing& operator[](position where) { return blocks_[where.block]->things[where.offset]; }
  const Thing& operator[](position where) const {
    return blocks_[where.block]->things[where.offset];
  }

  /// Puts a thing in front of what stands there.
  void insert(position where, Thing added);

  /// Takes the thing out that stands there.
  Thing erase(position where);

  std::size_t size() const { return size_; }
  std::size_t bytes() const {
    return blocks_.size() * sizeof(block_of_things) + blocks_.capacity() * sizeof(blocks_[0]);
  }

private:
  static constexpr std::size_t block_size = 512 / sizeof(Thing);

  struct block_of_things {
    std::size_t size = 0;
    std::array<Thing, block_size> things;
  };

  block_of_things& make_block(std::size_t at) {
    const auto where = blocks_.begin() + static_cast<std::ptrdiff_t>(at);
    return **blocks_.insert(where, std::make_unique<block_of_things>());
  }
  void drop_block(std::size_t at) {
    blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(at));
    if (blocks_.size() < blocks_.capacity() / 4)
      blocks_.shrink_to_fit();
  }
  position make_room(position where);
  void split(std::size_t at);
  void join(std::size_t at);

  /// None of them empty.
  std::vector<std::unique_ptr<block_of_things>> blocks_;
  std::size_t size_ = 0;
};

template <class Thing>
void sorted_blocks<Thing>::insert(position where, Thing added) {
  const auto [at, offset] = make_room(where);
  auto& into = *blocks_[at];
  auto* place = into.things.data() + offset;
  auto* end = into.things.data() + into.size;
  std::move_backward(place, end, end + 1);
  *place = std::move(added);
  ++into.size;
  ++size_;
}

template <class Thing>
Thing sorted_blocks<Thing>::erase(position where) {
  auto& from = *blocks_[where.block];
  auto* place = from.things.data() + where.offset;
  auto* end = from.things.data() + from.size;
  Thing gone = std::move(*place);
  std::move(place + 1, end, place);
  *(end - 1) = Thing{};
  --from.size;
  --size_;
  if (from.size == 0)
    drop_block(where.block);
  else if (from.size < block_size / 4)
    join(where.block);
  return gone;
}

/// The same place in a block that has room. What goes between two blocks goes
/// to the end of the first.
template <class Thing>
typename sorted_blocks<Thing>::position sorted_blocks<Thing>::make_room(position where) {
  if (blocks_.empty())
    make_block(0);
  else if (where.offset == 0 && where.block != 0)
    where = {where.block - 1, blocks_[where.block - 1]->size};
  if (blocks_[where.block]->size < block_size)
    return where;
  if (where.offset == block_size) { // in order, as it often comes: leave full blocks behind
    make_block(where.block + 1);
    return {where.block + 1, 0};
  }
  split(where.block);
  const auto half = blocks_[where.block]->size;
  return where.offset <= half ? where : position{where.block + 1, where.offset - half};
}

template <class Thing>
void sorted_blocks<Thing>::split(std::size_t at) {
  auto& second = make_block(at + 1);
  auto& first = *blocks_[at];
  auto* middle = first.things.data() + block_size / 2;
  std::move(middle, first.things.data() + first.size, second.things.data());
  second.size = first.size - block_size / 2;
  first.size = block_size / 2;
}

/// Joins a block with a neighbour if both leave room in one.
template <class Thing>
void sorted_blocks<Thing>::join(std::size_t at) {
  const auto fits = [this](std::size_t left) {
    return left + 1 < blocks_.size() &&
           blocks_[left]->size + blocks_[left + 1]->size <= block_size * 3 / 4;
  };
  const auto left = fits(at) ? at : at - 1;
  if (!fits(at) && (at == 0 || !fits(left)))
    return;
  auto& first = *blocks_[left];
  auto& second = *blocks_[left + 1];
  std::move(
    second.things.data(), second.things.data() + second.size, first.things.data() + first.size);
  first.size += second.size;
  drop_block(left + 1);
}

} // namespace callboard::protocol
