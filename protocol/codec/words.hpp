#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// Eight characters at a time.
namespace callboard::protocol::words {

inline constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
inline constexpr std::uint64_t high_bits = ones * 0x80;

/// Eight characters, from anywhere.
inline std::uint64_t load(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Less than eight characters; the rest reads as `filler`.
inline std::uint64_t load(const char* at, std::size_t size, char filler) {
  std::uint64_t word = ones * static_cast<unsigned char>(filler);
  if (size != 0) // an empty view may point nowhere
    std::memcpy(&word, at, size);
  return word;
}

/// Not 0 if one of eight ASCII characters is 0. A 0 borrows from the characters
/// above it, so the bits do not say which one it is.
inline std::uint64_t has_zero(std::uint64_t word) {
  return (word - ones) & high_bits;
}

/// Not 0 if one of eight ASCII characters is this one.
inline std::uint64_t has(std::uint64_t word, char character) {
  return has_zero(word ^ (ones * static_cast<unsigned char>(character)));
}

/// Not 0 if one of the eight is 0 or no ASCII character.
inline std::uint64_t not_plain(std::uint64_t word) {
  return (word & high_bits) | has_zero(word);
}

} // namespace callboard::protocol::words
