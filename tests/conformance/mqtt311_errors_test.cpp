#include "tests/conformance/mqtt3_fixture.hpp"

// What a protocol violation costs (MQTT 3.1.1, 4.8): its connection, nothing else.
// And that a plain conversation needs no setting and no extension (7.0, 7.1).

namespace callboard::conformance {

namespace {

using Mqtt311Errors = Mqtt311Test;

constexpr auto v4 = protocol_version::v3_1_1;

TEST_F(Mqtt311Errors, ViolationEndsItsConnectionOnly) {
  STATEMENT("MQTT311-4.8.0-1");
  each_closes({C4(), C5(), "00 00"_hex, "20 02 0000"_hex, "38 03 0001 74"_hex,
    "36 05 0001 74 0001"_hex, "32 05 0001 74 0000"_hex, "30 02 0000"_hex, "30 03 0001 2B"_hex,
    "41 02 0001"_hex, "60 02 0001"_hex, "82 02 0001"_hex, "82 06 0001 0001 74 03"_hex,
    "A2 02 0001"_hex, "C1 00"_hex, "D0 00"_hex, "E1 00"_hex, "F0 00"_hex, "30 FF FF FF FF"_hex});
}

TEST_F(Mqtt311Errors, WhatCameBeforeTheViolationIsProcessed) {
  STATEMENT("MQTT311-4.8.0-1");
  auto watcher = subscriber("watcher", "t", 1);
  auto bad = client("bad");
  bad.send(publish_packet(v4, {.qos = 1, .packet_id = 1}) + "F0 00"_hex);
  watcher.receive_message("t", "m");
}

TEST_F(Mqtt311Errors, WhatFollowsTheViolationIsNotProcessed) {
  STATEMENT("MQTT311-4.8.0-1");
  auto watcher = subscriber("watcher", "#", 1);
  auto bad = client("bad");
  bad.send("F0 00"_hex + publish_packet(v4, {.qos = 1, .retain = true, .packet_id = 1}));
  bad.expect_eof();
  watcher.expect_silence();
  subscriber("late", "#").expect_silence();
}

TEST_F(Mqtt311Errors, ClientMayComeBackAndFindsItsSession) {
  STATEMENT("MQTT311-4.8.0-1", "MQTT311-3.1.2-4");
  auto bad = connect(lasting("s"));
  bad.subscribe("t", 1);
  bad.send("F0 00"_hex);
  bad.expect_eof();
  client("p").publish({.qos = 1});
  auto again = dial();
  EXPECT_TRUE(again.connect(lasting("s")).session_present());
  again.receive_message("t", "m");
}

TEST_F(Mqtt311Errors, HugeAnnouncedPacketWithoutDataHarmsNobody) {
  STATEMENT("MQTT311-4.8.0-1", "E03");
  std::vector<wire_client> waiting;
  for (int i = 0; i < 20; ++i) {
    waiting.push_back(client("w" + std::to_string(i)));
    waiting.back().send("30 FF FF FF 7F 0001 74"_hex);
  }
  auto listener = subscriber("s", "t", 1);
  client("p").publish({.qos = 1});
  listener.receive_message("t", "m");
}

TEST_F(Mqtt311Errors, PlainConversationNeedsNoExtension) {
  STATEMENT("MQTT311-7.0.0-2", "MQTT311-7.1.1-1");
  auto listener = connect({.client_id = "listener", .clean_start = false, .keep_alive = 0});
  listener.subscribe("sensors/+/temperature", 2);
  auto publisher = connect({.client_id = "publisher",
    .will = will_options{.topic = "sensors/1/temperature", .payload = "unknown", .qos = 1},
    .user_name = "user",
    .password = "password"});
  for (const unsigned qos : {0U, 1U, 2U}) {
    publisher.publish({.topic = "sensors/1/temperature", .payload = "21", .qos = qos});
    EXPECT_EQ(listener.receive_message("sensors/1/temperature", "21").qos(), qos);
  }
  publisher.cut();
  listener.receive_message("sensors/1/temperature", "unknown");
  listener.unsubscribe({"sensors/+/temperature"});
  listener.ping();
  listener.disconnect();
}

} // namespace

} // namespace callboard::conformance
