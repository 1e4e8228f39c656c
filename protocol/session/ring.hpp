#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace callboard::protocol {

/// A queue whose elements can be reached by position. Allocates only while it
/// grows beyond its largest size so far; gives the memory back when it becomes
/// empty after having been large.
template <class Element>
class ring {
public:
  ring() = default;
  ring(const ring&) = delete;
  ring& operator=(const ring&) = delete;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// Position 0 is the front; below size().
  Element& operator[](std::size_t position) {
    return elements_[(front_ + position) & (capacity_ - 1)];
  }
  const Element& operator[](std::size_t position) const {
    return elements_[(front_ + position) & (capacity_ - 1)];
  }

  void push_back(Element element) {
    if (size_ == capacity_)
      grow();
    (*this)[size_++] = std::move(element);
  }

  /// Not when empty.
  void pop_front() {
    front_ = (front_ + 1) & (capacity_ - 1);
    if (--size_ == 0 && capacity_ > kept_when_empty)
      clear();
  }

  void clear() {
    elements_.reset();
    capacity_ = size_ = front_ = 0;
  }

private:
  static constexpr std::size_t least = 8;
  static constexpr std::size_t kept_when_empty = 256;

  void grow() {
    const auto capacity = capacity_ == 0 ? least : capacity_ * 2;
    auto elements = std::make_unique<Element[]>(capacity); // NOLINT(*-avoid-c-arrays)
    for (std::size_t position = 0; position < size_; ++position)
      elements[position] = std::move((*this)[position]);
    elements_ = std::move(elements);
    capacity_ = capacity;
    front_ = 0;
  }

  std::unique_ptr<Element[]> elements_; // NOLINT(*-avoid-c-arrays)
  std::size_t capacity_ = 0;            // 0 or a power of two
  std::size_t front_ = 0;
  std::size_t size_ = 0;
};

} // namespace callboard::protocol
