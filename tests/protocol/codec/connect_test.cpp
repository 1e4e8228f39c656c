#include "protocol/codec/decode.hpp"
#include "protocol/codec/encode.hpp"
#include "tests/protocol/codec/bytes.hpp"

#include <gmock/gmock.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

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

std::unique_ptr<connect> read(const std::string& text) {
  const auto whole = packet_bytes(text);
  auto decoded = decode_connect(frame_of(whole));
  if (decoded)
    return *std::move(decoded);
  ADD_FAILURE() << text << ": " << decoded.error().error.phrase;
  return std::make_unique<connect>();
}

std::optional<connect_refusal> refusal_of(const std::string& text) {
  const auto whole = packet_bytes(text);
  const auto decoded = decode_connect(frame_of(whole));
  return decoded ? std::nullopt : std::optional{decoded.error()};
}

/// A CONNECT of 5.0 with these flags, properties, and payload.
std::string connect5(const char* flags, const char* properties, const char* payload) {
  return std::string{R"(10 "MQTT" 05 )"} + flags + " 003C {" + properties + "}" + payload;
}

std::string connect311(const char* flags, const char* payload) {
  return std::string{R"(10 "MQTT" 04 )"} + flags + " 003C " + payload;
}

std::string connect31(const char* flags, const char* payload) {
  return std::string{R"(10 "MQIsdp" 03 )"} + flags + " 003C " + payload;
}

/// What is wrong in flags and payload in 3.1.1 and in 5.0.
struct refused_payload {
  const char* why;
  const char* flags;
  const char* payload;
};

constexpr auto refused_payloads = std::to_array<refused_payload>({
  {"reserved flag, MQTT5-3.1.2-3, MQTT311-3.1.2-3, E30", "03", R"("a")"},
  {"will QoS without will, MQTT5-3.1.2-11, MQTT311-3.1.2-11, -13, E27", "0A", R"("a")"},
  {"will QoS 2 without will", "12", R"("a")"},
  {"will retain without will, MQTT5-3.1.2-13, MQTT311-3.1.2-15, E27", "22", R"("a")"},
  {"will QoS 3, MQTT5-3.1.2-12, MQTT311-3.1.2-14, E09", "1E", R"("a" {} "t" "x")"},
  {"will without fields, MQTT5-3.1.2-9, MQTT311-3.1.2-9, E27", "06", R"("a")"},
  {"no client identifier, MQTT5-3.1.3-3, MQTT311-3.1.3-3", "02", ""},
  {"client identifier beyond the packet", "02", "000A 61"},
  {"client identifier not UTF-8, MQTT5-3.1.3-4, MQTT311-3.1.3-4", "02", "0003 EDA080"},
  {"client identifier with U+0000", "02", "0003 610062"},
  {"user name announced but missing, MQTT5-3.1.2-17, MQTT311-3.1.2-19, E29", "82", R"("a")"},
  {"password announced but missing, MQTT5-3.1.2-19, MQTT311-3.1.2-21, E29", "C2", R"("a" "u")"},
  {"user name not announced, MQTT5-3.1.2-16, MQTT311-3.1.2-18, E29", "02", R"("a" "u")"},
  {"password not announced, MQTT5-3.1.2-18, MQTT311-3.1.2-20, E29", "82", R"("a" "u" "p")"},
  {"user name not UTF-8, MQTT5-3.1.3-12, MQTT311-3.1.3-11", "82", R"("a" 0002 C328)"},
  {"trailing byte, MQTT5-3.1.4-1, MQTT311-3.1.4-1, E05", "02", R"("a" 00)"},
  {"field beyond the packet, E06", "C2", R"("a" "u" 00FF 61)"},
});

constexpr auto refused_properties = std::to_array<refused>({
  {"receive maximum 0, E35", "21 0000", pe},
  {"maximum packet size 0, E35", "27 00000000", pe},
  {"request problem information 2, MQTT5-3.1.2-29, E36", "17 02", pe},
  {"request response information 2, MQTT5-3.1.2-28, E36", "19 02", pe},
  {"authentication data without method, E37", R"(16 "x")", pe},
  {"session expiry twice, E34", "11 00000001 11 00000001", pe},
  {"receive maximum twice, E34", "21 0001 21 0001", pe},
  {"topic alias maximum twice", "22 0001 22 0001", pe},
  {"authentication method twice", R"(15 "a" 15 "a")", pe},
  {"property of PUBLISH, E34", "23 0001", mp},
  {"property of the will, E34", "18 00000001", mp},
  {"unknown property, E34", "7F 00", mp},
  {"property cut in the middle, E06", "11 0000", mp},
  {"user property not UTF-8, MQTT5-1.5.7-1, E22", R"(26 0003 EDA080 "v")", mp},
  {"authentication method not UTF-8, E22", "15 0002 C0AF", mp},
});

constexpr auto refused_wills = std::to_array<refused>({
  {"empty will topic, MQTT5-4.7.3-1, E27", R"({} "" "x")", mp},
  {"will topic with a wildcard, MQTT5-4.7.0-1, E57", R"({} "a/#" "x")", mp},
  {"will topic not UTF-8, MQTT5-3.1.3-11", R"({} 0003 EDA080 "x")", mp},
  {"will without payload, MQTT5-3.1.2-9", R"({} "t")", mp},
  {"will without properties, MQTT5-2.2.2-1", R"("t" "x")", mp},
  {"response topic with a wildcard, E64", R"({08 "a/+"} "t" "x")", pe},
  {"response topic empty, E64", R"({08 ""} "t" "x")", pe},
  {"payload format indicator 2, E65", R"({01 02} "t" "x")", pe},
  {"will delay twice, E34", R"({18 00000001 18 00000001} "t" "x")", pe},
  {"alias in a will, E34", R"({23 0001} "t" "x")", mp},
  {"session expiry in a will", R"({11 00000001} "t" "x")", mp},
  {"user property not UTF-8, E22", R"({26 "k" 0003 EDA080} "t" "x")", mp},
});

} // namespace

TEST(Connect, IsReadInEveryVersion) { // C3, C4 and C5 of the edge cases
  const auto read5 = read(connect5("02", "", R"("a")"));
  EXPECT_EQ(read5->version, v5);
  EXPECT_EQ(read5->client_id, "a");
  EXPECT_EQ(read5->keep_alive, 60);
  EXPECT_TRUE(read5->clean_start);
  EXPECT_EQ(read5->session_expiry_interval, 0);
  EXPECT_EQ(read5->receive_maximum, 65'535);
  EXPECT_FALSE(read5->receive_maximum_given);
  EXPECT_EQ(read5->maximum_packet_size, 0);
  EXPECT_EQ(read5->topic_alias_maximum, 0);
  EXPECT_TRUE(read5->request_problem_information);
  EXPECT_FALSE(read5->request_response_information);
  EXPECT_FALSE(read5->will);
  EXPECT_EQ(read(connect311("02", R"("a")"))->version, v311);
  EXPECT_EQ(read(connect31("02", R"("a")"))->version, v31);
}

TEST(Connect, MapsCleanSessionOfOlderVersions) { // E39
  EXPECT_TRUE(read(connect311("02", R"("a")"))->clean_start);
  EXPECT_EQ(read(connect311("02", R"("a")"))->session_expiry_interval, 0);
  EXPECT_FALSE(read(connect311("00", R"("a")"))->clean_start);
  EXPECT_EQ(read(connect311("00", R"("a")"))->session_expiry_interval, forever);
  EXPECT_EQ(read(connect5("00", "", R"("a")"))->session_expiry_interval, 0); // E38
}

TEST(Connect, ReadsAllFieldsInTheirOrder) { // MQTT5-3.1.3-1
  const auto all = read(connect5("EE",
    R"(11 FFFFFFFF 21 0014 27 00010000 22 000A 19 01 17 00 26 "k" "v" 26 "k" "w" 15 "m" 16 "d")",
    R"("id" {18 00000005 26 "b" "1" 01 01 02 0000000A 03 "c" 08 "r" 09 "d" 26 "a" "2"} "w/t" "load" "user" "pass")"));
  EXPECT_FALSE(!all->clean_start);
  EXPECT_EQ(all->session_expiry_interval, forever);
  EXPECT_EQ(all->receive_maximum, 20);
  EXPECT_TRUE(all->receive_maximum_given);
  EXPECT_EQ(all->maximum_packet_size, 65'536);
  EXPECT_EQ(all->topic_alias_maximum, 10);
  EXPECT_TRUE(all->request_response_information);
  EXPECT_FALSE(all->request_problem_information);
  EXPECT_THAT(all->user_properties, ElementsAre(Pair("k", "v"), Pair("k", "w")));
  EXPECT_EQ(all->authentication_method, "m");
  EXPECT_EQ(all->authentication_data, "d");
  EXPECT_EQ(all->client_id, "id");
  EXPECT_EQ(all->user_name, "user");
  EXPECT_EQ(all->password, "pass");
  ASSERT_TRUE(all->will);
  EXPECT_EQ(all->will->topic, "w/t");
  EXPECT_EQ(all->will->payload, "load");
  EXPECT_EQ(all->will->qos, qos::at_least_once);
  EXPECT_TRUE(all->will->retain);
  EXPECT_EQ(all->will->delay_interval, 5);
  EXPECT_EQ(all->will->message_expiry_interval, 10);
  EXPECT_EQ(all->will->properties, // MQTT5-3.1.3-10
    bytes(R"(26 "b" "1" 01 01 03 "c" 08 "r" 09 "d" 26 "a" "2")"));
}

TEST(Connect, ReadsTheOlderVersionsWill) { // MQTT311-3.1.3-1
  const auto old = read(connect311("D6", R"("id" "w/t" "load" "user" "pass")"));
  ASSERT_TRUE(old->will);
  EXPECT_EQ(old->will->topic, "w/t");
  EXPECT_EQ(old->will->payload, "load");
  EXPECT_EQ(old->will->qos, qos::exactly_once);
  EXPECT_FALSE(old->will->retain);
  EXPECT_EQ(old->will->message_expiry_interval, forever);
  EXPECT_EQ(old->user_name, "user");
  EXPECT_EQ(old->password, "pass");
}

TEST(Connect, TakesEmptyAndBinaryFields) {
  EXPECT_EQ(read(connect5("02", "", R"("")"))->client_id, ""); // E31
  EXPECT_EQ(read(connect311("00", R"("")"))->client_id, "");   // E31, the caller's question
  EXPECT_EQ(read(connect31("02", R"("")"))->client_id, "");    // E25, likewise
  EXPECT_EQ(read(connect5("06", "", R"("a" {} "t" "")"))->will->payload, ""); // E27
  EXPECT_EQ(read(connect311("82", R"("a" "")"))->user_name, "");              // MQTT311-3.1.2-19
  EXPECT_EQ(read(connect311("C2", R"("a" "u" 0003 00FF00)"))->password, bytes("00FF00")); // E16
  EXPECT_EQ(read(connect311("06", R"("a" "t" 0002 00FF)"))->will->payload, bytes("00FF"));
  EXPECT_EQ(
    read(connect5("02", R"(15 "m" 16 0002 00FF)", R"("a")"))->authentication_data, bytes("00FF"));
}

TEST(Connect, TakesAPasswordWithoutUserNameIn5Only) { // E28, MQTT311-3.1.2-22
  const auto only = read(connect5("42", "", R"("a" "p")"));
  EXPECT_FALSE(only->user_name);
  EXPECT_EQ(only->password, "p");
  EXPECT_EQ(refusal_of(connect311("42", R"("a" "p")"))->error.code, mp);
  EXPECT_EQ(refusal_of(connect31("42", R"("a" "p")"))->error.code, mp);
}

TEST(Connect, IsRefusedForItsFlagsAndPayload) {
  for (const auto& [why, flags, payload] : refused_payloads) {
    const auto refusal5 = refusal_of(connect5(flags, "", payload));
    ASSERT_TRUE(refusal5) << why;
    EXPECT_EQ(refusal5->error.code, mp) << why;
    EXPECT_TRUE(refusal5->may_answer) << why;
    EXPECT_EQ(refusal5->answer_in, v5) << why;
    const auto refusal311 = refusal_of(connect311(flags, payload));
    ASSERT_TRUE(refusal311) << why;
    EXPECT_EQ(refusal311->error.code, mp) << why;
    EXPECT_FALSE(refusal311->may_answer) << why << ": MQTT311-3.1.4-1, E32";
  }
}

TEST(Connect, IsRefusedForItsProperties) {
  for (const auto& [why, properties, code] : refused_properties) {
    const auto refusal = refusal_of(connect5("02", properties, R"("a")"));
    ASSERT_TRUE(refusal) << why;
    EXPECT_EQ(refusal->error.code, code) << why;
    EXPECT_TRUE(refusal->may_answer) << why;
    EXPECT_EQ(refusal->answer_in, v5) << why;
  }
}

TEST(Connect, IsRefusedForItsWill) {
  for (const auto& [why, payload, code] : refused_wills) {
    const auto refusal = refusal_of(connect5("06", "", (std::string{R"("a")"} + payload).c_str()));
    ASSERT_TRUE(refusal) << why;
    EXPECT_EQ(refusal->error.code, code) << why;
  }
  EXPECT_EQ(refusal_of(connect311("06", R"("a" "t/#" "x")"))->error.code, mp); // MQTT311-4.7.1-1
  EXPECT_EQ(refusal_of(connect311("06", R"("a" "" "x")"))->error.code, mp);    // MQTT311-4.7.3-1
  EXPECT_EQ(refusal_of(connect311("06", R"("a" 0003 EDA080 "x")"))->error.code, mp);
}

TEST(Connect, IsRefusedWithoutPropertyLength) { // MQTT5-2.2.2-1
  EXPECT_EQ(refusal_of(R"(10 "MQTT" 05 02 003C)")->error.code, mp);
  EXPECT_EQ(refusal_of(R"(10 "MQTT" 05 02 003C 8000 "a")")->error.code, mp); // E01
  EXPECT_EQ(refusal_of(R"(10 "MQTT" 05 02 003C 7F "a")")->error.code, mp);   // E06
}

TEST(Connect, IsRefusedForReservedFlagsExceptIn31) { // MQTT5-2.1.3-1, MQTT311-2.2.2-1, E07, E25
  for (const char flags : {'1', '2', '4', '8', 'F'}) {
    const auto with_flags = [&](std::string text) {
      text[1] = flags;
      return refusal_of(text);
    };
    EXPECT_EQ(with_flags(connect5("02", "", R"("a")"))->error.code, mp);
    EXPECT_TRUE(with_flags(connect5("02", "", R"("a")"))->may_answer);
    EXPECT_EQ(with_flags(connect311("02", R"("a")"))->error.code, mp);
    EXPECT_FALSE(with_flags(connect311("02", R"("a")"))->may_answer);
    EXPECT_FALSE(with_flags(connect31("02", R"("a")")));
  }
}

TEST(Connect, Of31MayAnnounceWhatIsNotThere) { // E25
  EXPECT_FALSE(read(connect31("C2", R"("a")"))->user_name);
  EXPECT_EQ(read(connect31("C2", R"("a" "u")"))->user_name, "u");
  EXPECT_FALSE(read(connect31("C2", R"("a" "u")"))->password);
  EXPECT_EQ(read(connect31("C2", R"("a" "u" "p")"))->password, "p");
  EXPECT_FALSE(read(connect31("2A", R"("a")"))->will);
  EXPECT_EQ(refusal_of(connect31("1E", R"("a" "t" "x")"))->error.code, mp);
  EXPECT_EQ(refusal_of(connect31("02", R"("a" "u")"))->error.code, mp);
  EXPECT_EQ(refusal_of(connect31("C2", R"("a" 00FF)"))->error.code, mp);
}

TEST(Connect, OfAnUnknownLevelIsAnsweredByItsLevel) { // MQTT5-3.1.2-2, MQTT311-3.1.2-2, E23, E26
  for (const auto& [level, answer_in] : {std::pair{"00", v311}, std::pair{"02", v311},
         std::pair{"03", v311}, std::pair{"83", v311}, std::pair{"84", v311}, std::pair{"06", v5},
         std::pair{"7F", v5}, std::pair{"85", v5}, std::pair{"FF", v5}}) {
    const auto refusal = refusal_of(std::string{R"(10 "MQTT" )"} + level + R"( 02 003C "a")");
    ASSERT_TRUE(refusal) << level;
    EXPECT_EQ(refusal->error.code, reason_code::unsupported_protocol_version) << level;
    EXPECT_TRUE(refusal->may_answer) << level;
    EXPECT_EQ(refusal->answer_in, answer_in) << level;
  }
  for (const auto* level : {"02", "04", "05", "83"}) {
    const auto refusal = refusal_of(std::string{R"(10 "MQIsdp" )"} + level + R"( 02 003C "a")");
    ASSERT_TRUE(refusal) << level;
    EXPECT_EQ(refusal->error.code, reason_code::unsupported_protocol_version) << level;
    EXPECT_TRUE(refusal->may_answer) << level;
    EXPECT_EQ(refusal->answer_in, v31) << level;
  }
}

TEST(Connect, OfAnotherProtocolIsNotAnswered) { // MQTT5-3.1.2-1, MQTT311-3.1.2-1, E24
  for (const auto* name : {"", "MQT", "MQTX", "mqtt", "MQTTT", "MQISDP", "HTTP"})
    for (const auto* level : {"03", "04", "05", "06"}) {
      const auto refusal =
        refusal_of(std::string{"10 \""} + name + "\"" + level + R"( 02 003C {} "a")");
      ASSERT_TRUE(refusal) << name;
      EXPECT_EQ(refusal->error.code, reason_code::unsupported_protocol_version) << name;
      EXPECT_FALSE(refusal->may_answer) << name;
    }
}

TEST(Connect, CutOffBeforeItsVersionIsNotAnswered) {
  for (const auto* text : {"10", "10 00", R"(10 0004 4D5154)", R"(10 "MQTT")"}) {
    const auto refusal = refusal_of(text);
    ASSERT_TRUE(refusal) << text;
    EXPECT_EQ(refusal->error.code, mp) << text;
    EXPECT_FALSE(refusal->may_answer) << text;
  }
}

TEST(Connect, CutOffAnywhereIsRefused) {
  for (const auto& text :
    {connect5("EE", R"(11 FFFFFFFF 26 "k" "v")", R"("id" {18 00000005} "w/t" "load" "u" "p")"),
      connect311("EE", R"("id" "w/t" "load" "u" "p")")}) {
    const auto body = bytes(text).substr(1);
    for (std::size_t size = 0; size < body.size(); ++size) {
      const auto whole = bytes("10") + testing::notation::length(size) + body.substr(0, size);
      EXPECT_FALSE(decode_connect(frame_of(whole))) << size;
    }
  }
}

TEST(Connect, IsTheOnlyFirstPacket) { // MQTT5-3.1.0-1, MQTT311-3.1.0-1, E12
  for (const auto* text :
    {"C0", "E0", "F0", R"(30 "t" {})", R"(82 0001 {} "a" 00)", "20 0000", "00"}) {
    const auto refusal = refusal_of(text);
    ASSERT_TRUE(refusal) << text;
    EXPECT_EQ(refusal->error.code, pe) << text;
    EXPECT_FALSE(refusal->may_answer) << text;
  }
}

TEST(Connect, IsRefusedTheSecondTime) { // MQTT5-3.1.0-2, MQTT311-3.1.0-2, E14
  EXPECT_EQ(fault_in(connect5("02", "", R"("a")"), v5), pe);
  EXPECT_EQ(fault_in(connect311("02", R"("a")"), v311), pe);
  EXPECT_EQ(fault_in(connect5("02", "", R"("a")"), v5, sender::server), pe);
}

TEST(Connect, IsWrittenInEveryVersion) {
  for (const auto& text :
    {connect5("02", "", R"("a")"), connect311("02", R"("a")"), connect31("02", R"("a")"),
      connect5("42", R"(21 FFFF)", R"("" "p")"),
      connect311("F6", R"("id" "w/t" "load" "user" "pass")"),
      connect5("EE",
        R"(11 FFFFFFFF 21 0014 27 00010000 22 000A 19 01 17 00 15 "m" 16 "d" 26 "k" "v" 26 "k" "w")",
        R"("id" {18 00000005 02 0000000A 26 "b" "1" 01 01} "w/t" "load" "user" "pass")")}) {
    std::string out;
    EXPECT_TRUE(encode_connect(out, *read(text)));
    EXPECT_EQ(out, packet_bytes(text));
  }
}

} // namespace callboard::protocol
