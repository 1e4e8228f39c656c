#include "tests/conformance/conformance_test.hpp"

#include <thread>

// The server as receiver of QoS 1 and 2 (MQTT 5.0, 4.3): what it does with
// identifiers, repeats and the handshake.

namespace callboard::conformance {

namespace {

using Mqtt5Qos = ConformanceTest;
using namespace std::chrono_literals;

TEST_F(Mqtt5Qos, AcknowledgementsCarryTheIdentifierOfTheirPublish) {
  STATEMENT("MQTT5-2.2.1-5", "MQTT5-4.3.2-4", "MQTT5-4.3.3-8", "MQTT5-4.3.3-11");
  auto publisher = client("p");
  publisher.send_publish({.qos = 2, .packet_id = 0x1234});
  publisher.send_publish({.qos = 1, .packet_id = 0xFFFF});
  publisher.send_publish({.qos = 2, .packet_id = 0x0100});
  EXPECT_EQ(publisher.await(packet_type::pubrec).packet_id, 0x1234U);
  EXPECT_EQ(publisher.await(packet_type::puback).packet_id, 0xFFFFU);
  EXPECT_EQ(publisher.await(packet_type::pubrec).packet_id, 0x0100U);
  publisher.send(acknowledgement(packet_type::pubrel, 0x0100));
  EXPECT_EQ(publisher.expect(packet_type::pubcomp).packet_id, 0x0100U);
  publisher.send(acknowledgement(packet_type::pubrel, 0x1234));
  EXPECT_EQ(publisher.expect(packet_type::pubcomp).packet_id, 0x1234U);
}

TEST_F(Mqtt5Qos, UnknownIdentifiersAreAnsweredAndHarmless) {
  STATEMENT("MQTT5-2.2.1-5", "MQTT5-3.7.2-1", "MQTT5-3.6.2-1");
  auto any = client("c");
  any.send(acknowledgement(packet_type::pubrel, 7));
  const auto pubcomp = any.expect(packet_type::pubcomp);
  EXPECT_EQ(pubcomp.packet_id, 7U);
  EXPECT_EQ(pubcomp.reason, 0x92U);
  any.send(acknowledgement(packet_type::pubrec, 8));
  const auto pubrel = any.expect(packet_type::pubrel);
  EXPECT_EQ(pubrel.packet_id, 8U);
  EXPECT_EQ(pubrel.reason, 0x92U);
  any.send(acknowledgement(packet_type::pubcomp, 8));
  any.ping();
}

TEST_F(Mqtt5Qos, AcceptedMessageSurvivesItsPublisher) {
  STATEMENT("MQTT5-4.3.2-4");
  auto watcher = subscriber("s", "t", 1);
  auto publisher = client("p");
  publisher.send_publish({.qos = 1, .packet_id = 7});
  publisher.expect(packet_type::puback);
  publisher.cut();
  watcher.receive_message("t", "m");
}

TEST_F(Mqtt5Qos, IdentifierOfQosOneIsNewAfterThePuback) {
  STATEMENT("MQTT5-4.3.2-5");
  auto watcher = subscriber("s", "t", 1);
  auto publisher = client("p");
  publisher.publish({.qos = 1, .packet_id = 7});
  publisher.publish({.qos = 1, .dup = true, .packet_id = 7});
  watcher.receive_message("t", "m");
  watcher.receive_message("t", "m");
}

TEST_F(Mqtt5Qos, RepeatsBeforePubrelAreAcknowledgedAndNotDelivered) {
  STATEMENT("MQTT5-4.3.3-10");
  auto watcher = subscriber("s", "t", 2);
  auto publisher = connect(lasting("p"));
  for (const bool dup : {false, true, false, true}) {
    publisher.send_publish({.qos = 2, .dup = dup, .packet_id = 7});
    EXPECT_EQ(publisher.expect(packet_type::pubrec).packet_id, 7U);
  }
  publisher.cut();
  auto again = connect(lasting("p"));
  again.send_publish({.qos = 2, .dup = true, .packet_id = 7});
  EXPECT_EQ(again.expect(packet_type::pubrec).reason & 0x80U, 0U);
  again.send(acknowledgement(packet_type::pubrel, 7));
  EXPECT_EQ(again.expect(packet_type::pubcomp).reason, 0U);
  watcher.receive_message("t", "m");
  watcher.expect_silence();
}

TEST_F(Mqtt5Qos, PubrelIsAnsweredEachTime) {
  STATEMENT("MQTT5-4.3.3-11");
  auto publisher = client("p");
  publisher.send_publish({.qos = 2, .packet_id = 7});
  publisher.expect(packet_type::pubrec);
  publisher.send("62 02 0007"_hex);
  auto pubcomp = publisher.expect(packet_type::pubcomp);
  EXPECT_EQ(pubcomp.packet_id, 7U);
  EXPECT_EQ(pubcomp.reason, 0U);
  publisher.send("62 04 0007 00 00"_hex); // the same in its longest form
  pubcomp = publisher.expect(packet_type::pubcomp);
  EXPECT_EQ(pubcomp.packet_id, 7U);
  EXPECT_TRUE(pubcomp.reason == 0 || pubcomp.reason == 0x92) << pubcomp.reason;
}

TEST_F(Mqtt5Qos, IdentifierOfQosTwoIsNewAfterThePubcomp) {
  STATEMENT("MQTT5-4.3.3-12");
  auto watcher = subscriber("s", "t", 2);
  auto publisher = client("p");
  publisher.publish({.qos = 2, .packet_id = 7});
  publisher.publish({.qos = 2, .dup = true, .packet_id = 7});
  watcher.receive_message("t", "m");
  watcher.receive_message("t", "m");
}

TEST_F(Mqtt5Qos, IdentifierOfQosTwoIsNewAfterARefusal) {
  STATEMENT("MQTT5-4.3.3-9");
  NEEDS_SETTINGS("topic_maximum_levels=2");
  auto watcher = subscriber("s", "a/b", 2);
  auto publisher = client("p");
  publisher.send_publish({.topic = "a/b/c", .qos = 2, .packet_id = 7});
  EXPECT_GE(publisher.expect(packet_type::pubrec).reason, 0x80U);
  EXPECT_LT(publisher.publish({.topic = "a/b", .qos = 2, .packet_id = 7}), 0x80U);
  watcher.receive_message("a/b", "m");
}

TEST_F(Mqtt5Qos, HandshakeGoesOnAfterTheMessageHasExpired) {
  STATEMENT("MQTT5-4.3.3-13");
  auto publisher = client("p");
  publisher.send_publish({.qos = 2, .packet_id = 7, .properties = message_expiry_interval(1)});
  EXPECT_LT(publisher.expect(packet_type::pubrec).reason, 0x80U);
  std::this_thread::sleep_for(2100ms);
  publisher.send(acknowledgement(packet_type::pubrel, 7));
  EXPECT_EQ(publisher.expect(packet_type::pubcomp).reason, 0U);
}

TEST_F(Mqtt5Qos, MessageIsDeliveredAtTheLowerQos) {
  STATEMENT("MQTT5-3.8.4-8");
  auto publisher = client("p");
  for (const unsigned granted : {0U, 1U, 2U}) {
    auto each = subscriber("s", "t", granted);
    for (const unsigned published : {0U, 1U, 2U}) {
      publisher.publish({.qos = published});
      EXPECT_EQ(each.receive_message("t", "m").qos(), std::min(published, granted));
    }
  }
}

TEST_F(Mqtt5Qos, RetainedMessageIsDeliveredAtTheLowerQos) {
  STATEMENT("MQTT5-3.8.4-8");
  auto publisher = client("p");
  for (const unsigned published : {0U, 1U, 2U}) {
    publisher.publish({.qos = published, .retain = true});
    publisher.ping();
    std::this_thread::sleep_for(published == 0 ? 100ms : 0ms); // nothing acknowledges QoS 0
    for (const unsigned granted : {0U, 1U, 2U})
      EXPECT_EQ(subscriber("s", "t", granted).receive_message("t", "m").qos(),
        std::min(published, granted));
  }
}

TEST_F(Mqtt5Qos, QueuedMessageIsDeliveredAtTheLowerQos) {
  STATEMENT("MQTT5-3.8.4-8");
  auto asleep = connect(lasting("s"));
  asleep.try_subscribe({{"one", 1}, {"two", 2}});
  asleep.disconnect();
  auto publisher = client("p");
  for (const auto* topic : {"one", "two"})
    for (const unsigned published : {1U, 2U})
      publisher.publish({.topic = topic, .qos = published});
  auto again = connect(lasting("s"));
  EXPECT_EQ(again.receive_message("one", "m").qos(), 1U);
  EXPECT_EQ(again.receive_message("one", "m").qos(), 1U);
  EXPECT_EQ(again.receive_message("two", "m").qos(), 1U);
  EXPECT_EQ(again.receive_message("two", "m").qos(), 2U);
}

TEST_F(Mqtt5Qos, ReasonCodesThatNoClientMaySendAreProtocolErrors) {
  STATEMENT("MQTT5-3.4.2-1", "MQTT5-3.5.2-1", "MQTT5-3.6.2-1", "MQTT5-3.7.2-1");
  each_closes(
    {"40 04 0001 7F 00"_hex, "40 03 0001 92"_hex, "50 04 0001 7F 00"_hex, "50 03 0001 93"_hex,
      "62 04 0001 01 00"_hex, "62 03 0001 80"_hex, "70 04 0001 20 00"_hex, "70 03 0001 80"_hex},
    {0x82});
}

TEST_F(Mqtt5Qos, PubrelWithOtherFlagsIsMalformed) {
  STATEMENT("MQTT5-3.6.1-1");
  for (const unsigned first : {0x60U, 0x61U, 0x63U, 0x66U, 0x6AU}) {
    auto publisher = client("p");
    publisher.send_publish({.qos = 2, .packet_id = 1});
    publisher.expect(packet_type::pubrec);
    publisher.send(packet(first, "0001"_hex));
    publisher.expect_closed({0x81});
  }
}

} // namespace

} // namespace callboard::conformance
