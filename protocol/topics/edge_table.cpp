#include "protocol/topics/edge_table.hpp"

#include <utility>

namespace callboard::protocol {

namespace {

constexpr std::size_t fewest_slots = 16;

} // namespace

void edge_table::insert(std::uint32_t hash, std::uint32_t child) {
  if ((size_ + 1) * 5 > slots_.size() * 4)
    resize(slots_.empty() ? fewest_slots : slots_.size() * 2);
  place({hash, child});
  ++size_;
}

void edge_table::erase(std::uint32_t hash, std::uint32_t child) {
  auto hole = hash & mask();
  while (slots_[hole].child != child)
    hole = (hole + 1) & mask();
  // Those behind the hole move up unless that would put them before their home.
  for (auto at = (hole + 1) & mask(); slots_[at].child != 0; at = (at + 1) & mask()) {
    const auto from_home = (at - slots_[at].hash) & mask();
    if (from_home < ((at - hole) & mask()))
      continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = {};
  --size_;
  if (size_ < slots_.size() / 8 && slots_.size() > fewest_slots)
    resize(slots_.size() / 4 < fewest_slots ? fewest_slots : slots_.size() / 4);
}

void edge_table::clear() {
  slots_ = {};
  size_ = 0;
}

void edge_table::place(edge added) {
  auto at = added.hash & mask();
  while (slots_[at].child != 0)
    at = (at + 1) & mask();
  slots_[at] = added;
}

void edge_table::resize(std::size_t slots) {
  const auto old = std::exchange(slots_, std::vector<edge>(slots));
  for (const auto& known : old)
    if (known.child != 0)
      place(known);
}

} // namespace callboard::protocol
