#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace callboard::persistence {

/// Collects the fields of a record. What record_reader reads back, on every
/// machine.
class record_writer {
public:
  /// Appends to a string that outlives the writer.
  explicit record_writer(std::string& out) : out_{out} {}

  void byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void flag(bool value) { byte(value ? 1 : 0); }

  /// In as few bytes as it needs, 1 to 10.
  void number(std::uint64_t value) {
    std::array<char, 10> all{};
    std::size_t size = 0;
    for (; value >= 0x80; value >>= 7)
      all[size++] = static_cast<char>(value | 0x80); // NOLINT: 10 times 7 bits are enough
    all[size++] = static_cast<char>(value);          // NOLINT
    out_.append(all.data(), size);
  }

  /// How many bytes that takes.
  static std::size_t size_of_number(std::uint64_t value) {
    std::size_t size = 1;
    for (; value >= 0x80; value >>= 7)
      ++size;
    return size;
  }

  /// In eight bytes: for what is large as a rule, such as hashes and times.
  void wide(std::uint64_t value) {
    std::array<char, 8> all{};
    for (auto at = all.rbegin(); at != all.rend(); ++at, value >>= 8)
      *at = static_cast<char>(value);
    out_.append(all.data(), all.size());
  }

  /// With the size in front.
  void bytes(std::string_view value) {
    number(value.size());
    out_.append(value);
  }

private:
  std::string& out_;
};

} // namespace callboard::persistence
