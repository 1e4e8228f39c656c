#include "protocol/codec/decode.hpp"
#include "protocol/codec/encode.hpp"
#include "tests/protocol/codec/bytes.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

namespace callboard::protocol {

namespace {

using testing::bytes;
using testing::fault_in;
using testing::frame_of;
using testing::mp;
using testing::packet_bytes;
using testing::pe;
using testing::v31;
using testing::v311;
using testing::v5;

constexpr std::array types{ack_type::puback, ack_type::pubrec, ack_type::pubrel, ack_type::pubcomp};

/// The first byte, in the notation of packet_bytes().
std::string first_byte(ack_type type) {
  switch (type) {
  case ack_type::puback:
    return "40";
  case ack_type::pubrec:
    return "50";
  case ack_type::pubrel:
    return "62";
  default:
    return "70";
  }
}

acknowledgement read(const std::string& text, version version) {
  const auto whole = packet_bytes(text);
  const auto decoded = decode_acknowledgement(frame_of(whole), version);
  EXPECT_TRUE(decoded) << text;
  return decoded ? *decoded : acknowledgement{};
}

std::string encoded(version version, const acknowledgement& ack, std::string_view reason = {},
  std::uint32_t maximum_packet_size = 0) {
  std::string out;
  EXPECT_TRUE(encode_ack(out, version, ack, reason, maximum_packet_size));
  return out;
}

/// What MQTT 5 lists for this acknowledgement.
std::set<unsigned> listed_codes(ack_type type) {
  if (type == ack_type::pubrel || type == ack_type::pubcomp)
    return {0x00, 0x92};
  return {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99};
}

std::string hex(unsigned value) {
  constexpr const char* digits = "0123456789ABCDEF";
  return {digits[value >> 4], digits[value & 15]};
}

} // namespace

TEST(Acknowledgement, ReadsTypeAndIdentifierInEveryVersion) {
  for (const auto type : types)
    for (const auto version : {v31, v311, v5}) {
      const auto ack = read(first_byte(type) + "1234", version);
      EXPECT_EQ(ack.type, type);
      EXPECT_EQ(ack.packet_id, 0x1234);
      EXPECT_EQ(ack.code, reason_code::success);
    }
}

TEST(Acknowledgement, ReadsTheShortForms) { // E47
  EXPECT_EQ(read("62 0001 92", v5).code, reason_code::packet_identifier_not_found);
  EXPECT_EQ(read("62 0001 92 {}", v5).code, reason_code::packet_identifier_not_found);
  EXPECT_EQ(
    read(R"(40 0001 87 {1F "no" 26 "a" "b" 26 "a" "b"})", v5).code, reason_code::not_authorized);
}

TEST(Acknowledgement, TakesTheListedCodesAndNoOthers) { // E49, MQTT5-3.4.2-1, MQTT5-3.5.2-1,
  for (const auto type : types) {                       // MQTT5-3.6.2-1, MQTT5-3.7.2-1
    const auto listed = listed_codes(type);
    for (unsigned code = 0; code <= 0xFF; ++code) {
      const auto fault = fault_in(first_byte(type) + "0001" + hex(code), v5);
      EXPECT_EQ(!fault, listed.contains(code)) << first_byte(type) << hex(code);
      EXPECT_EQ(fault.value_or(pe), pe);
    }
  }
}

TEST(Acknowledgement, RefusesOtherFlagsThanItsOwn) { // MQTT5-2.1.3-1, MQTT5-3.6.1-1, E07,
  for (const auto version : {v311, v5})              // MQTT311-2.2.2-1, MQTT311-3.6.1-1
    for (const char type : {'4', '5', '6', '7'})
      for (unsigned flags = 0; flags <= 15; ++flags) {
        const auto text = std::string{type} + hex(flags).substr(1) + "0001";
        EXPECT_EQ(!fault_in(text, version), flags == (type == '6' ? 2 : 0)) << text;
      }
}

TEST(Acknowledgement, TakesARepeatedPubrelOf31) {
  EXPECT_EQ(fault_in("6A 0001", v31), std::nullopt);
  EXPECT_EQ(fault_in("6A 0001", v311), mp);
  EXPECT_EQ(fault_in("60 0001", v31), mp);
}

TEST(Acknowledgement, RefusesIdentifier0) { // E11
  for (const auto version : {v31, v311, v5})
    for (const auto type : types)
      EXPECT_EQ(fault_in(first_byte(type) + "0000", version), pe);
}

TEST(Acknowledgement, RefusesMissingAndTrailingBytes) { // E05
  for (const auto version : {v31, v311, v5}) {
    EXPECT_EQ(fault_in("40", version), mp);
    EXPECT_EQ(fault_in("40 00", version), mp);
  }
  EXPECT_EQ(fault_in("40 0001 00", v311), mp);
  EXPECT_EQ(fault_in("40 0001 00", v31), mp);
  EXPECT_EQ(fault_in("40 0001 00 00 00", v5), mp);
}

TEST(Acknowledgement, RefusesPropertiesThatAreNotItsOwn) { // E34
  EXPECT_EQ(fault_in(R"(40 0001 00 {1F "a" 1F "b"})", v5), pe);
  EXPECT_EQ(fault_in("40 0001 00 {0B 01}", v5), mp);
  EXPECT_EQ(fault_in("40 0001 00 {1F 0003 EDA080}", v5), mp); // E22
  EXPECT_EQ(fault_in("40 0001 00 05", v5), mp);               // E06
}

TEST(Acknowledgement, IsWrittenInItsShortestForm) { // E47, MQTT5-2.2.2-1
  for (const auto type : types)
    for (const auto version : {v31, v311, v5})
      EXPECT_EQ(encoded(version, {type, 0x1234}), packet_bytes(first_byte(type) + "1234"));
  const acknowledgement refusal{ack_type::puback, 1, reason_code::not_authorized};
  EXPECT_EQ(encoded(v5, refusal), bytes("40 03 0001 87"));
  EXPECT_EQ(encoded(v5, refusal, "no"), packet_bytes(R"(40 0001 87 {1F "no"})"));
  EXPECT_EQ(encoded(v5, {ack_type::puback, 1}, "ok"), packet_bytes(R"(40 0001 00 {1F "ok"})"));
}

TEST(Acknowledgement, HasNoCodeBefore5) { // E67
  EXPECT_EQ(
    encoded(v311, {ack_type::puback, 1, reason_code::not_authorized}, "no"), bytes("40 02 0001"));
}

TEST(Acknowledgement, LosesItsReasonWhereItDoesNotFit) { // MQTT5-3.4.2-2, MQTT5-3.5.2-2,
  for (const auto type : types) {                        // MQTT5-3.6.2-2, MQTT5-3.7.2-2, E70
    const acknowledgement ack{type, 1, reason_code::packet_identifier_not_found};
    const auto whole = packet_bytes(first_byte(type) + R"(0001 92 {1F "reason"})");
    const auto limit = static_cast<std::uint32_t>(whole.size());
    EXPECT_EQ(encoded(v5, ack, "reason", limit), whole);
    EXPECT_EQ(encoded(v5, ack, "reason", limit - 1), packet_bytes(first_byte(type) + "0001 92"));
  }
  EXPECT_EQ(encoded(v5, {ack_type::puback, 1}, "reason", 8), bytes("40 02 0001"));
}

TEST(Acknowledgement, IsNotWrittenWhereNothingOfItFits) { // MQTT5-3.1.2-24
  std::string out;
  EXPECT_FALSE(encode_ack(out, v5, {ack_type::puback, 1, reason_code::not_authorized}, "no", 4));
  EXPECT_EQ(out, "");
}

} // namespace callboard::protocol
