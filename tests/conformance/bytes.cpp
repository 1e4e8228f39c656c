#include "tests/conformance/bytes.hpp"

#include <cctype>
#include <stdexcept>

namespace callboard::conformance {

namespace {

constexpr std::string_view digits_of_hex = "0123456789ABCDEF";

unsigned digit(char c) {
  const auto at =
    digits_of_hex.find(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  if (at == std::string_view::npos)
    throw std::invalid_argument{std::string{"not a hex digit: "} + c};
  return static_cast<unsigned>(at);
}

} // namespace

bytes operator""_hex(const char* digits, std::size_t length) {
  bytes result;
  std::string pair;
  for (const char c : std::string_view{digits, length}) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0)
      continue;
    pair += c;
    if (pair.size() < 2)
      continue;
    result += u8(digit(pair[0]) * 16 + digit(pair[1]));
    pair.clear();
  }
  if (!pair.empty())
    throw std::invalid_argument{"an odd number of hex digits"};
  return result;
}

bytes u8(unsigned value) {
  return bytes(1, static_cast<char>(value & 0xFFU));
}

bytes u16(unsigned value) {
  return u8(value >> 8U) + u8(value);
}

bytes u32(std::uint32_t value) {
  return u16(value >> 16U) + u16(value & 0xFFFFU);
}

bytes variable(std::uint32_t value) {
  bytes result;
  do {
    const std::uint32_t rest = value / 128;
    result += u8(value % 128 + (rest > 0 ? 128 : 0));
    value = rest;
  } while (value > 0);
  return result;
}

bytes field(std::string_view content) {
  return u16(static_cast<unsigned>(content.size())) + bytes{content};
}

bytes repeat(std::string_view unit, std::size_t count) {
  bytes result;
  result.reserve(unit.size() * count);
  for (std::size_t i = 0; i < count; ++i)
    result += unit;
  return result;
}

std::string show(std::string_view octets, std::size_t limit) {
  std::string result;
  for (const char c : octets.substr(0, limit)) {
    const auto octet = static_cast<unsigned char>(c);
    result += result.empty() ? "" : " ";
    result += digits_of_hex[octet / 16U];
    result += digits_of_hex[octet % 16U];
  }
  if (octets.size() > limit)
    result += " ... (" + std::to_string(octets.size()) + " octets)";
  return result;
}

} // namespace callboard::conformance
