#include "tests/fuzz/codec_input.hpp"

/// Any bytes at all, taken as packets of either side: the first byte of a packet
/// and its flags are the fuzzer's too.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace callboard::protocol;
  using namespace callboard::protocol::fuzz;
  const codec_input input{bytes, size};
  auto left = input.rest();
  for (auto next = next_frame(left); next.status == frame_result::status::complete;
       next = next_frame(left)) {
    check_round_trip(std::string{next.frame.packet}, input.chosen_version(), input.chosen_sender());
    left.remove_prefix(next.packet_size);
  }
  return 0;
}
