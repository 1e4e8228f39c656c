#include "tests/fuzz/codec_input.hpp"

/// CONNACK, SUBACK, UNSUBACK and PINGRESP, as our own client reads them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace callboard::protocol::fuzz;
  using callboard::protocol::sender;
  const codec_input input{bytes, size};
  for (const auto first_byte : {0x20U, 0x90U, 0xB0U, 0xD0U})
    check_round_trip(input.as_packet(first_byte), input.chosen_version(), sender::server);
  return 0;
}
