#include "tests/conformance/conformance_test.hpp"

// Framing, and how the server ends a connection on an error (MQTT 5.0, 1.5.5, 2.1
// and 4.13).

namespace callboard::conformance {

namespace {

using namespace std::chrono_literals;
using Mqtt5Errors = ConformanceTest;

constexpr auto v5 = protocol_version::v5;

TEST_F(Mqtt5Errors, ReservedFlagsAreMalformed) {
  STATEMENT("MQTT5-2.1.3-1");
  each_closes(
    {"C1 00"_hex, "41 02 0001"_hex, "52 02 0001"_hex, "60 02 0001"_hex, "72 02 0001"_hex,
      "80 07 0001 00 0001 74 00"_hex, "A0 06 0001 00 0001 74"_hex, "E1 00"_hex, "F2 00"_hex},
    {0x81});
}

TEST_F(Mqtt5Errors, ReservedFlagsOfConnectAreRefused) {
  STATEMENT("MQTT5-2.1.3-1");
  std::vector<bytes> connects;
  for (const unsigned first : {0x11U, 0x12U, 0x14U, 0x18U, 0x1FU})
    connects.push_back(u8(first) + C5().substr(1));
  each_refused(connects, {0x81});
}

TEST_F(Mqtt5Errors, IntegersAreInTheirShortestForm) {
  STATEMENT("MQTT5-1.5.5-1");
  each_closes({"C0 80 00"_hex, "C0 80 80 00"_hex, "30 06 0001 74 80 00 78"_hex,
                "82 0A 0001 03 0B 81 00 0001 61 00"_hex},
    {0x81});
}

TEST_F(Mqtt5Errors, IntegersHaveFourOctetsAtMost) {
  STATEMENT("MQTT5-1.5.5-1", "MQTT5-4.13.1-1");
  each_closes({"30 FF FF FF FF 7F"_hex, "C0 80 80 80 80 00"_hex}, {0x81, 0x95});
}

TEST_F(Mqtt5Errors, TypesThatNoClientSendsAreErrors) {
  STATEMENT("MQTT5-4.13.1-1");
  each_closes({"00 00"_hex, "20 03 00 00 00"_hex, "90 04 0001 00 00"_hex, "B0 04 0001 00 00"_hex,
                "D0 00"_hex},
    {0x81, 0x82});
}

TEST_F(Mqtt5Errors, ErrorOfOneClientHarmsNoOther) {
  STATEMENT("MQTT5-4.13.1-1");
  auto listener = subscriber("s", "t", 1);
  auto publisher = client("p");
  publisher.publish({.qos = 1});
  listener.receive_message("t", "m");
  auto bad = client("bad");
  bad.send("36 10 0005 746F706963 1234 00 7061796C6F61"_hex);
  bad.expect_closed({0x81});
  publisher.publish({.qos = 1});
  listener.receive_message("t", "m");
}

TEST_F(Mqtt5Errors, NothingBehindTheErrorIsProcessed) {
  STATEMENT("MQTT5-4.13.1-1");
  auto listener = subscriber("s", "#", 1);
  auto bad = client("bad");
  bad.publish({.payload = "before", .qos = 1});
  bad.send("36 10 0005 746F706963 1234 00 7061796C6F61"_hex +
           publish_packet(v5, {.payload = "after", .qos = 1, .retain = true, .packet_id = 9}));
  bad.expect_closed({0x81});
  listener.receive_message("t", "before");
  listener.expect_silence();
  subscriber("late", "#").expect_silence(50ms);
}

TEST_F(Mqtt5Errors, ServerNamesTheReason) {
  STATEMENT("MQTT5-4.13.1-1", "MQTT5-4.13.2-1");
  // A should of the standard, and promised by Callboard.
  for (const auto& [fault, code] :
    {std::pair{"C1 00"_hex, 0x81U}, {C5(), 0x82U},
      {publish_packet(v5, {.properties = topic_alias(0)}), 0x94U}, {"30 03 0000 00"_hex, 0x82U}}) {
    auto bad = client("bad");
    bad.send(fault);
    bad.expect_disconnect(code);
  }
}

TEST_F(Mqtt5Errors, ServerNamesTheReasonOfARefusal) {
  STATEMENT("MQTT5-3.1.2-2", "MQTT5-3.1.4-1", "MQTT5-3.1.4-2", "MQTT5-3.2.2-8");
  // A may of the standard, and promised by Callboard.
  const auto with = [](const bytes& properties) {
    return connect_packet(v5, {.properties = properties});
  };
  auto reserved_flag = C5();
  reserved_flag[9] = 3;
  for (const auto& [connect, code] : {std::pair{with(authentication_method("x")), 0x8CU},
         {with(receive_maximum(0)), 0x82U}, {reserved_flag, 0x81U}}) {
    auto refused = dial();
    refused.send(connect);
    const auto connack = refused.expect_refused({code});
    EXPECT_TRUE(connack.has_value()) << code;
  }
}

} // namespace

} // namespace callboard::conformance
