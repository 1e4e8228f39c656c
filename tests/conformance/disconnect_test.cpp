#include "tests/conformance/conformance_test.hpp"

// DISCONNECT in both directions (MQTT 5.0, 3.14), and PINGREQ (3.12).

namespace callboard::conformance {

namespace {

using namespace std::chrono_literals;

using Mqtt5Disconnect = ConformanceTest;
using Mqtt5Ping = ConformanceTest;

constexpr auto v5 = protocol_version::v5;

TEST_F(Mqtt5Ping, IsAnswered) {
  STATEMENT("MQTT5-3.12.4-1");
  auto any = client("c");
  any.send("C0 00"_hex);
  any.expect_octets("D0 00"_hex);
  any.send(repeat(pingreq(), 50));
  any.expect_octets(repeat("D0 00"_hex, 50));
  any.expect_silence(50ms);
}

TEST_F(Mqtt5Ping, HasNoBody) {
  STATEMENT("MQTT5-3.12.4-1");
  each_closes({"C0 01 00"_hex, "C0 02 00 00"_hex}, {0x81});
}

TEST_F(Mqtt5Disconnect, OtherFlagsAreMalformedAndDoNotDiscardTheWill) {
  STATEMENT("MQTT5-3.14.1-1");
  auto watcher = subscriber("watcher", "will");
  for (const auto& octets : {"E1 00"_hex, "E2 00"_hex, "E4 00"_hex, "E8 00"_hex}) {
    auto bad = connect({.client_id = "c", .will = will_options{}});
    bad.send(octets);
    bad.expect_closed({0x81});
    watcher.expect_publish("will", "gone");
  }
}

TEST_F(Mqtt5Disconnect, CodesThatNoClientMaySendAreProtocolErrors) {
  STATEMENT("MQTT5-3.14.2-1");
  auto watcher = subscriber("watcher", "will");
  for (const auto& octets :
    {"E0 01 01"_hex, "E0 02 01 00"_hex, "E0 01 10"_hex, "E0 02 7F 00"_hex}) {
    auto bad = connect({.client_id = "c", .will = will_options{}});
    bad.send(octets);
    bad.expect_closed({0x82});
    watcher.expect_publish("will", "gone");
  }
}

TEST_F(Mqtt5Disconnect, CodesOfTheTableAreTaken) {
  STATEMENT("MQTT5-3.14.2-1", "MQTT5-4.13.2-1", "MQTT5-3.14.4-2");
  for (const unsigned code : {0x00U, 0x04U, 0x80U, 0x81U, 0x82U, 0x83U, 0x90U, 0x93U, 0x94U, 0x95U,
         0x96U, 0x97U, 0x98U, 0x99U}) {
    auto any = client("c");
    any.send(disconnect_packet(code, reason_string("that is all") + user_property("k", "v")));
    any.expect_eof();
  }
}

TEST_F(Mqtt5Disconnect, ServersHasNoSessionExpiry) {
  STATEMENT("MQTT5-3.14.2-2", "MQTT5-3.14.2-1");
  std::vector<wire_client> clients;
  clients.push_back(connect(lasting("taken over")));
  clients.push_back(connect(lasting("malformed")));
  clients.push_back(connect(lasting("protocol error")));
  auto taker = client("taken over");
  clients[1].send("36 10 0005 746F706963 1234 00 7061796C6F61"_hex);
  clients[2].send(C5());
  // The parser fails on the property, and on a code that does not belong there.
  for (auto& each : clients)
    if (const auto packet = each.expect_closed({0x8E, 0x81, 0x82})) {
      EXPECT_FALSE(packet->has(property_id::session_expiry_interval));
    }
}

TEST_F(Mqtt5Disconnect, NothingBehindItIsPublished) {
  STATEMENT("MQTT5-3.14.4-1");
  auto watcher = subscriber("watcher", "#");
  auto any = client("c");
  any.send(disconnect_packet() + publish_packet(v5, {.payload = "live"}) +
           publish_packet(v5, {.payload = "kept", .qos = 1, .retain = true, .packet_id = 1}));
  any.expect_eof();
  watcher.expect_silence();
  subscriber("late", "#").expect_silence(50ms);
  client("c").publish({.payload = "later"});
  watcher.expect_publish("t", "later");
}

TEST_F(Mqtt5Disconnect, NothingBehindItIsAnswered) {
  STATEMENT("MQTT5-3.14.4-1");
  auto any = client("c");
  any.send(disconnect_packet() + pingreq() + subscribe_packet(v5, 1, {{}}));
  any.expect_eof();
}

TEST_F(Mqtt5Disconnect, ServerSendsNothingBehindItsOwn) {
  STATEMENT("MQTT5-3.14.4-1", "MQTT5-3.14.4-2");
  auto listener = subscriber("s", "t");
  listener.send(C5() + pingreq() + publish_packet(v5, {}));
  listener.expect_closed({0x82}); // and nothing but the end of the stream
}

TEST_F(Mqtt5Disconnect, ServerClosesWhenTheClientDoesNot) {
  STATEMENT("MQTT5-3.14.4-2");
  auto any = client("c");
  any.send("E0 00"_hex);
  any.expect_eof();
}

} // namespace

} // namespace callboard::conformance
