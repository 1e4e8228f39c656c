#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace callboard::persistence {

/// How many bytes a number takes in a record.
constexpr std::size_t size_of_number(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

/// Writes fields one behind the other where somebody has made room for all of them. What
/// record_reader reads back, on every machine.
class field_writer {
public:
  explicit field_writer(char* to) : at_{to} {}

  void byte(std::uint8_t value) { *at_++ = static_cast<char>(value); }
  void flag(bool value) { byte(value ? 1 : 0); }

  /// In as few bytes as it needs, 1 to 10.
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      byte(static_cast<std::uint8_t>(value | 0x80));
    byte(static_cast<std::uint8_t>(value));
  }

  /// In eight bytes: for what is large as a rule, such as hashes and times.
  void wide(std::uint64_t value) {
    for (std::size_t at = 8; at > 0; value >>= 8)
      at_[--at] = static_cast<char>(value);
    at_ += 8;
  }

  /// With the size in front.
  void bytes(std::string_view value) {
    number(value.size());
    if (!value.empty())
      std::memcpy(at_, value.data(), value.size());
    at_ += value.size();
  }

private:
  char* at_;
};

/// Collects the fields of a record: a field_writer that makes room by itself.
class record_writer {
public:
  /// Appends to a string that outlives the writer.
  explicit record_writer(std::string& out) : out_{out} {}

  void byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void flag(bool value) { byte(value ? 1 : 0); }

  void number(std::uint64_t value) { room(size_of_number(value)).number(value); }
  void wide(std::uint64_t value) { room(8).wide(value); }

  void bytes(std::string_view value) {
    number(value.size());
    out_.append(value);
  }

  /// For so many bytes, which must all be written: cheaper than field by field.
  field_writer room(std::size_t size) {
    const auto before = out_.size();
    out_.resize(before + size);
    return field_writer{out_.data() + before};
  }

private:
  std::string& out_;
};

} // namespace callboard::persistence
