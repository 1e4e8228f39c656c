#pragma once

#include <algorithm>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// The order of topics in which those below a prefix stand next to each other:
/// by the bytes of the first level, then of the second, and so on.
namespace callboard::protocol {

/// How many bytes two texts have in common at their beginning.
inline std::size_t common_bytes(std::string_view a, std::string_view b) {
  const auto shorter = std::min(a.size(), b.size());
  std::size_t at = 0;
  if constexpr (std::endian::native == std::endian::little)
    for (; at + sizeof(std::uint64_t) <= shorter; at += sizeof(std::uint64_t)) {
      std::uint64_t from_a = 0;
      std::uint64_t from_b = 0;
      std::memcpy(&from_a, a.data() + at, sizeof from_a);
      std::memcpy(&from_b, b.data() + at, sizeof from_b);
      if (from_a != from_b)
        return at + static_cast<std::size_t>(std::countr_zero(from_a ^ from_b)) / 8;
    }
  while (at != shorter && a[at] == b[at])
    ++at;
  return at;
}

/// Compares level by level. Where both differ first, a level that ends there is
/// the smaller one, so the separator counts less than any other byte.
inline std::strong_ordering compare_topics(std::string_view a, std::string_view b) {
  const auto common = common_bytes(a, b);
  if (common == a.size() || common == b.size())
    return a.size() <=> b.size();
  const auto weight = [](char byte) {
    return byte == '/' ? -1 : static_cast<int>(static_cast<unsigned char>(byte));
  };
  return weight(a[common]) <=> weight(b[common]);
}

/// Whether the topic begins with the levels of `first` or equals it. Unlike a
/// prefix of topic_filter.hpp, an empty `first` is one level, which is empty.
inline bool begins_with_levels(std::string_view topic, std::string_view first) {
  return topic.starts_with(first) && (topic.size() == first.size() || topic[first.size()] == '/');
}

} // namespace callboard::protocol
