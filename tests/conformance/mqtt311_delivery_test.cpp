#include "tests/conformance/mqtt3_fixture.hpp"

#include <set>

// The server as sender of QoS 0, 1 and 2 (MQTT 3.1.1, 2.3.1, 4.3 and 4.4): which
// identifiers it takes, and what it sends again when a session is resumed.

namespace callboard::conformance {

namespace {

using Mqtt311Delivery = Mqtt311Test;

constexpr auto v4 = protocol_version::v3_1_1;

TEST_F(Mqtt311Delivery, IdentifiersInFlightAreDistinct) {
  STATEMENT("MQTT311-2.3.1-4", "MQTT311-2.3.1-1", "MQTT311-4.3.2-1", "MQTT311-4.3.3-1");
  auto holder = subscriber("s", "t", 2);
  auto publisher = client("p");
  std::set<std::uint16_t> ids;
  for (unsigned i = 0; i < 200; ++i)
    publisher.publish({.qos = 1 + i % 2});
  for (unsigned i = 0; i < 200; ++i)
    ids.insert(holder.expect_publish("t", "m").packet_id);
  EXPECT_EQ(ids.size(), 200U);
  EXPECT_FALSE(ids.contains(0));
}

TEST_F(Mqtt311Delivery, IdentifiersWrapAroundPastTheOnesInFlight) {
  STATEMENT("MQTT311-2.3.1-4", "MQTT311-2.3.1-1", "E78");
  constexpr unsigned batch = 200;
  constexpr unsigned batches = 65536 / batch + 20;
  auto listener = subscriber("s", "t", 1);
  auto publisher = client("p");
  publisher.publish({.qos = 1});
  const auto held = listener.expect_publish("t", "m").packet_id;
  for (unsigned i = 0; i < batches; ++i) {
    bytes messages;
    bytes acknowledgements;
    for (std::uint16_t id = 1; id <= batch; ++id)
      messages += publish_packet(v4, {.qos = 1, .packet_id = id});
    publisher.send(messages);
    for (unsigned k = 0; k < batch; ++k) {
      const auto id = listener.expect_publish("t", "m").packet_id;
      ASSERT_NE(id, held);
      acknowledgements += acknowledgement(packet_type::puback, id);
    }
    listener.send(acknowledgements);
    for (unsigned k = 0; k < batch; ++k)
      publisher.expect(packet_type::puback);
  }
}

TEST_F(Mqtt311Delivery, FirstSendingHasNoDup) {
  STATEMENT("MQTT311-4.3.1-1", "MQTT311-4.3.2-1", "MQTT311-4.3.3-1", "MQTT311-3.3.1-2");
  auto each = subscriber("s", "t", 2);
  auto publisher = client("p");
  for (const unsigned qos : {0U, 1U, 2U}) {
    publisher.publish({.qos = qos});
    EXPECT_EQ(each.receive_message("t", "m").flags, qos << 1U);
  }
}

TEST_F(Mqtt311Delivery, FirstSendingOfAQueuedMessageHasNoDup) {
  STATEMENT("MQTT311-3.3.1-1", "MQTT311-4.3.2-1");
  leave_session("s", "t", 1);
  client("p").publish({.qos = 1});
  EXPECT_FALSE(connect(lasting("s")).receive_message("t", "m").dup());
}

TEST_F(Mqtt311Delivery, UnacknowledgedPublishComesAgainWithDup) {
  STATEMENT("MQTT311-3.3.1-1", "MQTT311-4.3.2-1", "MQTT311-4.3.3-1", "MQTT311-4.4.0-1");
  for (const unsigned qos : {1U, 2U}) {
    auto first = connect(lasting("s"));
    first.subscribe("t", qos);
    client("p").publish({.qos = qos});
    const auto id = first.expect_publish("t", "m").packet_id;
    first.cut();
    auto second = connect(lasting("s"));
    const auto repeat = second.receive_message("t", "m");
    EXPECT_EQ(repeat.packet_id, id);
    EXPECT_EQ(repeat.flags, 8U | qos << 1U);
    second.ping();
    second.cut();
    connect(lasting("s")).expect_silence();
  }
}

TEST_F(Mqtt311Delivery, UnacknowledgedComeAgainAfterADisconnectToo) {
  STATEMENT("MQTT311-4.4.0-1");
  auto first = connect(lasting("s"));
  first.subscribe("t", 1);
  client("p").publish({.qos = 1});
  const auto id = first.expect_publish("t", "m").packet_id;
  first.disconnect();
  const auto repeat = connect(lasting("s")).receive_message("t", "m");
  EXPECT_EQ(repeat.packet_id, id);
  EXPECT_TRUE(repeat.dup());
}

TEST_F(Mqtt311Delivery, UnacknowledgedComeAgainAtATakeover) {
  STATEMENT("MQTT311-4.4.0-1", "E81");
  auto first = connect(lasting("s"));
  first.subscribe("t", 1);
  client("p").publish({.qos = 1});
  const auto id = first.expect_publish("t", "m").packet_id;
  auto second = connect(lasting("s"));
  first.expect_eof();
  const auto repeat = second.receive_message("t", "m");
  EXPECT_EQ(repeat.packet_id, id);
  EXPECT_TRUE(repeat.dup());
}

TEST_F(Mqtt311Delivery, PubrecIsAnsweredWithPubrelOfTheSameIdentifier) {
  STATEMENT("MQTT311-4.3.3-1", "MQTT311-2.3.1-6");
  auto each = subscriber("s", "t", 2);
  client("p").publish({.qos = 2});
  const auto id = each.expect_publish("t", "m").packet_id;
  each.send(acknowledgement(packet_type::pubrec, id));
  each.expect_octets("62 02"_hex + u16(id));
  each.send(acknowledgement(packet_type::pubcomp, id));
  each.ping();
}

TEST_F(Mqtt311Delivery, PubrelComesAgainUntilPubcompAndThePublishDoesNot) {
  STATEMENT("MQTT311-4.3.3-1", "MQTT311-4.4.0-1");
  auto first = connect(lasting("s"));
  first.subscribe("t", 2);
  client("p").publish({.qos = 2});
  const auto id = first.expect_publish("t", "m").packet_id;
  first.send(acknowledgement(packet_type::pubrec, id));
  EXPECT_EQ(first.expect(packet_type::pubrel).packet_id, id);
  first.cut();
  for (int i = 0; i < 2; ++i) {
    auto again = connect(lasting("s"));
    EXPECT_EQ(again.receive().raw, "62 02"_hex + u16(id));
    again.expect_silence();
    again.cut();
  }
  auto last = connect(lasting("s"));
  last.expect(packet_type::pubrel);
  last.send(acknowledgement(packet_type::pubcomp, id));
  last.ping();
  last.cut();
  connect(lasting("s")).expect_silence();
}

TEST_F(Mqtt311Delivery, SecondPubrecGetsPubrelAgain) {
  STATEMENT("MQTT311-4.3.3-1", "E76");
  auto each = subscriber("s", "t", 2);
  client("p").publish({.qos = 2});
  const auto id = each.expect_publish("t", "m").packet_id;
  for (int i = 0; i < 2; ++i) {
    each.send(acknowledgement(packet_type::pubrec, id));
    each.expect_octets("62 02"_hex + u16(id));
  }
  each.send(acknowledgement(packet_type::pubcomp, id));
  each.ping();
}

TEST_F(Mqtt311Delivery, UnacknowledgedOfAllKindsComeAgainInTheirOrder) {
  STATEMENT("MQTT311-4.4.0-1", "MQTT311-4.6.0-1");
  auto first = connect(lasting("s"));
  first.subscribe("t", 2);
  auto publisher = client("p");
  std::vector<std::uint16_t> ids;
  for (unsigned i = 0; i < 10; ++i) {
    publisher.publish({.payload = std::to_string(i), .qos = 1 + i % 2});
    ids.push_back(first.expect_publish("t", std::to_string(i)).packet_id);
  }
  first.cut();
  settle(); // or it may still be sent on the old connection
  publisher.publish({.payload = "10", .qos = 1});
  auto second = connect(lasting("s"));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto repeat = second.receive_message("t", std::to_string(i));
    EXPECT_EQ(repeat.packet_id, ids[i]);
    EXPECT_TRUE(repeat.dup());
  }
  EXPECT_FALSE(second.receive_message("t", "10").dup());
  second.expect_silence();
}

TEST_F(Mqtt311Delivery, CleanSessionGetsNothingAgain) {
  STATEMENT("MQTT311-4.4.0-1", "MQTT311-3.1.2-6");
  auto first = connect(lasting("s"));
  first.subscribe("t", 1);
  client("p").publish({.qos = 1});
  first.expect_publish("t", "m");
  first.cut();
  client("s").expect_silence();
}

TEST_F(Mqtt311Delivery, PubackForAnotherQosEndsTheConnection) {
  STATEMENT("MQTT311-4.8.0-1", "E75");
  for (const unsigned qos : {1U, 2U}) {
    auto each = subscriber("s", "t", qos);
    client("p").publish({.qos = qos});
    const auto id = each.expect_publish("t", "m").packet_id;
    each.send(acknowledgement(qos == 1 ? packet_type::pubrec : packet_type::puback, id));
    each.expect_eof();
  }
}

} // namespace

} // namespace callboard::conformance
