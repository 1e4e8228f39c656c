#pragma once

#include "protocol/codec/utf8.hpp"
#include "protocol/reason_code.hpp"
#include "protocol/types.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace callboard::protocol {

/// Reads MQTT's data types from the body of a packet, MQTT5-1.5. The first fault
/// stays: after it there is nothing left, and everything reads as 0 or empty. So
/// who decodes reads on and asks at the end.
class reader {
public:
  explicit reader(std::string_view bytes) : rest_{bytes} {}

  /// What is not read yet.
  std::string_view rest() const { return rest_; }
  bool empty() const { return rest_.empty(); }

  bool failed() const { return failed_; }
  const protocol::error& fault() const { return fault_; }

  /// Nothing happens if something was wrong before.
  void fail(reason_code code, std::string_view phrase) {
    if (failed_)
      return;
    failed_ = true;
    fault_ = {code, phrase};
    rest_ = {};
  }

  std::uint8_t one_byte() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t two_bytes() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t four_bytes() { return number(4); }

  /// In the fewest bytes, at most four (MQTT5-1.5.5-1, E01).
  std::uint32_t variable_byte_integer() {
    if (!rest_.empty() && byte_at(0) < 0x80) {
      const auto value = byte_at(0);
      rest_.remove_prefix(1);
      return value;
    }
    return long_variable_byte_integer();
  }

  /// The next bytes, as they are.
  std::string_view bytes(std::size_t size) {
    if (rest_.size() < size) {
      fail(reason_code::malformed_packet, cut_short);
      return {};
    }
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  /// Binary data: two bytes of length in front.
  std::string_view binary() {
    const auto size = two_bytes();
    return bytes(size);
  }

  /// A UTF-8 string (MQTT5-1.5.4-1, E15 to E22).
  std::string_view text() {
    const auto taken = binary();
    if (!valid_utf8(taken)) {
      fail(reason_code::malformed_packet,
        "a string is not valid UTF-8: surrogates, overlong forms and U+0000 are not allowed");
      return {};
    }
    return taken;
  }

  /// A packet identifier (MQTT5-2.2.1-3, E11).
  protocol::packet_id packet_id() {
    const auto id = two_bytes();
    if (id == 0)
      fail(reason_code::protocol_error, "a packet identifier must not be 0");
    return id;
  }

  /// Whether all is read and nothing was wrong (E05).
  bool finish() {
    if (!rest_.empty())
      fail(reason_code::malformed_packet,
        "there are bytes behind the packet's last field: check the remaining length");
    return !failed_;
  }

private:
  static constexpr std::string_view cut_short =
    "a field is longer than what is left of its packet: check the lengths";

  std::uint32_t byte_at(std::size_t at) const { return static_cast<std::uint8_t>(rest_[at]); }

  std::uint32_t number(std::size_t size) {
    if (rest_.size() < size) {
      fail(reason_code::malformed_packet, cut_short);
      return 0;
    }
    std::uint32_t value = 0;
    for (std::size_t at = 0; at < size; ++at)
      value = value << 8 | byte_at(at);
    rest_.remove_prefix(size);
    return value;
  }

  std::uint32_t long_variable_byte_integer() {
    std::uint32_t value = 0;
    for (std::size_t at = 0; at < 4 && at < rest_.size(); ++at) {
      value |= (byte_at(at) & 0x7F) << (7 * at);
      if (byte_at(at) >= 0x80)
        continue;
      if (byte_at(at) == 0)
        break;
      rest_.remove_prefix(at + 1);
      return value;
    }
    fail(reason_code::malformed_packet,
      "a variable byte integer must take the fewest bytes possible, and at most four");
    return 0;
  }

  std::string_view rest_;
  protocol::error fault_;
  bool failed_ = false;
};

} // namespace callboard::protocol
