#include "tests/fuzz/codec_input.hpp"

/// DISCONNECT and AUTH, from either side.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace callboard::protocol::fuzz;
  const codec_input input{bytes, size};
  for (const auto first_byte : {0xE0U, 0xF0U})
    check_round_trip(input.as_packet(first_byte), input.chosen_version(), input.chosen_sender());
  return 0;
}
