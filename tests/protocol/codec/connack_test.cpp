#include "protocol/codec/decode.hpp"
#include "protocol/codec/encode.hpp"
#include "tests/protocol/codec/bytes.hpp"

#include <gmock/gmock.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace callboard::protocol {

namespace {

using testing::bytes;
using ::testing::ElementsAre;
using testing::fault_in;
using testing::frame_of;
using testing::mp;
using testing::packet_bytes;
using ::testing::Pair;
using testing::pe;
using testing::refused;
using testing::v31;
using testing::v311;
using testing::v5;

connack read(const std::string& text, version version) {
  const auto whole = packet_bytes(text);
  arena rest;
  auto decoded = decode(frame_of(whole), version, sender::server, rest);
  if (decoded)
    return std::move(*std::get<std::unique_ptr<connack>>(*decoded));
  ADD_FAILURE() << text << ": " << decoded.error().phrase;
  return {};
}

std::string encoded(version version, const connack& answer, std::uint32_t maximum_packet_size = 0) {
  std::string out;
  EXPECT_TRUE(encode_connack(out, version, answer, maximum_packet_size));
  return out;
}

/// All properties, in the order in which they are written.
constexpr const char* everything =
  R"(20 00 00 {11 00000E10 21 0014 24 01 25 00 27 00010000 12 "id" 22 000A 28 00 29 01 2A 00
     13 003C 1A "resp" 1C "other" 15 "m" 16 "d" 1F "why" 26 "k" "v" 26 "k" "w"})";

constexpr auto refused_in_5 = std::to_array<refused>({
  {"flag bit 1, MQTT5-3.2.2-1", "20 02 00 {}", mp},
  {"session present with a refusal, MQTT5-3.2.2-6, E40", "20 01 87 {}", pe},
  {"a code that is none, MQTT5-3.2.2-8", "20 00 01 {}", pe},
  {"a code of DISCONNECT, MQTT5-3.2.2-8", "20 00 8E {}", pe},
  {"no property length, MQTT5-2.2.2-1", "20 00 00", mp},
  {"no code", "20 00", mp},
  {"trailing byte, E05", "20 00 00 {} 00", mp},
  {"flags of the first byte", "21 00 00 {}", mp},
  {"maximum QoS 2, MQTT5-3.2.2-9", "20 00 00 {24 02}", pe},
  {"receive maximum 0", "20 00 00 {21 0000}", pe},
  {"maximum packet size 0", "20 00 00 {27 00000000}", pe},
  {"wildcards available 2", "20 00 00 {28 02}", pe},
  {"server keep alive twice, E34", "20 00 00 {13 0001 13 0001}", pe},
  {"authentication data without method", R"(20 00 00 {16 "x"})", pe},
  {"property of CONNECT, E34", "20 00 00 {17 01}", mp},
});

} // namespace

TEST(Connack, ReadsEveryProperty) {
  const auto all = read(everything, v5);
  EXPECT_EQ(all.session_expiry_interval, 3'600);
  EXPECT_EQ(all.receive_maximum, 20);
  EXPECT_EQ(all.maximum_qos, qos::at_least_once);
  EXPECT_EQ(all.retain_available, false);
  EXPECT_EQ(all.maximum_packet_size, 65'536);
  EXPECT_EQ(all.assigned_client_identifier, "id");
  EXPECT_EQ(all.topic_alias_maximum, 10);
  EXPECT_EQ(all.wildcard_subscription_available, false);
  EXPECT_EQ(all.subscription_identifiers_available, true);
  EXPECT_EQ(all.shared_subscription_available, false);
  EXPECT_EQ(all.server_keep_alive, 60);
  EXPECT_EQ(all.response_information, "resp");
  EXPECT_EQ(all.server_reference, "other");
  EXPECT_EQ(all.authentication_method, "m");
  EXPECT_EQ(all.authentication_data, "d");
  EXPECT_EQ(all.reason_string, "why");
  EXPECT_THAT(all.user_properties, ElementsAre(Pair("k", "v"), Pair("k", "w")));
}

TEST(Connack, WritesEveryProperty) {
  EXPECT_EQ(encoded(v5, read(everything, v5)), packet_bytes(everything));
}

TEST(Connack, WritesEachVersionsBytes) {
  connack answer;
  answer.session_present = true;
  EXPECT_EQ(encoded(v5, answer), bytes("20 03 01 00 00"));
  EXPECT_EQ(encoded(v311, answer), bytes("20 02 01 00"));
  EXPECT_EQ(encoded(v31, answer), bytes("20 02 00 00")); // E25
  answer = {};
  answer.code = reason_code::not_authorized;
  answer.reason_string = "no";
  EXPECT_EQ(encoded(v5, answer), packet_bytes(R"(20 00 87 {1F "no"})"));
  EXPECT_EQ(encoded(v311, answer), bytes("20 02 00 05"));
}

TEST(Connack, TranslatesReasonsForOlderVersions) {
  for (const auto& [reason, number] : {std::pair{0x00, 0}, std::pair{0x84, 1}, std::pair{0x85, 2},
         std::pair{0x88, 3}, std::pair{0x89, 3}, std::pair{0x97, 3}, std::pair{0x9F, 3},
         std::pair{0x86, 4}, std::pair{0x87, 5}, std::pair{0x8A, 5}, std::pair{0x8C, 5}})
    EXPECT_EQ(connack_return_code(static_cast<reason_code>(reason)), number) << reason;
}

TEST(Connack, IsNotWrittenWhereAnOlderVersionHasNoCode) { // MQTT311-3.2.2-6
  for (const auto code : {reason_code::malformed_packet, reason_code::protocol_error,
         reason_code::packet_too_large, reason_code::retain_not_supported}) {
    connack answer;
    answer.code = code;
    std::string out;
    EXPECT_FALSE(encode_connack(out, v311, answer));
    EXPECT_FALSE(encode_connack(out, v31, answer));
    EXPECT_EQ(out, "");
  }
}

TEST(Connack, LosesItsReasonWhereItDoesNotFit) { // MQTT5-3.2.2-19, -20, E70
  connack answer;
  answer.code = reason_code::bad_user_name_or_password;
  answer.reason_string = "no";
  answer.user_properties = {{"k", "v"}};
  answer.server_keep_alive = 10;
  const auto whole = packet_bytes(R"(20 00 86 {13 000A 1F "no" 26 "k" "v"})");
  const auto limit = static_cast<std::uint32_t>(whole.size());
  EXPECT_EQ(encoded(v5, answer, limit), whole);
  EXPECT_EQ(encoded(v5, answer, limit - 1), packet_bytes("20 00 86 {13 000A}"));
  std::string out;
  EXPECT_FALSE(encode_connack(out, v5, answer, 7)); // MQTT5-3.1.2-24
  EXPECT_EQ(out, "");
}

TEST(Connack, ReadsReturnCodesOfOlderVersions) {
  constexpr auto codes =
    std::to_array<reason_code>({reason_code::success, reason_code::unsupported_protocol_version,
      reason_code::client_identifier_not_valid, reason_code::server_unavailable,
      reason_code::bad_user_name_or_password, reason_code::not_authorized});
  for (std::size_t number = 0; number < codes.size(); ++number) {
    const auto text = "20 00 0" + std::to_string(number);
    EXPECT_EQ(read(text, v311).code, codes.at(number));
    EXPECT_EQ(read(text, v31).code, codes.at(number));
  }
  EXPECT_EQ(fault_in("20 00 06", v311, sender::server), mp);
  EXPECT_EQ(fault_in("20 00 00 00", v311, sender::server), mp); // E05
}

TEST(Connack, SaysSessionPresentFrom311On) {
  EXPECT_TRUE(read("20 01 00 {}", v5).session_present);
  EXPECT_TRUE(read("20 01 00", v311).session_present);
  EXPECT_FALSE(read("20 01 00", v31).session_present);
  EXPECT_EQ(fault_in("20 01 05", v311, sender::server), pe); // MQTT311-3.2.2-4
  EXPECT_EQ(fault_in("20 03 00", v311, sender::server), mp);
}

TEST(Connack, RefusesWhatAServerMustNotSend) {
  for (const auto& [why, text, code] : refused_in_5)
    EXPECT_EQ(fault_in(text, v5, sender::server), code) << why;
}

} // namespace callboard::protocol
