#include "protocol/codec/decode.hpp"
#include "protocol/codec/encode.hpp"
#include "tests/protocol/codec/bytes.hpp"

#include <gmock/gmock.h>

#include <array>
#include <memory>
#include <string>
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

/// A packet of which it is known what it holds.
template <class Packet>
std::unique_ptr<Packet> read(const char* text, version version, sender from = sender::client) {
  const auto whole = packet_bytes(text);
  arena rest;
  auto decoded = decode(frame_of(whole), version, from, rest);
  if (!decoded || !std::holds_alternative<std::unique_ptr<Packet>>(*decoded)) {
    ADD_FAILURE() << text;
    return std::make_unique<Packet>();
  }
  return std::get<std::unique_ptr<Packet>>(*std::move(decoded));
}

constexpr auto refused_in_5 = std::to_array<refused>({
  {"no filter, MQTT5-3.8.3-2, E83", "82 0001 {}", pe},
  {"no filter to unsubscribe, MQTT5-3.10.3-2, E83", "A2 0001 {}", pe},
  {"empty filter, MQTT5-4.7.3-1, E83", R"(82 0001 {} "" 00)", mp},
  {"empty filter to unsubscribe", R"(A2 0001 {} "")", mp},
  {"filter without options, E83", R"(82 0001 {} "a")", mp},
  {"second filter without options", R"(82 0001 {} "a" 00 "b")", mp},
  {"filter beyond the packet, E06", "82 0001 {} 00FF 61 00", mp},
  {"filter not UTF-8, MQTT5-3.8.3-1", "82 0001 {} 0003 EDA080 00", mp},
  {"filter with U+0000", "82 0001 {} 0001 00 00", mp},
  {"filter not UTF-8, MQTT5-3.10.3-1", "A2 0001 {} 0002 C328", mp},
  {"id 0, MQTT5-2.2.1-3, E11", R"(82 0000 {} "a" 00)", pe},
  {"id 0, MQTT5-2.2.1-3, E11", R"(A2 0000 {} "a")", pe},
  {"no id", "82", mp},
  {"no property length, MQTT5-2.2.2-1", "82 0001", mp},
  {"no property length", "A2 0001", mp},
  {"QoS 3, E09", R"(82 0001 {} "a" 03)", pe},
  {"option bit 6, MQTT5-3.8.3-5, E84", R"(82 0001 {} "a" 40)", mp},
  {"option bit 7, MQTT5-3.8.3-5, E84", R"(82 0001 {} "a" 80)", mp},
  {"retain handling 3, MQTT5-3.3.1-11, E84", R"(82 0001 {} "a" 30)", pe},
  {"No Local on a shared subscription, MQTT5-3.8.3-4, E87", R"(82 0001 {} "$share/g/t" 04)", pe},
  {"subscription identifier 0, E88", R"(82 0001 {0B 00} "a" 00)", pe},
  {"two subscription identifiers, E88", R"(82 0001 {0B 01 0B 02} "a" 00)", pe},
  {"subscription identifier 80 00, MQTT5-1.5.5-1, E01", R"(82 0001 {0B 8000} "a" 00)", mp},
  {"subscription identifier of five bytes", R"(82 0001 {0B FFFFFFFF01} "a" 00)", mp},
  {"property of another packet, E34", R"(82 0001 {11 00000001} "a" 00)", mp},
  {"subscription identifier to unsubscribe", R"(A2 0001 {0B 01} "a")", mp},
});

constexpr auto refused_in_311 = std::to_array<refused>({
  {"no filter, MQTT311-3.8.3-3, E83", "82 0001", pe},
  {"no filter, MQTT311-3.10.3-2, E83", "A2 0001", pe},
  {"QoS 3, MQTT311-3.8.3-4, E09", R"(82 0001 "a" 03)", mp},
  {"No Local is a reserved bit, E84", R"(82 0001 "a" 04)", mp},
  {"Retain As Published is a reserved bit", R"(82 0001 "a" 08)", mp},
  {"retain handling is reserved", R"(82 0001 "a" 10)", mp},
  {"highest bit", R"(82 0001 "a" 80)", mp},
  {"empty filter, MQTT311-4.7.3-1", R"(82 0001 "" 00)", mp},
  {"empty filter, MQTT311-4.7.3-1", R"(A2 0001 "")", mp},
  {"filter not UTF-8, MQTT311-3.8.3-1", "82 0001 0003 EDA080 00", mp},
  {"filter not UTF-8, MQTT311-3.10.3-1", "A2 0001 0002 C328", mp},
  {"id 0, MQTT311-2.3.1-1, E11", R"(82 0000 "a" 00)", pe},
  {"id 0, MQTT311-2.3.1-1, E11", R"(A2 0000 "a")", pe},
});

} // namespace

TEST(Subscribe, RefusesWhatMqtt5DoesNotAllow) {
  for (const auto& [why, text, code] : refused_in_5)
    EXPECT_EQ(fault_in(text, v5), code) << why;
}

TEST(Subscribe, RefusesWhatOlderVersionsDoNotAllow) {
  for (const auto& [why, text, code] : refused_in_311)
    for (const auto version : {v31, v311})
      EXPECT_EQ(fault_in(text, version), code) << why;
}

TEST(Subscribe, RefusesOtherFlags) {           // MQTT5-3.8.1-1, MQTT5-3.10.1-1, MQTT311-3.8.1-1,
  constexpr auto* digits = "0123456789ABCDEF"; // MQTT311-3.10.1-1, E07
  for (const char type : {'8', 'A'})
    for (unsigned flags = 0; flags <= 15; ++flags) {
      const auto rest = std::string{type == '8' ? R"("a" 00)" : R"("a")"};
      const auto first = std::string{type} + digits[flags] + "0001";
      EXPECT_EQ(fault_in(first + "{}" + rest, v5), flags == 2 ? std::nullopt : std::optional{mp});
      EXPECT_EQ(fault_in(first + rest, v311), flags == 2 ? std::nullopt : std::optional{mp});
      EXPECT_EQ(!fault_in(first + rest, v31), flags == 2 || flags == 10) << "DUP of 3.1";
    }
}

TEST(Subscribe, ReadsFiltersOptionsAndProperties) {
  const auto read5 = read<subscribe>(
    R"(82 1234 {26 "k" "v" 0B FFFFFF7F 26 "k" "w"} "a/+" 00 "#" 2E "$share/g/t" 11)", v5);
  EXPECT_EQ(read5->packet_id, 0x1234);
  EXPECT_EQ(read5->subscription_identifier, 268'435'455);
  EXPECT_THAT(read5->user_properties, ElementsAre(Pair("k", "v"), Pair("k", "w")));
  ASSERT_EQ(read5->requests.size(), 3);
  EXPECT_EQ(read5->requests[0].filter, "a/+");
  EXPECT_EQ(read5->requests[0].options, subscription_options{});
  EXPECT_EQ(read5->requests[1].filter, "#");
  EXPECT_EQ(read5->requests[1].options,
    (subscription_options{qos::exactly_once, true, true, retain_handling::not_at_all}));
  EXPECT_EQ(read5->requests[2].options,
    (subscription_options{qos::at_least_once, false, false, retain_handling::if_new}));
}

TEST(Subscribe, ReadsOnlyTheQosBefore5) {
  for (const auto version : {v31, v311}) {
    const auto old = read<subscribe>(R"(82 0001 "a" 02 "b" 00)", version);
    ASSERT_EQ(old->requests.size(), 2);
    EXPECT_EQ(old->requests[0].options, subscription_options{qos::exactly_once});
    EXPECT_EQ(old->requests[1].options, subscription_options{});
    EXPECT_EQ(old->subscription_identifier, 0);
  }
}

TEST(Subscribe, TakesNoLocalOnWhatOnlyLooksShared) {
  EXPECT_EQ(fault_in(R"(82 0001 {} "$SHARE/g/t" 04)", v5), std::nullopt);
  EXPECT_EQ(fault_in(R"(82 0001 {} "$share" 04)", v5), std::nullopt);
}

TEST(Unsubscribe, ReadsFiltersAndProperties) {
  const auto read5 = read<unsubscribe>(R"(A2 1234 {26 "k" "v"} "a/+" "#")", v5);
  EXPECT_EQ(read5->packet_id, 0x1234);
  EXPECT_THAT(read5->filters, ElementsAre("a/+", "#"));
  EXPECT_THAT(read5->user_properties, ElementsAre(Pair("k", "v")));
  EXPECT_THAT(read<unsubscribe>(R"(A2 0001 "a")", v311)->filters, ElementsAre("a"));
}

TEST(Subscribe, WritesEachVersionsBytes) {
  subscribe request;
  request.packet_id = 0x1234;
  request.subscription_identifier = 200;
  request.requests = {
    {"a", {qos::exactly_once, true, true, retain_handling::not_at_all}}, {"b/#", {}}};
  request.user_properties = {{"k", "v"}};
  std::string out;
  EXPECT_TRUE(encode_subscribe(out, v5, request));
  EXPECT_EQ(out, packet_bytes(R"(82 1234 {0B C801 26 "k" "v"} "a" 2E "b/#" 00)"));
  out.clear();
  EXPECT_TRUE(encode_subscribe(out, v311, request));
  EXPECT_EQ(out, packet_bytes(R"(82 1234 "a" 02 "b/#" 00)"));
  out.clear();
  EXPECT_FALSE(encode_subscribe(out, v5, request, 10)); // MQTT5-3.2.2-15
  EXPECT_EQ(out, "");
}

TEST(Unsubscribe, WritesEachVersionsBytes) {
  unsubscribe request;
  request.packet_id = 1;
  request.filters = {"a", "b/#"};
  std::string out;
  EXPECT_TRUE(encode_unsubscribe(out, v5, request));
  EXPECT_EQ(out, packet_bytes(R"(A2 0001 {} "a" "b/#")"));
  out.clear();
  EXPECT_TRUE(encode_unsubscribe(out, v31, request));
  EXPECT_EQ(out, packet_bytes(R"(A2 0001 "a" "b/#")"));
}

TEST(Suback, WritesEachVersionsBytes) { // MQTT5-3.9.3-1, MQTT5-3.11.3-1
  suback answer;
  answer.packet_id = 0x0A0B;
  answer.codes = {reason_code::granted_qos_2, reason_code::not_authorized, reason_code::success,
    reason_code::granted_qos_1};
  std::string out;
  EXPECT_TRUE(encode_suback(out, v5, answer));
  EXPECT_EQ(out, bytes("90 07 0A0B 00 02 87 00 01"));
  out.clear();
  EXPECT_TRUE(encode_suback(out, v311, answer)); // MQTT311-3.9.3-2
  EXPECT_EQ(out, bytes("90 06 0A0B 02 80 00 01"));
  out.clear();
  EXPECT_TRUE(encode_suback(out, v31, answer)); // E97
  EXPECT_EQ(out, bytes("90 06 0A0B 02 00 00 01"));
}

TEST(Unsuback, WritesEachVersionsBytes) {
  unsuback answer;
  answer.packet_id = 0x0A0B;
  answer.codes = {reason_code::success, reason_code::no_subscription_existed};
  std::string out;
  EXPECT_TRUE(encode_unsuback(out, v5, answer));
  EXPECT_EQ(out, bytes("B0 05 0A0B 00 00 11"));
  out.clear();
  EXPECT_TRUE(encode_unsuback(out, v311, answer)); // MQTT311-3.10.4-4
  EXPECT_EQ(out, bytes("B0 02 0A0B"));
}

TEST(Suback, LosesItsReasonWhereItDoesNotFit) { // MQTT5-3.9.2-1, MQTT5-3.11.2-1, E70
  unsuback answer;
  answer.packet_id = 1;
  answer.codes = {reason_code::not_authorized};
  answer.reason_string = "no";
  const auto full = packet_bytes(R"(90 0001 {1F "no"} 87)");
  const auto limit = static_cast<std::uint32_t>(full.size());
  std::string out;
  EXPECT_TRUE(encode_suback(out, v5, answer, limit));
  EXPECT_EQ(out, full);
  out.clear();
  EXPECT_TRUE(encode_suback(out, v5, answer, limit - 1));
  EXPECT_EQ(out, packet_bytes("90 0001 {} 87"));
  out.clear();
  EXPECT_TRUE(encode_unsuback(out, v5, answer, limit - 1));
  EXPECT_EQ(out, packet_bytes("B0 0001 {} 87"));
  EXPECT_FALSE(encode_suback(out, v5, answer, 5));
}

TEST(Suback, ReadsCodesAndReason) {
  const auto read5 = read<suback>(R"(90 0A0B {1F "no" 26 "a" "b"} 02 87)", v5, sender::server);
  EXPECT_EQ(read5->packet_id, 0x0A0B);
  EXPECT_EQ(read5->reason_string, "no");
  EXPECT_THAT(read5->codes, ElementsAre(reason_code::granted_qos_2, reason_code::not_authorized));
  const auto old = read<suback>("90 0A0B 00 01 02 80", v311, sender::server);
  EXPECT_THAT(old->codes, ElementsAre(reason_code::success, reason_code::granted_qos_1,
                            reason_code::granted_qos_2, reason_code::unspecified_error));
  EXPECT_THAT(read<unsuback>("B0 0A0B {} 00 11", v5, sender::server)->codes,
    ElementsAre(reason_code::success, reason_code::no_subscription_existed));
  EXPECT_EQ(read<unsuback>("B0 0A0B", v311, sender::server)->packet_id, 0x0A0B);
}

TEST(Suback, RefusesWhatAServerMustNotSend) {
  EXPECT_EQ(fault_in("90 0001 {} 03", v5, sender::server), pe); // MQTT5-3.9.3-2
  EXPECT_EQ(fault_in("90 0001 {} 11", v5, sender::server), pe);
  EXPECT_EQ(fault_in("B0 0001 {} 01", v5, sender::server), pe); // MQTT5-3.11.3-2
  EXPECT_EQ(fault_in("90 0001 87", v311, sender::server), pe);  // MQTT311-3.9.3-2
  EXPECT_EQ(fault_in("90 0001 {}", v5, sender::server), mp);
  EXPECT_EQ(fault_in("90 0000 {} 00", v5, sender::server), pe);
  EXPECT_EQ(fault_in("91 0001 {} 00", v5, sender::server), mp);
  EXPECT_EQ(fault_in("B0 0001 00", v311, sender::server), mp);
  EXPECT_EQ(fault_in("90 0001 {0B 01} 00", v5, sender::server), mp);
}

} // namespace callboard::protocol
