#include "app/store/base64.hpp"

#include <cstddef>
#include <cstdint>

namespace callboard::app::store {

std::string base64(std::string_view bytes) {
  constexpr std::string_view letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto some = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t each = 0; each < 3; ++each)
      bits = bits << 8 | (each < some.size() ? static_cast<std::uint8_t>(some[each]) : 0U);
    for (std::size_t each = 0; each < 4; ++each)
      text.push_back(each <= some.size() ? letters[bits >> (18 - 6 * each) & 63U] : '=');
  }
  return text;
}

} // namespace callboard::app::store
