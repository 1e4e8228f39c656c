#pragma once

#include "protocol/codec/decode.hpp"
#include "protocol/codec/framer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace callboard::protocol {

/// So that a failed test says which code it was.
inline void PrintTo(reason_code code, std::ostream* out) {
  *out << "0x" << std::hex << static_cast<unsigned>(code) << std::dec;
}

} // namespace callboard::protocol

namespace callboard::protocol::testing {

/// Bytes from a notation for people:
///
///     0A0B   hexadecimal; spaces mean nothing
///     'ab'   characters
///     "ab"   a string of MQTT: its length in two bytes, its characters
///     {..}   properties of MQTT 5: their length, then what stands inside
class notation {
public:
  explicit notation(std::string_view text) : text_{text} {}

  std::string read() {
    while (at_ < text_.size())
      read_one();
    return std::move(bytes_);
  }

  /// A variable byte integer.
  static std::string length(std::size_t value) {
    std::string bytes;
    for (; value >= 0x80; value >>= 7)
      bytes += static_cast<char>(value | 0x80);
    return bytes + static_cast<char>(value);
  }

private:
  void read_one() {
    switch (text_[at_]) {
    case ' ':
    case '\n':
      ++at_;
      return;
    case '{':
      ++at_;
      block_ = bytes_.size();
      return;
    case '}':
      ++at_;
      bytes_.insert(block_, length(bytes_.size() - block_));
      return;
    case '\'':
      bytes_ += quoted();
      return;
    case '"':
      bytes_ += string(quoted());
      return;
    default:
      bytes_ += byte();
    }
  }

  std::string quoted() {
    const auto end = text_.find(text_[at_], at_ + 1);
    const auto characters = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return std::string{characters};
  }

  static std::string string(const std::string& characters) {
    return std::string{
             static_cast<char>(characters.size() >> 8), static_cast<char>(characters.size())} +
           characters;
  }

  char byte() {
    const auto value = std::stoi(std::string{text_.substr(at_, 2)}, nullptr, 16);
    at_ += 2;
    return static_cast<char>(value);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string bytes_;
  std::size_t block_ = 0; // where the open block begins
};

inline std::string bytes(std::string_view text) {
  return notation{text}.read();
}

/// A packet: the first byte, the remaining length (not written here), the rest.
inline std::string packet_bytes(std::string_view text) {
  const auto all = bytes(text);
  return all.substr(0, 1) + notation::length(all.size() - 1) + all.substr(1);
}

/// The only packet in these bytes.
inline frame frame_of(std::string_view bytes) {
  return next_frame(bytes).frame;
}

/// What is wrong with a packet in the notation of packet_bytes(); nothing if it
/// may come.
inline std::optional<reason_code> fault_in(
  std::string_view text, version version, sender from = sender::client) {
  const auto bytes = packet_bytes(text);
  arena rest;
  const auto decoded = decode(frame_of(bytes), version, from, rest);
  if (decoded)
    return std::nullopt;
  return decoded.error().code;
}

inline constexpr auto mp = reason_code::malformed_packet;
inline constexpr auto pe = reason_code::protocol_error;
inline constexpr auto v31 = version::mqtt_3_1;
inline constexpr auto v311 = version::mqtt_3_1_1;
inline constexpr auto v5 = version::mqtt_5_0;

/// A packet that a sender must not send, and what is wrong with it.
struct refused {
  const char* why;
  const char* packet;
  reason_code code;
};

} // namespace callboard::protocol::testing
