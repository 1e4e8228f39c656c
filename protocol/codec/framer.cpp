#include "protocol/codec/framer.hpp"

namespace callboard::protocol::detail {

namespace {

constexpr std::size_t longest_header = 5; // type and four bytes of remaining length

frame_result failed(reason_code code, std::string_view phrase) {
  frame_result result;
  result.status = frame_result::status::failed;
  result.error = {code, phrase};
  return result;
}

frame_result framed(
  std::string_view bytes, std::size_t header_size, std::size_t size, std::size_t maximum) {
  if (size > maximum && maximum != 0)
    return failed(reason_code::packet_too_large,
      "the packet is larger than this side accepts: send smaller packets or raise the limit");
  frame_result result;
  result.packet_size = size;
  if (bytes.size() >= size) {
    result.status = frame_result::status::complete;
    result.frame = {bytes.substr(0, size), header_size};
  }
  return result;
}

} // namespace

frame_result next_long_frame(std::string_view bytes, std::size_t maximum_packet_size) {
  std::size_t length = 0;
  for (std::size_t at = 1; at < longest_header; ++at) {
    if (at == bytes.size())
      return {};
    const auto byte = static_cast<std::uint8_t>(bytes[at]);
    length |= std::size_t{byte & 0x7FU} << (7 * (at - 1));
    if (byte >= 0x80)
      continue;
    if (byte == 0 && at > 1)
      return failed(reason_code::malformed_packet,
        "the remaining length takes more bytes than it needs: encode it in the fewest");
    return framed(bytes, at + 1, at + 1 + length, maximum_packet_size);
  }
  return failed(
    reason_code::malformed_packet, "the remaining length must not take more than four bytes");
}

} // namespace callboard::protocol::detail
