#include "tests/fuzz/codec_input.hpp"

namespace callboard::protocol::fuzz {

namespace {

/// Decodes a CONNECT, as the first packet of a connection.
void check_connect(const std::string& bytes) {
  const auto read = decode_connect(next_frame(bytes).frame);
  if (!read) {
    require(!read.error().error.phrase.empty(), "a refusal says why");
    return;
  }
  std::string once;
  require(encode_connect(once, **read), "what was decoded can be encoded");
  const auto again = decode_connect(next_frame(once).frame);
  require(static_cast<bool>(again), "what was encoded can be decoded");
  std::string twice;
  require(encode_connect(twice, **again), "and encoded again");
  require(once == twice, "into the same bytes");
}

} // namespace

} // namespace callboard::protocol::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace callboard::protocol::fuzz;
  if (size != 0)
    check_connect(codec_input{bytes, size}.as_packet(bytes[0]));
  return 0;
}
