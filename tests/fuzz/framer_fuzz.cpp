#include "tests/fuzz/codec_input.hpp"

/// The framer finds the same packets however the bytes are cut, and never says
/// more than the bytes hold.
namespace callboard::protocol::fuzz {

namespace {

using status = enum frame_result::status;

void check_prefixes(std::string_view bytes, std::size_t maximum, const frame_result& whole) {
  for (std::size_t size = 0; size < whole.packet_size && size < 100; ++size) {
    const auto found = next_frame(bytes.substr(0, size), maximum);
    require(found.status == status::need_more, "a part of a packet needs more");
    require(found.packet_size == 0 || found.packet_size == whole.packet_size,
      "its size is known or not, but never wrong");
  }
}

void check(std::string_view bytes, std::size_t maximum) {
  for (auto found = next_frame(bytes, maximum); !bytes.empty();
       found = next_frame(bytes, maximum)) {
    if (found.status != status::complete) {
      require(found.status == status::need_more || !found.error.phrase.empty(), "errors say why");
      return;
    }
    require(found.packet_size <= bytes.size(), "a packet ends with the bytes");
    require(maximum == 0 || found.packet_size <= maximum, "a packet keeps to the limit");
    require(found.frame.packet == bytes.substr(0, found.packet_size), "a frame is its packet");
    require(found.frame.header_size + found.frame.body().size() == found.packet_size,
      "a frame is header and body");
    check_prefixes(bytes, maximum, found);
    bytes.remove_prefix(found.packet_size);
  }
}

} // namespace

} // namespace callboard::protocol::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace callboard::protocol::fuzz;
  const codec_input input{bytes, size};
  check(input.rest(), 0);
  check(input.rest(), size == 0 ? 0 : bytes[0]);
  return 0;
}
