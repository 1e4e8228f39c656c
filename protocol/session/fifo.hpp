#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace callboard::protocol {

/// A queue in chunks: memory is given back chunk by chunk as it drains, growing
/// moves nothing, and elements that only pass through allocate nothing, as one
/// spare chunk is kept.
template <class Element, std::uint32_t ChunkSize>
class fifo {
public:
  fifo() = default;
  fifo(const fifo&) = delete;
  fifo& operator=(const fifo&) = delete;
  ~fifo() { clear(); }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  /// Not when empty.
  const Element& front() const { return first_->elements[begin_]; }

  void push(Element&& element) {
    if (!first_ || end_ == ChunkSize)
      add_chunk();
    last_->elements[end_++] = std::move(element);
    ++size_;
  }

  /// Not when empty.
  Element pop() {
    Element taken = std::exchange(first_->elements[begin_++], Element{});
    if (--size_ == 0)
      begin_ = end_ = 0;
    else if (begin_ == ChunkSize)
      drop_first_chunk();
    return taken;
  }

  /// Forgets everything and gives all memory back.
  void clear() {
    while (first_) // one by one: a long chain must not be freed recursively
      first_ = std::move(first_->next);
    spare_.reset();
    last_ = nullptr;
    begin_ = end_ = 0;
    size_ = 0;
  }

  /// From front to back.
  template <class Visit>
  void for_each(Visit visit) const {
    auto at = begin_;
    const auto* in = first_.get();
    for (std::size_t left = size_; left > 0; --left, ++at) {
      if (at == ChunkSize) {
        in = in->next.get();
        at = 0;
      }
      visit(in->elements[at]);
    }
  }

private:
  struct chunk {
    std::array<Element, ChunkSize> elements{};
    std::unique_ptr<chunk> next;
  };

  void add_chunk() {
    auto& place = first_ ? last_->next : first_;
    place = spare_ ? std::move(spare_) : std::make_unique<chunk>();
    last_ = place.get();
    end_ = 0;
  }

  void drop_first_chunk() {
    spare_ = std::move(first_);
    first_ = std::move(spare_->next);
    begin_ = 0;
  }

  std::unique_ptr<chunk> first_;
  std::unique_ptr<chunk> spare_;
  chunk* last_ = nullptr;
  std::uint32_t begin_ = 0; // in *first_
  std::uint32_t end_ = 0;   // in *last_
  std::size_t size_ = 0;
};

} // namespace callboard::protocol
