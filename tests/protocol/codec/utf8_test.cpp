#include "protocol/codec/utf8.hpp"

#include "protocol/codec/topic_name.hpp"
#include "tests/protocol/codec/bytes.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>

namespace callboard::protocol {

namespace {

using testing::bytes;

/// UTF-8 by the book, one code point after the other.
std::string encoded(std::uint32_t point) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  const auto tail = [&](int shift) { return byte(0x80 | (point >> shift & 0x3F)); };
  if (point < 0x80)
    return {byte(point)};
  if (point < 0x800)
    return {byte(0xC0 | point >> 6), tail(0)};
  if (point < 0x1'0000)
    return {byte(0xE0 | point >> 12), tail(6), tail(0)};
  return {byte(0xF0 | point >> 18), tail(12), tail(6), tail(0)};
}

bool may_be_used(std::uint32_t point) {
  return point != 0 && point <= 0x10'FFFF && (point < 0xD800 || point > 0xDFFF);
}

constexpr auto ill_formed = std::to_array<const char*>({
  "00",
  "61 00 62", // E16, MQTT5-1.5.4-2, MQTT311-1.5.3-2
  "ED A0 80",
  "ED AF BF",
  "ED B0 80",
  "ED BF BF", // E15, MQTT5-1.5.4-1, MQTT311-1.5.3-1
  "C0 80",
  "C0 AF",
  "C1 BF", // E17: overlong
  "E0 80 AF",
  "E0 9F BF",
  "F0 80 80 80",
  "F0 8F BF BF",
  "F4 90 80 80",
  "F5 80 80 80",
  "FE",
  "FF", // above U+10FFFF
  "80",
  "BF",
  "61 80", // continuation without a start
  "C3",
  "E2 82",
  "F0 9F 98",
  "C3 28",
  "E2 28 A1",
  "E2 82 28",
  "F0 28 8C BC",
  "F0 90 28 BC",
});

} // namespace

TEST(Utf8, TakesEveryCodePointThatMayBeUsedAndNoOther) {
  for (std::uint32_t point = 0; point <= 0x11'0000; ++point)
    ASSERT_EQ(valid_utf8(encoded(point)), may_be_used(point)) << std::hex << point;
}

TEST(Utf8, RefusesIllFormedBytes) {
  for (const auto* text : ill_formed)
    EXPECT_FALSE(valid_utf8(bytes(text))) << text;
}

TEST(Utf8, FindsAFaultWhereverItStands) {
  for (std::size_t size = 1; size <= 40; ++size)
    for (std::size_t at = 0; at < size; ++at)
      for (const char fault : {'\0', '\x80', '\xFF'}) {
        std::string text(size, 'a');
        EXPECT_TRUE(valid_utf8(text));
        text[at] = fault;
        EXPECT_FALSE(valid_utf8(text)) << size << " at " << at;
      }
}

TEST(Utf8, FindsIllFormedBytesWhereverTheyStand) {
  for (const auto* fault : ill_formed)
    for (std::size_t before = 0; before <= 20; ++before)
      EXPECT_FALSE(valid_utf8(std::string(before, 'a') + bytes(fault) + "bc")) << fault << before;
}

TEST(Utf8, TakesLongCharactersWhereverTheyStand) {
  for (std::size_t before = 0; before <= 20; ++before)
    for (const char* character : {"é", "€", "😀"})
      EXPECT_TRUE(valid_utf8(std::string(before, 'a') + character + "bcdefghijklmnop"));
}

TEST(Utf8, TakesTheEmptyString) {
  EXPECT_TRUE(valid_utf8(""));
}

TEST(Utf8, TakesControlCharactersAndNonCharacters) { // E18
  EXPECT_TRUE(valid_utf8(bytes("01 1F 7F C280 C29F EFBFBE EFBFBF")));
}

TEST(Utf8, TakesAByteOrderMark) { // E19, MQTT5-1.5.4-3, MQTT311-1.5.3-3
  EXPECT_TRUE(valid_utf8(bytes("EFBBBF 61")));
}

TEST(TopicName, FindsWildcardsAndFaultsWhereverTheyStand) {
  for (std::size_t size = 1; size <= 40; ++size)
    for (std::size_t at = 0; at < size; ++at) {
      std::string topic(size, 'a');
      EXPECT_EQ(check_topic_name(topic), topic_name_fault::none);
      for (const char wildcard : {'+', '#'}) {
        topic[at] = wildcard;
        EXPECT_EQ(check_topic_name(topic), topic_name_fault::wildcard) << size << " at " << at;
      }
      for (const char fault : {'\0', '\x80'}) {
        topic[at] = fault;
        EXPECT_EQ(check_topic_name(topic), topic_name_fault::not_utf8) << size << " at " << at;
      }
    }
}

TEST(TopicName, TakesEveryOtherAsciiCharacter) {
  for (char character = 1; character < 127; ++character)
    if (character != '+' && character != '#') {
      EXPECT_EQ(check_topic_name(std::string(9, character)), topic_name_fault::none) << character;
    }
}

TEST(TopicName, TakesLongCharactersButNoWildcardBesideThem) {
  EXPECT_EQ(check_topic_name("küche/temperatur"), topic_name_fault::none);
  EXPECT_EQ(check_topic_name("küche/+"), topic_name_fault::wildcard);
}

} // namespace callboard::protocol
