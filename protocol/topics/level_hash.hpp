#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// The hash of the topic trees' tables: a 64 by 64 bit multiplication folded, as
/// in wyhash. Short texts, as levels are, cost one or two of them. Whoever does
/// not know the seed cannot choose texts that collide.
namespace callboard::protocol {

/// Both halves of the product of two numbers, mixed.
inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using wide = unsigned __int128;
  const auto product = static_cast<wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

namespace hash_constants {
inline constexpr std::uint64_t first = 0xa0761d6478bd642f;
inline constexpr std::uint64_t second = 0xe7037ed1a0b428db;
inline constexpr std::uint64_t third = 0x8ebc6af09c88c6e3;
} // namespace hash_constants

/// Some bytes as a number.
template <class Number>
Number read_number(const char* at) {
  Number number;
  std::memcpy(&number, at, sizeof number);
  return number;
}

inline std::uint64_t hash_level(std::string_view text, std::uint64_t seed) {
  using namespace hash_constants;
  const char* at = text.data();
  auto left = text.size();
  const auto secret = seed ^ second; // so that nobody can make a factor 0
  auto state = seed ^ first;
  for (; left > 16; at += 16, left -= 16)
    state =
      fold(read_number<std::uint64_t>(at) ^ secret, read_number<std::uint64_t>(at + 8) ^ state);
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  if (left >= 8) {
    a = read_number<std::uint64_t>(at);
    b = read_number<std::uint64_t>(at + left - 8);
  } else if (left >= 4) {
    a = read_number<std::uint32_t>(at);
    b = read_number<std::uint32_t>(at + left - 4);
  } else if (left > 0) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(at[i]); };
    a = byte(0) | std::uint64_t{byte(left / 2)} << 8U | std::uint64_t{byte(left - 1)} << 16U;
  }
  return fold(a ^ secret, b ^ state) ^ text.size() * third;
}

} // namespace callboard::protocol
