#include "tests/conformance/mqtt3_fixture.hpp"

// DISCONNECT (MQTT 3.1.1, 3.14).

namespace callboard::conformance {

namespace {

using Mqtt311Disconnect = Mqtt311Test;

constexpr auto v4 = protocol_version::v3_1_1;

TEST_F(Mqtt311Disconnect, ServerClosesIfTheClientDoesNot) {
  STATEMENT("MQTT311-3.14.4-1");
  auto polite = client("a");
  polite.send("E0 00"_hex);
  polite.expect_eof();
}

TEST_F(Mqtt311Disconnect, WhatFollowsIsNotProcessed) {
  STATEMENT("MQTT311-3.14.4-2", "E48");
  auto watcher = subscriber("watcher", "#");
  auto polite = connect({.client_id = "a", .will = will_options{}});
  polite.send(disconnect_packet() + publish_packet(v4, {}) +
              publish_packet(v4, {.qos = 1, .retain = true, .packet_id = 1}) + pingreq());
  EXPECT_EQ(polite.drain(), "");
  watcher.expect_silence();
  subscriber("late", "#").expect_silence();
}

TEST_F(Mqtt311Disconnect, WhatCameBeforeIsProcessed) {
  STATEMENT("MQTT311-3.14.4-2");
  auto watcher = subscriber("watcher", "t");
  auto polite = client("a");
  polite.send(repeat(publish_packet(v4, {}), 50) + disconnect_packet());
  for (int i = 0; i < 50; ++i)
    watcher.expect_publish("t", "m");
}

TEST_F(Mqtt311Disconnect, GarbageBehindItBringsNoWill) {
  STATEMENT("MQTT311-3.14.4-2", "MQTT311-3.14.4-3", "E48");
  auto watcher = subscriber("watcher", "#");
  auto polite = connect({.client_id = "a", .will = will_options{}});
  polite.send(disconnect_packet() + "FF FF FF FF FF FF"_hex);
  polite.expect_eof();
  watcher.expect_silence();
}

TEST_F(Mqtt311Disconnect, DiscardsTheWill) {
  STATEMENT("MQTT311-3.14.4-3");
  auto watcher = subscriber("watcher", "will");
  for (int i = 0; i < 5; ++i)
    connect({.client_id = "a", .will = will_options{.qos = 1}}).disconnect();
  watcher.expect_silence();
}

TEST_F(Mqtt311Disconnect, ReservedFlagsAreAnErrorAndTheWillComes) {
  STATEMENT("MQTT311-3.14.1-1", "MQTT311-2.2.2-2", "E07");
  auto watcher = subscriber("watcher", "will");
  for (const auto& octets : {"E1 00"_hex, "E2 00"_hex, "E4 00"_hex, "E8 00"_hex}) {
    auto bad = connect({.client_id = "a", .will = will_options{}});
    bad.send(octets);
    bad.expect_eof();
    watcher.expect_publish("will", "gone");
  }
}

TEST_F(Mqtt311Disconnect, BodyOfVersion5IsAnErrorAndTheWillComes) {
  STATEMENT("MQTT311-4.8.0-1", "E05");
  auto watcher = subscriber("watcher", "will");
  for (const auto& octets : {"E0 01 00"_hex, "E0 02 00 00"_hex}) {
    auto bad = connect({.client_id = "a", .will = will_options{}});
    bad.send(octets);
    bad.expect_eof();
    watcher.expect_publish("will", "gone");
  }
}

} // namespace

} // namespace callboard::conformance
