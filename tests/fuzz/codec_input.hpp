#pragma once

#include "protocol/codec/decode.hpp"
#include "protocol/codec/encode.hpp"
#include "protocol/codec/framer.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

/// What the fuzz targets of the codec have in common.
namespace callboard::protocol::fuzz {

/// Ends the program if something is not as it must be.
inline void require(bool holds, std::string_view what) {
  if (holds)
    return;
  std::cerr << "broken: " << what << '\n';
  std::abort();
}

/// The first byte of an input says the version and the sender; the rest is what
/// came in.
class codec_input {
public:
  codec_input(const std::uint8_t* bytes, std::size_t size)
      : choice_{size == 0 ? std::uint8_t{0} : bytes[0]}, rest_{size == 0 ? std::string{}
                                                                         : std::string{bytes + 1,
                                                                             bytes + size}} {}

  version chosen_version() const { return static_cast<version>(3 + choice_ % 3); }
  sender chosen_sender() const { return (choice_ & 0x80) != 0 ? sender::server : sender::client; }
  std::string_view rest() const { return rest_; }

  /// The rest as the body of a packet that begins with this byte; so the fuzzer
  /// need not find out the remaining length.
  std::string as_packet(unsigned first_byte) const {
    std::string whole{static_cast<char>(first_byte)};
    auto length = rest_.size();
    for (; length >= 0x80; length >>= 7)
      whole += static_cast<char>(length | 0x80);
    return whole + static_cast<char>(length) + rest_;
  }

private:
  std::uint8_t choice_;
  std::string rest_;
};

/// Decodes a packet. What was read must come out of its encoding once more, and
/// the encoding must not change again.
inline void check_round_trip(const std::string& bytes, version version, sender from) {
  const auto framed = next_frame(bytes);
  if (framed.status != frame_result::status::complete)
    return;
  arena rest;
  const auto read = decode(framed.frame, version, from, rest);
  if (!read) {
    require(!read.error().phrase.empty() && is_failure(read.error().code), "an error says why");
    return;
  }
  std::string once;
  require(encode(once, version, *read), "what was decoded can be encoded");
  arena rest_of_once;
  const auto again = decode(next_frame(once).frame, version, from, rest_of_once);
  require(static_cast<bool>(again), "what was encoded can be decoded");
  std::string twice;
  require(encode(twice, version, *again), "and encoded again");
  require(once == twice, "into the same bytes");
}

} // namespace callboard::protocol::fuzz
