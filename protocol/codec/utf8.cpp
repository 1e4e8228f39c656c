#include "protocol/codec/utf8.hpp"

#include "protocol/codec/words.hpp"

#include <cstddef>

namespace callboard::protocol {

namespace {

/// The size of the longest prefix, in whole words, of plain ASCII without 0.
std::size_t plain_prefix(std::string_view text) {
  const auto* data = text.data();
  std::size_t at = 0;
  for (; at + 16 <= text.size(); at += 16)
    if ((words::not_plain(words::load(data + at)) | words::not_plain(words::load(data + at + 8))) !=
        0)
      return at;
  if (at + 8 <= text.size() && words::not_plain(words::load(data + at)) == 0)
    at += 8;
  return at;
}

/// Whether 0x80 to 0xBF, the bytes that continue a character.
bool continues(unsigned char byte) {
  return (byte & 0xC0U) == 0x80;
}

/// The size of the character at the front, 0 if there is no valid one. The second
/// byte's range keeps out overlong forms, surrogates and what is too large.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const auto first = byte(0);
  if (first < 0x80)
    return first != 0 ? 1 : 0;
  if (first < 0xC2 || first > 0xF4)
    return 0;
  const auto size = first < 0xE0 ? 2U : first < 0xF0 ? 3U : 4U;
  if (text.size() < size)
    return 0;
  const auto lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const auto highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < lowest || byte(1) > highest)
    return 0;
  for (std::size_t at = 2; at < size; ++at)
    if (!continues(byte(at)))
      return 0;
  return size;
}

} // namespace

bool valid_utf8(std::string_view text) {
  while (!text.empty()) {
    text.remove_prefix(plain_prefix(text));
    // The rest of a word, or the word that holds something else.
    for (std::size_t passed = 0; passed < 8 && !text.empty();) {
      const auto size = character_size(text);
      if (size == 0)
        return false;
      text.remove_prefix(size);
      passed += size;
    }
  }
  return true;
}

} // namespace callboard::protocol
