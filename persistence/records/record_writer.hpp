#pragma once

#include <array>
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
    for (; value >= 0x80; value >>= 7)
      byte(static_cast<std::uint8_t>(value | 0x80));
    byte(static_cast<std::uint8_t>(value));
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
