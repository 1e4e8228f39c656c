#include "tests/conformance/mqtt3_fixture.hpp"

// CONNACK (MQTT 3.1.1, 3.2): that it is first, session present and the codes.

namespace callboard::conformance {

namespace {

using Mqtt311Connack = Mqtt311Test;

constexpr auto v4 = protocol_version::v3_1_1;

TEST_F(Mqtt311Connack, ComesBeforeTheQueuedMessages) {
  STATEMENT("MQTT311-3.2.0-1");
  leave_session("s", "t", 1);
  auto publisher = client("p");
  for (int i = 0; i < 10; ++i)
    publisher.publish({.qos = 1});
  auto again = dial();
  again.send(connect_packet(v4, lasting("s")));
  EXPECT_EQ(again.receive().type, packet_type::connack);
  for (int i = 0; i < 10; ++i)
    again.receive_message("t", "m");
}

TEST_F(Mqtt311Connack, ComesBeforeLiveMessagesOfABusyTopic) {
  STATEMENT("MQTT311-3.2.0-1");
  leave_session("s", "t", 0);
  auto publisher = client("p");
  for (int i = 0; i < 20; ++i) {
    publisher.send(repeat(publish_packet(v4, {}), 50));
    auto again = dial();
    again.send(connect_packet(v4, lasting("s")));
    EXPECT_EQ(again.receive().type, packet_type::connack);
  }
}

TEST_F(Mqtt311Connack, SaysNoSessionIsPresentAfterCleanSession) {
  STATEMENT("MQTT311-3.2.2-1");
  leave_session("s", "t", 1);
  auto again = dial();
  again.send(connect_packet(v4, {.client_id = "s"}));
  again.expect_octets("20 02 00 00"_hex);
}

TEST_F(Mqtt311Connack, SaysThatAStoredSessionIsPresent) {
  STATEMENT("MQTT311-3.2.2-2", "E40");
  connect(lasting("s")).disconnect();
  for (int i = 0; i < 2; ++i) {
    auto again = dial();
    again.send(connect_packet(v4, lasting("s")));
    again.expect_octets("20 02 01 00"_hex);
    again.cut();
  }
}

TEST_F(Mqtt311Connack, SaysThatTheSessionOfAnOpenConnectionIsPresent) {
  STATEMENT("MQTT311-3.2.2-2");
  auto first = connect(lasting("s"));
  auto second = dial();
  second.send(connect_packet(v4, lasting("s")));
  second.expect_octets("20 02 01 00"_hex);
}

TEST_F(Mqtt311Connack, SaysNoSessionIsPresentWhereThereIsNone) {
  STATEMENT("MQTT311-3.2.2-3", "E40");
  auto fresh = dial();
  fresh.send(connect_packet(v4, lasting("s")));
  fresh.expect_octets("20 02 00 00"_hex);
}

TEST_F(Mqtt311Connack, RefusalSaysNoSessionIsPresent) {
  STATEMENT("MQTT311-3.2.2-4", "E40");
  connect(lasting("a")).disconnect();
  const auto refused = packet(0x10, field("MQTT") + "02 00 003C"_hex + field("a"));
  EXPECT_EQ(answer_before_close(refused), "20 02 00 01"_hex);
  EXPECT_TRUE(dial().connect(lasting("a")).session_present());
}

TEST_F(Mqtt311Connack, RefusalIsFollowedByTheEndOfTheConnection) {
  STATEMENT("MQTT311-3.2.2-5");
  const auto bad_level = packet(0x10, field("MQTT") + "01 02 003C"_hex + field("a"));
  EXPECT_EQ(answer_before_close(bad_level), "20 02 00 01"_hex);
  const auto no_id = connect_packet(v4, {.client_id = "", .clean_start = false});
  EXPECT_EQ(answer_before_close(no_id), "20 02 00 02"_hex);
}

TEST_F(Mqtt311Connack, IsLeftOutWhereNoCodeFits) {
  STATEMENT("MQTT311-3.2.2-6");
  NEEDS_SETTINGS("maximum_qos=0", "retain_available=false");
  each_refused_in_silence({connect_packet(v4, {.will = will_options{.qos = 1}}),
    connect_packet(v4, {.will = will_options{.retain = true}})});
}

} // namespace

} // namespace callboard::conformance
