#include "protocol/codec/topic_name.hpp"
#include "protocol/codec/utf8.hpp"
#include "tests/fuzz/codec_input.hpp"

#include <array>

namespace callboard::protocol::fuzz {

namespace {

/// UTF-8 by the book: the code point at the front and its size; size 0 if there
/// is none.
struct point {
  std::uint32_t value = 0;
  std::size_t size = 0;
};

point point_at_front(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
  const auto first = byte(0);
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xC0 ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                                          : 4;
  if (size == 0 || size > text.size() || first >= 0xF8)
    return {};
  auto value = size == 1 ? first : first & (0xFFU >> (size + 1));
  for (std::size_t at = 1; at < size; ++at) {
    if ((byte(at) & 0xC0U) != 0x80)
      return {};
    value = value << 6 | (byte(at) & 0x3FU);
  }
  return {value, size};
}

bool may_be_used(point point) {
  constexpr std::array<std::uint32_t, 5> smallest{0, 1, 0x80, 0x800, 0x1'0000};
  return point.size != 0 && point.value >= smallest.at(point.size) && point.value <= 0x10'FFFF &&
         (point.value < 0xD800 || point.value > 0xDFFF);
}

bool valid_by_the_book(std::string_view text) {
  while (!text.empty()) {
    const auto next = point_at_front(text);
    if (!may_be_used(next))
      return false;
    text.remove_prefix(next.size);
  }
  return true;
}

void check(std::string_view text) {
  const auto valid = valid_by_the_book(text);
  require(valid_utf8(text) == valid, "the fast way and the slow way agree");
  const auto wildcard = text.find_first_of("+#") != std::string_view::npos;
  const auto expected = !valid     ? topic_name_fault::not_utf8
                        : wildcard ? topic_name_fault::wildcard
                                   : topic_name_fault::none;
  require(check_topic_name(text) == expected, "a topic name is looked at in the same way");
}

} // namespace

} // namespace callboard::protocol::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace callboard::protocol::fuzz;
  check(codec_input{bytes, size}.rest());
  return 0;
}
