#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace callboard::testing {

/// All that is drawn from a seed. Uses nothing of the library's distributions,
/// which are free to differ from one to the next.
class chance {
public:
  explicit chance(std::uint64_t seed) : random_{seed} {}

  /// 0 to choices - 1.
  std::size_t pick(std::size_t choices) { return random_() % choices; }

  template <class Item>
  const Item& pick_of(const std::vector<Item>& items) {
    return items[pick(items.size())];
  }

  /// True in one of so many cases.
  bool one_in(std::size_t cases) { return pick(cases) == 0; }

private:
  std::mt19937_64 random_;
};

} // namespace callboard::testing
