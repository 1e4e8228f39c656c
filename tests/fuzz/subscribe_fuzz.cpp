#include "tests/fuzz/codec_input.hpp"

/// SUBSCRIBE and UNSUBSCRIBE.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace callboard::protocol::fuzz;
  const codec_input input{bytes, size};
  for (const auto first_byte : {0x82U, 0xA2U})
    check_round_trip(input.as_packet(first_byte), input.chosen_version(), input.chosen_sender());
  return 0;
}
