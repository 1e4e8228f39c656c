#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace callboard::persistence {

/// Reads the fields of a record. The first fault stays: after it everything
/// reads as 0 or empty, so who decodes reads on and asks at the end.
class record_reader {
public:
  explicit record_reader(std::string_view bytes) : rest_{bytes} {}

  bool failed() const { return failed_; }

  /// Whether all was read and nothing was wrong.
  bool finished() const { return !failed_ && rest_.empty(); }

  /// What is not read yet.
  std::string_view rest() const { return rest_; }

  /// What was read makes no sense.
  void fail() {
    failed_ = true;
    rest_ = {};
  }

  std::uint8_t byte() {
    const auto taken = take(1);
    return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken.front());
  }

  bool flag() { return byte_below(2) != 0; }

  /// Fails if it is not below the bound.
  std::uint8_t byte_below(std::uint8_t bound) {
    const auto value = byte();
    return value < bound ? value : (fail(), std::uint8_t{0});
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto next = byte();
      value |= std::uint64_t{next & 0x7FU} << shift;
      if (next < 0x80)
        return value;
    }
    fail();
    return 0;
  }

  /// A number that fits into the type; fails if it does not.
  template <class Unsigned>
  Unsigned number_as() {
    const auto value = number();
    if (value != static_cast<Unsigned>(value))
      fail();
    return failed_ ? Unsigned{} : static_cast<Unsigned>(value);
  }

  std::uint64_t wide() {
    std::uint64_t value = 0;
    for (const char next : take(8))
      value = value << 8 | static_cast<std::uint8_t>(next);
    return value;
  }

  /// Until the bytes of the record go.
  std::string_view bytes() { return take(number()); }

  /// How many elements follow, each of at least one byte; fails if they cannot be
  /// there, so that nobody makes room for what a broken record claims.
  std::size_t count() {
    const auto value = number();
    if (value > rest_.size())
      fail();
    return failed_ ? 0 : static_cast<std::size_t>(value);
  }

private:
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const auto taken = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(static_cast<std::size_t>(size));
    return taken;
  }

  std::string_view rest_;
  bool failed_ = false;
};

} // namespace callboard::persistence
