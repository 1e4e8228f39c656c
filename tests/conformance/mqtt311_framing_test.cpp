#include "tests/conformance/mqtt3_fixture.hpp"

// The fixed header, packet identifiers and strings (MQTT 3.1.1, 1.5.3 and 2): what
// is no packet ends the connection.

namespace callboard::conformance {

namespace {

using Mqtt311Framing = Mqtt311Test;

constexpr auto v4 = protocol_version::v3_1_1;

TEST_F(Mqtt311Framing, ReservedFlagsEndTheConnection) {
  STATEMENT("MQTT311-2.2.2-1", "MQTT311-2.2.2-2", "E07");
  each_closes({"41 02 0001"_hex, "42 02 0001"_hex, "48 02 0001"_hex, "52 02 0001"_hex,
    "58 02 0001"_hex, "60 02 0001"_hex, "63 02 0001"_hex, "72 02 0001"_hex, "78 02 0001"_hex,
    "80 06 0001 0001 74 00"_hex, "A0 05 0001 0001 74"_hex, "C1 00"_hex, "C8 00"_hex, "E1 00"_hex});
}

TEST_F(Mqtt311Framing, ServersFlagsAreTheListedOnes) {
  STATEMENT("MQTT311-2.2.2-1");
  auto each = dial();
  each.send(C4());
  EXPECT_EQ(each.expect(packet_type::connack).raw.substr(0, 1), "20"_hex);
  each.send(subscribe_packet(v4, 1, {{"t", 2}}) + pingreq());
  EXPECT_EQ(each.await(packet_type::suback).raw.substr(0, 1), "90"_hex);
  EXPECT_EQ(each.await(packet_type::pingresp).raw, "D0 00"_hex);
  each.send(publish_packet(v4, {.qos = 1, .packet_id = 1}));
  EXPECT_EQ(each.await(packet_type::puback).raw, "40 02 0001"_hex);
  each.acknowledge(each.await(packet_type::publish));
  each.send(publish_packet(v4, {.qos = 2, .packet_id = 2}));
  EXPECT_EQ(each.await(packet_type::pubrec).raw, "50 02 0002"_hex);
  each.send(acknowledgement(packet_type::pubrel, 2));
  EXPECT_EQ(each.await(packet_type::pubcomp).raw, "70 02 0002"_hex);
  const auto message = each.await(packet_type::publish);
  each.send(acknowledgement(packet_type::pubrec, message.packet_id));
  EXPECT_EQ(each.await(packet_type::pubrel).raw, "62 02"_hex + u16(message.packet_id));
  each.send(unsubscribe_packet(v4, 3, {"t"}));
  EXPECT_EQ(each.await(packet_type::unsuback).raw, "B0 02 0003"_hex);
}

TEST_F(Mqtt311Framing, TypesThatDoNotExistEndTheConnection) {
  STATEMENT("MQTT311-2.2.2-2", "MQTT311-4.8.0-1", "E08");
  each_closes({"00 00"_hex, "0F 00"_hex, "F0 00"_hex, "F0 02 1800"_hex});
}

TEST_F(Mqtt311Framing, TypesThatOnlyAServerSendsEndTheConnection) {
  STATEMENT("MQTT311-4.8.0-1", "E08");
  each_closes({"20 02 0000"_hex, "90 03 0001 00"_hex, "B0 02 0001"_hex, "D0 00"_hex});
}

TEST_F(Mqtt311Framing, IdentifierZeroEndsTheConnection) {
  STATEMENT("MQTT311-2.3.1-1", "E11");
  each_closes({publish_packet(v4, {.qos = 1}), publish_packet(v4, {.qos = 2}),
    publish_packet(v4, {.qos = 1, .dup = true})});
}

TEST_F(Mqtt311Framing, RemainingLengthHasAtMostFourOctets) {
  STATEMENT("MQTT311-4.8.0-1", "E02");
  each_closes({"30 FF FF FF FF"_hex, "30 80 80 80 80 01"_hex, "C0 FF FF FF FF 7F"_hex});
}

TEST_F(Mqtt311Framing, LengthsOfOneToThreeOctetsAreRead) {
  STATEMENT("MQTT311-7.1.1-1", "E04");
  auto listener = subscriber("s", "t");
  auto publisher = client("p");
  // With a topic of one octet, 3 octets of a packet are no payload.
  for (const std::size_t size : {124U, 125U, 16380U, 16381U, 100000U}) {
    const auto payload = repeat("x", size);
    publisher.publish({.payload = payload});
    listener.expect_publish("t", payload);
  }
}

TEST_F(Mqtt311Framing, PacketsArriveInAnySegments) {
  STATEMENT("MQTT311-7.1.1-1", "E04");
  auto both = client("s");
  bytes stream = subscribe_packet(v4, 1, {{"t", 0}});
  for (int i = 0; i < 3; ++i)
    stream += publish_packet(v4, {.payload = std::to_string(i)});
  both.send_bytewise(stream + pingreq());
  both.await(packet_type::suback);
  both.await(packet_type::pingresp);
  for (int i = 0; i < 3; ++i)
    both.expect_publish("t", std::to_string(i));
}

TEST_F(Mqtt311Framing, LargeStreamsArriveCompleteAndInOrder) {
  STATEMENT("MQTT311-7.1.1-1");
  constexpr int count = 64;
  auto listener = subscriber("s", "t");
  auto publisher = client("p");
  for (int i = 0; i < count; ++i)
    publisher.publish({.payload = std::to_string(i) + repeat("0123456789abcdef", 4096)});
  for (int i = 0; i < count; ++i)
    listener.expect_publish("t", std::to_string(i) + repeat("0123456789abcdef", 4096));
}

TEST_F(Mqtt311Framing, TopicsOutsideUtf8EndTheConnection) {
  STATEMENT("MQTT311-1.5.3-1", "MQTT311-3.3.2-1", "E15", "E17");
  std::vector<bytes> faults;
  for (const auto& topic : {"ED A0 80"_hex, "ED BF BF"_hex, "ED AE 80 ED B0 80"_hex, "C0 80"_hex,
         "C0 AF"_hex, "E0 80 AF"_hex, "F0 80 80 80"_hex, "F4 90 80 80"_hex, "F5 80 80 80"_hex,
         "FF"_hex, "80"_hex, "61 C3"_hex, "E2 82"_hex, "C3 28"_hex})
    faults.push_back(publish_packet(v4, {.topic = topic}));
  each_closes(faults);
}

TEST_F(Mqtt311Framing, BadUtf8IsFoundWhereverItStands) {
  STATEMENT("MQTT311-1.5.3-1", "E17");
  std::vector<bytes> faults;
  for (const std::size_t before : {1U, 7U, 14U, 15U, 16U, 17U, 31U, 32U, 63U, 64U})
    faults.push_back(
      publish_packet(v4, {.topic = repeat("a", before) + "ED A0 80"_hex + repeat("b", 20)}));
  each_closes(faults);
}

TEST_F(Mqtt311Framing, AllOtherCharactersAreTakenAsTheyAre) {
  STATEMENT("MQTT311-1.5.3-1");
  auto listener = subscriber("s", "#");
  auto publisher = client("p");
  for (const auto& topic : {"C2 A2"_hex, "E2 82 AC"_hex, "ED 9F BF"_hex, "EE 80 80"_hex,
         "F0 90 80 80"_hex, "F4 8F BF BD"_hex, "E0 A0 80"_hex, "61 C3 BC 62"_hex}) {
    publisher.publish({.topic = topic});
    listener.expect_publish(topic, "m");
  }
}

TEST_F(Mqtt311Framing, NulInATopicEndsTheConnection) {
  STATEMENT("MQTT311-1.5.3-2", "MQTT311-4.7.3-2", "E16");
  std::vector<bytes> faults;
  for (const auto& topic : {"00"_hex, "61 00 62"_hex, "61 62 00"_hex, "61 2F 00"_hex})
    faults.push_back(publish_packet(v4, {.topic = topic}));
  faults.push_back(subscribe_packet(v4, 1, {{"61 00 62"_hex, 0}}));
  faults.push_back(unsubscribe_packet(v4, 1, {"61 00 62"_hex}));
  each_closes(faults);
}

} // namespace

} // namespace callboard::conformance
