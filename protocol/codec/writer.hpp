#pragma once

#include "protocol/codec/property.hpp"
#include "protocol/packets/properties.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callboard::protocol {

/// Bytes that a variable byte integer of this value takes, 1 to 4.
constexpr std::size_t variable_byte_integer_size(std::size_t value) {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20'0000 ? 3 : 4;
}

/// Writes MQTT's data types to where room was made before, MQTT5-1.5.
class raw_writer {
public:
  explicit raw_writer(char* at) : at_{at} {}

  char* position() const { return at_; }

  void one_byte(std::size_t value) { *at_++ = static_cast<char>(value); }

  void two_bytes(std::size_t value) {
    one_byte(value >> 8);
    one_byte(value);
  }

  void four_bytes(std::size_t value) {
    two_bytes(value >> 16);
    two_bytes(value);
  }

  /// At most 268,435,455.
  void variable_byte_integer(std::size_t value) {
    for (; value >= 0x80; value >>= 7)
      one_byte(value | 0x80);
    one_byte(value);
  }

  void bytes(std::string_view bytes) { at_ = std::copy(bytes.begin(), bytes.end(), at_); }

private:
  char* at_;
};

/// The longest string or binary field, MQTT5-1.5.4.
inline constexpr std::size_t longest_field = 65'535;

/// Collects the body of a packet. Fields that are longer than MQTT can say are
/// cut; who makes packets keeps to the length.
class body_writer {
public:
  const std::string& bytes() const { return bytes_; }

  void one_byte(std::size_t value) { bytes_.push_back(static_cast<char>(value)); }
  void two_bytes(std::size_t value);
  void four_bytes(std::size_t value);
  void variable_byte_integer(std::size_t value);
  void raw(std::string_view bytes) { bytes_.append(bytes); }

  /// A string or binary data: two bytes of length in front.
  void field(std::string_view bytes);

private:
  std::string bytes_;
};

/// Collects properties; what is not there is left out.
class property_writer {
public:
  /// A number, in the form that the property has.
  void number(property id, std::optional<std::uint32_t> value);

  /// A string or binary data.
  void field(property id, const std::optional<std::string>& value);

  /// A string that is left out if it is empty.
  void text(property id, std::string_view value);

  void pairs(const user_properties& pairs);

  /// Properties that are encoded already.
  void encoded(std::string_view properties) { block_.raw(properties); }

  bool empty() const { return block_.bytes().empty(); }
  const std::string& bytes() const { return block_.bytes(); }

  /// With the length in front, which is there even if nothing else is
  /// (MQTT5-2.2.2-1).
  void append_to(body_writer& body) const;

private:
  body_writer block_;
};

/// Appends a packet unless it is larger than the receiver (0: no limit) or MQTT
/// allows; says whether it did.
bool append_packet(std::string& out, std::uint8_t first_byte, std::string_view body,
  std::uint32_t maximum_packet_size);

} // namespace callboard::protocol
