#include "persistence/records/seal.hpp"

#include <xxhash.h>

#include <cstdint>

namespace callboard::persistence {

namespace {

/// The seed is the key's hash, so that a record does not pass for another one.
std::uint64_t checksum(std::string_view key, std::string_view content) {
  const auto seed = XXH3_64bits_withSeed(key.data(), key.size(), record_version);
  return XXH3_64bits_withSeed(content.data(), content.size(), seed);
}

} // namespace

void seal(std::string_view key, std::string& record) {
  auto sum = checksum(key, std::string_view{record}.substr(seal_size));
  record[0] = static_cast<char>(record_version);
  for (std::size_t at = seal_size - 1; at > 0; --at, sum >>= 8)
    record[at] = static_cast<char>(sum);
}

std::optional<std::string_view> unseal(std::string_view key, std::string_view record) {
  if (record.size() < seal_size || static_cast<unsigned char>(record[0]) != record_version)
    return std::nullopt;
  std::uint64_t sum = 0;
  for (const char byte : record.substr(1, seal_size - 1))
    sum = sum << 8 | static_cast<std::uint8_t>(byte);
  const auto content = record.substr(seal_size);
  return sum == checksum(key, content) ? std::optional{content} : std::nullopt;
}

} // namespace callboard::persistence
