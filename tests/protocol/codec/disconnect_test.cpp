#include "protocol/codec/decode.hpp"
#include "protocol/codec/encode.hpp"
#include "tests/protocol/codec/bytes.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <set>
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
using testing::v31;
using testing::v311;
using testing::v5;

template <class Packet>
Packet read(const std::string& text, version version, sender from = sender::client) {
  const auto whole = packet_bytes(text);
  arena rest;
  auto decoded = decode(frame_of(whole), version, from, rest);
  if (decoded)
    return std::move(*std::get<std::unique_ptr<Packet>>(*decoded));
  ADD_FAILURE() << text << ": " << decoded.error().phrase;
  return {};
}

/// The codes from 0 to 255 that come through in such a packet.
std::set<unsigned> codes_taken(const std::string& before, const std::string& behind, sender from) {
  std::set<unsigned> taken;
  for (unsigned code = 0; code <= 0xFF; ++code) {
    auto whole = bytes(before) + static_cast<char>(code) + bytes(behind);
    whole.insert(1, testing::notation::length(whole.size() - 1));
    arena rest;
    const auto decoded = decode(frame_of(whole), v5, from, rest);
    if (decoded)
      taken.insert(code);
    else
      EXPECT_EQ(decoded.error().code, pe) << code;
  }
  return taken;
}

} // namespace

TEST(Disconnect, ReadsTheShortForms) { // E47
  EXPECT_EQ(read<disconnect>("E0", v5).code, reason_code::success);
  EXPECT_EQ(read<disconnect>("E0 04", v5).code, reason_code::disconnect_with_will_message);
  EXPECT_EQ(read<disconnect>("E0 00 {}", v5).code, reason_code::success);
  EXPECT_EQ(read<disconnect>("E0", v311).code, reason_code::success);
  EXPECT_EQ(read<disconnect>("E0", v31).code, reason_code::success);
}

TEST(Disconnect, ReadsProperties) {
  const auto client = read<disconnect>(R"(E0 04 {11 0000000A 1F "bye" 26 "k" "v"})", v5);
  EXPECT_EQ(client.session_expiry_interval, 10);
  EXPECT_EQ(client.reason_string, "bye");
  EXPECT_THAT(client.user_properties, ElementsAre(Pair("k", "v")));
  EXPECT_EQ(read<disconnect>("E0 00 {11 00000000}", v5).session_expiry_interval, 0); // E45
  EXPECT_FALSE(read<disconnect>("E0 00 {}", v5).session_expiry_interval);
  const auto server = read<disconnect>(R"(E0 9D {1C "other" 1F "moved"})", v5, sender::server);
  EXPECT_EQ(server.server_reference, "other");
  EXPECT_EQ(server.reason_string, "moved");
}

TEST(Disconnect, TakesTheCodesOfItsSender) { // MQTT5-3.14.2-1, E49
  EXPECT_EQ(
    codes_taken("E0", "", sender::client), (std::set<unsigned>{0x00, 0x04, 0x80, 0x81, 0x82, 0x83,
                                             0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99}));
  EXPECT_EQ(codes_taken("E0", "", sender::server),
    (std::set<unsigned>{0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8D, 0x8E, 0x8F, 0x90,
      0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1,
      0xA2}));
}

TEST(Disconnect, RefusesWhatItMustNotBe) {
  for (const auto* text : {"E1", "E2", "E4", "E8"}) { // MQTT5-3.14.1-1, MQTT311-3.14.1-1
    EXPECT_EQ(fault_in(text, v5), mp) << text;
    EXPECT_EQ(fault_in(text, v311), mp) << text;
  }
  EXPECT_EQ(fault_in("E0 00", v311), mp); // E05
  EXPECT_EQ(fault_in("E0 00 {} 00", v5), mp);
  EXPECT_EQ(fault_in("E0 00 05", v5), mp); // E06
  EXPECT_EQ(fault_in("E0 00 {11 00000001 11 00000001}", v5), pe);
  EXPECT_EQ(fault_in("E0 00 {23 0001}", v5), mp); // E34
  EXPECT_EQ(fault_in(R"(E0 00 {1C "other"})", v5), mp);
  EXPECT_EQ(fault_in("E0 80 {11 00000001}", v5, sender::server), mp); // MQTT5-3.14.2-2
}

TEST(Disconnect, ComesFromServersIn5Only) {
  EXPECT_EQ(fault_in("E0", v5, sender::server), std::nullopt);
  EXPECT_EQ(fault_in("E0", v311, sender::server), pe);
}

TEST(Disconnect, IsWrittenInItsShortestForm) {
  const auto encoded = [](version version, const disconnect& sent, std::uint32_t maximum = 0) {
    std::string out;
    EXPECT_TRUE(encode_disconnect(out, version, sent, maximum));
    return out;
  };
  disconnect sent;
  for (const auto version : {v31, v311, v5})
    EXPECT_EQ(encoded(version, sent), bytes("E0 00"));
  sent.code = reason_code::server_shutting_down;
  EXPECT_EQ(encoded(v5, sent), bytes("E0 01 8B"));
  sent.reason_string = "stopping";
  sent.user_properties = {{"k", "v"}};
  const auto whole = packet_bytes(R"(E0 8B {1F "stopping" 26 "k" "v"})");
  const auto limit = static_cast<std::uint32_t>(whole.size());
  EXPECT_EQ(encoded(v5, sent), whole);
  EXPECT_EQ(encoded(v5, sent, limit), whole);
  EXPECT_EQ(encoded(v5, sent, limit - 1), bytes("E0 01 8B")); // MQTT5-3.14.2-3, -4
  EXPECT_EQ(encoded(v311, sent), bytes("E0 00"));
  disconnect later;
  later.session_expiry_interval = 0;
  EXPECT_EQ(encoded(v5, later), packet_bytes("E0 00 {11 00000000}"));
}

TEST(Auth, ReadsMethodAndData) {
  const auto read5 = read<auth>(R"(F0 18 {15 "SCRAM" 16 0003 00FF00 1F "go on" 26 "k" "v"})", v5);
  EXPECT_EQ(read5.code, reason_code::continue_authentication);
  EXPECT_EQ(read5.authentication_method, "SCRAM");
  EXPECT_EQ(read5.authentication_data, bytes("00FF00"));
  EXPECT_EQ(read5.reason_string, "go on");
  EXPECT_THAT(read5.user_properties, ElementsAre(Pair("k", "v")));
  EXPECT_EQ(read<auth>("F0", v5, sender::server).code, reason_code::success); // E47
}

TEST(Auth, TakesTheCodesOfItsSender) { // MQTT5-3.15.2-1
  EXPECT_EQ(codes_taken("F0", R"({15 "m"})", sender::client), (std::set<unsigned>{0x18, 0x19}));
  EXPECT_EQ(codes_taken("F0", R"({15 "m"})", sender::server), (std::set<unsigned>{0x00, 0x18}));
}

TEST(Auth, RefusesWhatItMustNotBe) {
  for (const auto* text : {"F1", "F2", "F4", "F8"}) // MQTT5-3.15.1-1
    EXPECT_EQ(fault_in(text, v5), mp) << text;
  EXPECT_EQ(fault_in("F0", v5), pe);       // E101: success is the server's to say
  EXPECT_EQ(fault_in("F0 18 {}", v5), pe); // MQTT5-4.12.0-5
  EXPECT_EQ(fault_in(R"(F0 18 {16 "x"})", v5), pe);
  EXPECT_EQ(fault_in(R"(F0 18 {15 "a" 15 "a"})", v5), pe);
  EXPECT_EQ(fault_in(R"(F0 18 {15 "a"} 00)", v5), mp);
  EXPECT_EQ(fault_in("F0 18", v5), mp);
  EXPECT_EQ(fault_in("F0", v311), mp); // E08, MQTT311-2.2.2-2
  EXPECT_EQ(fault_in("F0", v31), mp);
}

TEST(Auth, IsWrittenShortOrInFull) {
  std::string out;
  EXPECT_TRUE(encode_auth(out, {}));
  EXPECT_EQ(out, bytes("F0 00"));
  auth sent;
  sent.code = reason_code::continue_authentication;
  sent.authentication_method = "m";
  sent.authentication_data = "d";
  sent.reason_string = "why";
  const auto whole = packet_bytes(R"(F0 18 {15 "m" 16 "d" 1F "why"})");
  out.clear();
  EXPECT_TRUE(encode_auth(out, sent));
  EXPECT_EQ(out, whole);
  out.clear();
  EXPECT_TRUE(encode_auth(out, sent, static_cast<std::uint32_t>(whole.size() - 1)));
  EXPECT_EQ(out, packet_bytes(R"(F0 18 {15 "m" 16 "d"})")); // MQTT5-3.15.2-2, -3
}

TEST(Ping, IsTwoBytes) { // MQTT5-3.12.4-1, MQTT311-3.12.4-1
  std::string out;
  encode_pingreq(out);
  encode_pingresp(out);
  EXPECT_EQ(out, bytes("C000 D000"));
  for (const auto version : {v31, v311, v5}) {
    EXPECT_EQ(fault_in("C0", version), std::nullopt);
    EXPECT_EQ(fault_in("D0", version, sender::server), std::nullopt);
    EXPECT_EQ(fault_in("C0 00", version), mp); // E05
    EXPECT_EQ(fault_in("C1", version), mp);    // E07
    EXPECT_EQ(fault_in("D0 00", version, sender::server), mp);
  }
}

TEST(AnyPacket, OfType0IsRefused) { // E08
  for (const auto version : {v31, v311, v5})
    for (const auto from : {sender::client, sender::server})
      EXPECT_EQ(fault_in("00", version, from), mp);
}

TEST(AnyPacket, OfTheOtherSideIsRefused) { // E08
  for (const auto* text : {"20 00 00 {}", "90 0001 {} 00", "B0 0001 {} 00", "D0"})
    EXPECT_EQ(fault_in(text, v5), pe) << text;
  for (const auto* text : {R"(82 0001 {} "a" 00)", R"(A2 0001 {} "a")", "C0"})
    EXPECT_EQ(fault_in(text, v5, sender::server), pe) << text;
}

} // namespace callboard::protocol
