#include "tests/conformance/mqtt3_fixture.hpp"

// The server as receiver of QoS 1 and 2 (MQTT 3.1.1, 2.3.1 and 4.3): what it does
// with identifiers, repeats and the handshake.

namespace callboard::conformance {

namespace {

using Mqtt311Qos = Mqtt311Test;

TEST_F(Mqtt311Qos, AcknowledgementsCarryTheIdentifierOfTheirPublish) {
  STATEMENT("MQTT311-2.3.1-6");
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

TEST_F(Mqtt311Qos, PubrelOfAnUnknownIdentifierGetsPubcomp) {
  STATEMENT("MQTT311-2.3.1-6", "E73");
  auto any = client("c");
  any.send(acknowledgement(packet_type::pubrel, 7));
  any.expect_octets("70 02 0007"_hex);
}

TEST_F(Mqtt311Qos, AcknowledgementsOfUnknownIdentifiersAreHarmless) {
  STATEMENT("MQTT311-2.3.1-6", "E74");
  auto any = client("c");
  any.send("40 02 0009 70 02 0009"_hex);
  any.ping();
  any.send("50 02 0009"_hex); // a PUBREL may answer it
  any.ping();
}

TEST_F(Mqtt311Qos, IdentifierOfQosOneIsNewAfterThePuback) {
  STATEMENT("MQTT311-4.3.2-2", "MQTT311-2.3.1-2", "E77");
  auto watcher = subscriber("s", "t", 1);
  auto publisher = client("p");
  publisher.publish({.payload = "1", .qos = 1, .packet_id = 7});
  publisher.publish({.payload = "2", .qos = 1, .dup = true, .packet_id = 7});
  watcher.receive_message("t", "1");
  watcher.receive_message("t", "2");
}

TEST_F(Mqtt311Qos, RepeatsBeforePubrelAreAcknowledgedAndNotDelivered) {
  STATEMENT("MQTT311-4.3.3-2", "MQTT311-2.3.1-3", "E72");
  auto watcher = subscriber("s", "t", 2);
  auto publisher = connect(lasting("p"));
  for (const bool dup : {false, true, false, true}) {
    publisher.send_publish({.qos = 2, .dup = dup, .packet_id = 7});
    EXPECT_EQ(publisher.expect(packet_type::pubrec).packet_id, 7U);
  }
  publisher.cut();
  auto again = connect(lasting("p"));
  again.send_publish({.qos = 2, .dup = true, .packet_id = 7});
  EXPECT_EQ(again.expect(packet_type::pubrec).packet_id, 7U);
  again.send(acknowledgement(packet_type::pubrel, 7));
  EXPECT_EQ(again.expect(packet_type::pubcomp).packet_id, 7U);
  watcher.receive_message("t", "m");
  watcher.expect_silence();
}

TEST_F(Mqtt311Qos, RepeatOnAResumedSessionIsDeliveredOnce) {
  STATEMENT("MQTT311-2.3.1-3", "MQTT311-4.3.3-2");
  auto watcher = subscriber("s", "t", 2);
  auto publisher = connect(lasting("p"));
  publisher.send_publish({.qos = 2, .packet_id = 7});
  publisher.expect(packet_type::pubrec);
  publisher.cut();
  auto again = connect(lasting("p"));
  again.publish({.qos = 2, .dup = true, .packet_id = 7});
  watcher.receive_message("t", "m");
  watcher.expect_silence();
}

TEST_F(Mqtt311Qos, PubrelOnAResumedSessionCompletesTheHandshake) {
  STATEMENT("MQTT311-4.3.3-2", "MQTT311-4.4.0-1");
  auto watcher = subscriber("s", "t", 2);
  auto publisher = connect(lasting("p"));
  publisher.send_publish({.qos = 2, .packet_id = 7});
  publisher.expect(packet_type::pubrec);
  publisher.cut();
  auto again = connect(lasting("p"));
  again.send(acknowledgement(packet_type::pubrel, 7));
  again.expect_octets("70 02 0007"_hex);
  watcher.receive_message("t", "m");
  watcher.expect_silence();
}

TEST_F(Mqtt311Qos, IdentifierOfQosTwoIsNewInACleanSession) {
  STATEMENT("MQTT311-4.3.3-2", "MQTT311-3.1.2-6");
  auto watcher = subscriber("s", "t", 2);
  auto publisher = client("p");
  publisher.send_publish({.payload = "half", .qos = 2, .packet_id = 7});
  publisher.expect(packet_type::pubrec);
  publisher.cut();
  client("p").publish({.payload = "new", .qos = 2, .packet_id = 7});
  // A server may pass a message on at its PUBLISH or at its PUBREL only.
  auto next = watcher.expect(packet_type::publish);
  watcher.acknowledge(next);
  if (next.payload == "half")
    next = watcher.receive_message("t", "new");
  EXPECT_EQ(next.payload, "new");
}

TEST_F(Mqtt311Qos, IdentifierOfQosTwoIsNewAfterThePubcomp) {
  STATEMENT("MQTT311-4.3.3-2", "MQTT311-2.3.1-2", "E77");
  auto watcher = subscriber("s", "t", 2);
  auto publisher = client("p");
  publisher.publish({.payload = "1", .qos = 2, .packet_id = 7});
  publisher.publish({.payload = "2", .qos = 2, .dup = true, .packet_id = 7});
  watcher.receive_message("t", "1");
  watcher.receive_message("t", "2");
}

TEST_F(Mqtt311Qos, PubrelIsAnsweredEachTime) {
  STATEMENT("MQTT311-4.3.3-2", "E73");
  auto publisher = client("p");
  publisher.send_publish({.qos = 2, .packet_id = 7});
  publisher.expect(packet_type::pubrec);
  for (int i = 0; i < 3; ++i) {
    publisher.send("62 02 0007"_hex);
    publisher.expect_octets("70 02 0007"_hex);
  }
}

TEST_F(Mqtt311Qos, PubrelWithOtherFlagsEndsTheConnection) {
  STATEMENT("MQTT311-3.6.1-1", "MQTT311-2.2.2-2", "E07");
  for (const unsigned first : {0x60U, 0x61U, 0x63U, 0x66U, 0x6AU}) {
    auto publisher = client("p");
    publisher.send_publish({.qos = 2, .packet_id = 1});
    publisher.expect(packet_type::pubrec);
    publisher.send(packet(first, "0001"_hex));
    publisher.expect_eof();
  }
}

TEST_F(Mqtt311Qos, AcknowledgementsHaveNothingBehindTheIdentifier) {
  STATEMENT("MQTT311-4.8.0-1", "E05");
  each_closes({"40 03 0001 00"_hex, "50 03 0001 00"_hex, "62 03 0001 00"_hex, "70 03 0001 00"_hex,
    "40 01 00"_hex, "62 00"_hex});
}

TEST_F(Mqtt311Qos, ManyHandshakesMayBeOpenAtATime) {
  STATEMENT("MQTT311-4.3.3-2", "MQTT311-2.3.1-6");
  constexpr std::uint16_t count = 2000;
  auto watcher = subscriber("s", "t", 0);
  auto publisher = client("p");
  for (std::uint16_t id = 1; id <= count; ++id)
    publisher.send_publish({.payload = std::to_string(id), .qos = 2, .packet_id = id});
  bytes pubrels;
  for (std::uint16_t id = 1; id <= count; ++id) {
    EXPECT_EQ(publisher.expect(packet_type::pubrec).packet_id, id);
    pubrels += acknowledgement(packet_type::pubrel, id);
  }
  publisher.send(pubrels);
  for (std::uint16_t id = 1; id <= count; ++id) {
    EXPECT_EQ(publisher.expect(packet_type::pubcomp).packet_id, id);
    watcher.expect_publish("t", std::to_string(id));
  }
}

} // namespace

} // namespace callboard::conformance
