#pragma once

#include "protocol/packets/packet.hpp"
#include "protocol/reason_code.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace callboard::protocol {

/// The largest remaining length, MQTT5-2.1.4.
inline constexpr std::uint32_t largest_remaining_length = 268'435'455;

/// One whole packet in the bytes it came in.
struct frame {
  std::string_view packet;
  std::size_t header_size = 2; // 2 to 5 bytes

  std::uint8_t first_byte() const { return static_cast<std::uint8_t>(packet[0]); }

  /// 0 is no packet type; decoding refuses it.
  packet_type type() const { return static_cast<packet_type>(first_byte() >> 4); }

  /// The low four bits of the first byte.
  std::uint8_t flags() const { return first_byte() & 0x0F; }

  /// What follows the fixed header.
  std::string_view body() const { return packet.substr(header_size); }
};

/// What next_frame() found at the front of the bytes.
struct frame_result {
  enum class status : std::uint8_t { need_more, complete, failed };

  status status = status::need_more;

  /// If complete. The next packet begins where this one ends.
  protocol::frame frame;

  /// The size of the whole packet in bytes, 2 to 268,435,460; 0 as long as not
  /// even the fixed header is there. Known before the packet is complete, so
  /// that the caller can plan for what is missing.
  std::size_t packet_size = 0;

  /// If failed.
  protocol::error error;
};

namespace detail {

/// The general case: a remaining length of two bytes and more, and errors.
frame_result next_long_frame(std::string_view bytes, std::size_t maximum_packet_size);

} // namespace detail

/// Looks for the packet that `bytes` begin with. Keeps nothing: call again with
/// the same bytes and more behind them.
///
/// `maximum_packet_size` counts the whole packet in bytes; 0: no limit of ours.
/// Errors: malformed_packet for a remaining length of more than four bytes
/// (E02) or more bytes than it needs (MQTT5-1.5.5-1, E01; for 3.x too);
/// packet_too_large, told by the header alone (MQTT5-3.2.2-15, E03).
inline frame_result next_frame(std::string_view bytes, std::size_t maximum_packet_size = 0) {
  if (bytes.size() < 2)
    return {};
  const auto length = static_cast<std::uint8_t>(bytes[1]);
  const auto size = std::size_t{2} + length;
  if (length >= 0x80 || (size > maximum_packet_size && maximum_packet_size != 0)) [[unlikely]]
    return detail::next_long_frame(bytes, maximum_packet_size);
  frame_result result;
  result.packet_size = size;
  if (bytes.size() >= size) {
    result.status = frame_result::status::complete;
    result.frame.packet = bytes.substr(0, size);
  }
  return result;
}

} // namespace callboard::protocol
