#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace callboard::protocol {

/// The nodes of a trie that match the levels read so far. Few as a rule, then it
/// takes nothing from the heap.
class frontier {
public:
  /// Leaves few_ as it is: setting it would cost more than most matches.
  frontier() {} // NOLINT(cppcoreguidelines-pro-type-member-init, modernize-use-equals-default)
  frontier(const frontier&) = delete;
  frontier& operator=(const frontier&) = delete;

  void push(std::uint32_t node) {
    if (size_ < few_.size())
      few_[size_] = node;
    else
      push_many(node);
    ++size_;
  }

  void clear() {
    size_ = 0;
    many_.clear();
  }

  bool empty() const { return size_ == 0; }
  const std::uint32_t* begin() const { return many_.empty() ? few_.data() : many_.data(); }
  const std::uint32_t* end() const { return begin() + size_; }

private:
  void push_many(std::uint32_t node) {
    if (many_.empty())
      many_.assign(few_.begin(), few_.end());
    many_.push_back(node);
  }

  std::size_t size_ = 0;

  std::array<std::uint32_t, 32> few_;

  /// All of them, once they are more than few.
  std::vector<std::uint32_t> many_;
};

} // namespace callboard::protocol
