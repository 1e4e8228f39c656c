#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <numeric>
#include <utility>
#include <vector>

namespace callboard::protocol {

/// Things addressed by 32-bit numbers, in pages: growing moves nothing, and no
/// page is taken before it is needed. The numbers of things that were taken out
/// are used again.
template <class Thing>
class slot_pool {
public:
  using index = std::uint32_t;

  slot_pool() = default;
  slot_pool(slot_pool&& other) noexcept
      : pages_{std::move(other.pages_)}, free_{std::exchange(other.free_, none)},
        used_{std::exchange(other.used_, 0)}, size_{std::exchange(other.size_, 0)} {
    other.pages_.clear();
  }
  slot_pool& operator=(slot_pool&& other) noexcept {
    std::swap(pages_, other.pages_);
    std::swap(free_, other.free_);
    std::swap(used_, other.used_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~slot_pool() {
    for_each([](index, Thing& thing) { std::destroy_at(&thing); });
  }

  /// Puts a thing in; returns its number.
  index put(Thing thing) {
    const auto at = free_ != none ? free_ : used_;
    if (at == used_ && at / page_size == pages_.size())
      pages_.push_back(std::make_unique<page>());
    auto& slot = slot_at(at);
    if (at == used_)
      ++used_;
    else
      free_ = slot.next_free();
    std::construct_at(&slot.thing(), std::move(thing));
    mark(at, true);
    ++size_;
    return at;
  }

  /// Takes a thing out.
  Thing take(index at) {
    auto& slot = slot_at(at);
    Thing thing = std::move(slot.thing());
    std::destroy_at(&slot.thing());
    slot.next_free() = std::exchange(free_, at);
    mark(at, false);
    --size_;
    return thing;
  }

  Thing& operator[](index at) { return slot_at(at).thing(); }
  const Thing& operator[](index at) const { return slot_at(at).thing(); }

  /// Calls visit(index, thing) for all.
  template <class Visit>
  void for_each(Visit&& visit) {
    for (index at = 0; at != used_; ++at)
      if (is_live(at))
        visit(at, (*this)[at]);
  }
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (index at = 0; at != used_; ++at)
      if (is_live(at))
        visit(at, (*this)[at]);
  }

  std::size_t size() const { return size_; }
  std::size_t bytes() const {
    return pages_.size() * sizeof(page) + pages_.capacity() * sizeof(pages_[0]);
  }

  /// Whether so many slots are unused that it is time to compact.
  bool sparse() const { return used_ > 4 * page_size && size_ < used_ / 4; }

  /// Moves things to the front and gives back the pages behind them. Returns
  /// the new number of each by its old one.
  std::vector<index> compact() {
    std::vector<index> moved(used_);
    std::iota(moved.begin(), moved.end(), index{0});
    index hole = 0;
    for (index last = used_; last > size_; --last) {
      if (!is_live(last - 1))
        continue;
      while (is_live(hole))
        ++hole;
      move_thing(last - 1, hole);
      moved[last - 1] = hole;
    }
    free_ = none;
    used_ = size_;
    pages_.resize((std::size_t{used_} + page_size - 1) / page_size);
    pages_.shrink_to_fit();
    return moved;
  }

private:
  static constexpr index page_size = 256;
  static constexpr index none = 0xFFFF'FFFF;

  /// A thing, or while there is none the next unused slot. Which, is in page::live.
  class cell {
  public:
    // NOLINTBEGIN(cppcoreguidelines-pro-type-union-access, modernize-use-equals-default)
    Thing& thing() { return content_.thing; }
    const Thing& thing() const { return content_.thing; }
    index& next_free() { return content_.next_free; }

  private:
    union content {
      content() : next_free{none} {}
      ~content() {}
      index next_free;
      Thing thing;
    } content_;
    // NOLINTEND(cppcoreguidelines-pro-type-union-access, modernize-use-equals-default)
  };

  struct page {
    std::array<cell, page_size> slots;
    std::bitset<page_size> live;
  };

  cell& slot_at(index at) { return pages_[at / page_size]->slots[at % page_size]; }
  const cell& slot_at(index at) const { return pages_[at / page_size]->slots[at % page_size]; }
  bool is_live(index at) const { return pages_[at / page_size]->live[at % page_size]; }
  void mark(index at, bool live) { pages_[at / page_size]->live[at % page_size] = live; }

  void move_thing(index from, index to) {
    auto& source = slot_at(from).thing();
    std::construct_at(&slot_at(to).thing(), std::move(source));
    std::destroy_at(&source);
    mark(from, false);
    mark(to, true);
  }

  std::vector<std::unique_ptr<page>> pages_;

  /// The unused slots below used_, linked.
  index free_ = none;

  /// Slots from here on were never used.
  index used_ = 0;

  index size_ = 0;
};

} // namespace callboard::protocol
