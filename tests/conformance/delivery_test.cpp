#include "tests/conformance/conformance_test.hpp"

#include <set>
#include <thread>

// The server as sender of QoS 1 and 2 (MQTT 5.0, 2.2.1, 4.3 and 4.4): which
// identifiers it takes, when it sends again and when it does not.

namespace callboard::conformance {

namespace {

class Mqtt5Delivery : public ConformanceTest {
protected:
  /// A client whose session lasts.
  static connect_options sleeper() { return lasting("s"); }
};

using namespace std::chrono_literals;

TEST_F(Mqtt5Delivery, IdentifiersInFlightAreDistinct) {
  STATEMENT("MQTT5-2.2.1-4", "MQTT5-4.3.2-1", "MQTT5-4.3.3-1");
  auto holder = connect({.client_id = "s", .properties = receive_maximum(1000)});
  holder.subscribe("t", 2);
  auto publisher = client("p");
  std::set<std::uint16_t> ids;
  for (unsigned i = 0; i < 200; ++i)
    publisher.publish({.qos = 1 + i % 2});
  for (unsigned i = 0; i < 200; ++i)
    ids.insert(holder.expect_publish("t", "m").packet_id);
  EXPECT_EQ(ids.size(), 200U);
  EXPECT_FALSE(ids.contains(0));
}

TEST_F(Mqtt5Delivery, IdentifiersWrapAroundPastTheOnesInFlight) {
  STATEMENT("MQTT5-2.2.1-4");
  constexpr unsigned batch = 15;
  constexpr unsigned batches = 65536 / batch + 20;
  auto listener = subscriber("s", "t", 1);
  auto publisher = client("p");
  publisher.publish({.qos = 1});
  const auto held = listener.expect_publish("t", "m").packet_id;
  for (unsigned i = 0; i < batches; ++i) {
    bytes messages;
    bytes acknowledgements;
    for (std::uint16_t id = 1; id <= batch; ++id)
      messages += publish_packet(protocol_version::v5, {.qos = 1, .packet_id = id});
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

TEST_F(Mqtt5Delivery, FirstSendingHasNoDup) {
  STATEMENT("MQTT5-4.3.2-2", "MQTT5-4.3.3-2", "MQTT5-4.3.1-1");
  auto each = subscriber("s", "t", 2);
  auto publisher = client("p");
  for (const unsigned qos : {0U, 1U, 2U}) {
    publisher.publish({.qos = qos});
    EXPECT_EQ(each.receive_message("t", "m").flags, qos << 1U);
  }
}

TEST_F(Mqtt5Delivery, UnacknowledgedPublishComesAgainWithDup) {
  STATEMENT("MQTT5-3.3.1-1", "MQTT5-4.3.2-3", "MQTT5-4.3.3-3", "MQTT5-4.4.0-1");
  for (const unsigned qos : {1U, 2U}) {
    auto first = connect(sleeper());
    first.subscribe("t", qos);
    client("p").publish({.qos = qos});
    const auto id = first.expect_publish("t", "m").packet_id;
    first.cut();
    auto second = connect(sleeper());
    const auto repeat = second.receive_message("t", "m");
    EXPECT_EQ(repeat.packet_id, id);
    EXPECT_TRUE(repeat.dup());
    EXPECT_EQ(repeat.qos(), qos);
    second.ping();
    second.cut();
    connect(sleeper()).expect_silence();
  }
}

TEST_F(Mqtt5Delivery, UnacknowledgedComeAgainInTheirOrder) {
  STATEMENT("MQTT5-4.4.0-1", "MQTT5-4.6.0-5");
  auto first = connect(sleeper());
  first.subscribe("t", 1);
  auto publisher = client("p");
  std::vector<std::uint16_t> ids;
  for (const auto* payload : {"1", "2", "3"}) {
    publisher.publish({.payload = payload, .qos = 1});
    ids.push_back(first.expect_publish("t", payload).packet_id);
  }
  first.cut();
  publisher.publish({.payload = "4", .qos = 1});
  auto second = connect(sleeper());
  for (const auto* payload : {"1", "2", "3"}) {
    const auto repeat = second.receive_message("t", payload);
    EXPECT_TRUE(repeat.dup());
    EXPECT_EQ(repeat.packet_id, ids.at(static_cast<std::size_t>(payload[0] - '1')));
  }
  second.receive_message("t", "4");
  second.expect_silence();
}

TEST_F(Mqtt5Delivery, NothingIsSentAgainOnAnOpenConnection) {
  STATEMENT("MQTT5-4.4.0-1");
  auto holder = subscriber("s", "t", 2);
  auto publisher = client("p");
  publisher.publish({.qos = 1});
  publisher.publish({.qos = 2});
  publisher.publish({.qos = 2});
  holder.expect_publish("t", "m");
  holder.expect_publish("t", "m");
  const auto id = holder.expect_publish("t", "m").packet_id;
  holder.send(acknowledgement(packet_type::pubrec, id));
  holder.expect(packet_type::pubrel);
  holder.expect_silence(3s);
}

TEST_F(Mqtt5Delivery, ErrorInAPubackEndsTheDelivery) {
  STATEMENT("MQTT5-4.4.0-2");
  auto first = connect(sleeper());
  first.subscribe("t", 1);
  client("p").publish({.qos = 1});
  const auto id = first.expect_publish("t", "m").packet_id;
  first.send(acknowledgement(packet_type::puback, id, 0x80));
  first.ping();
  first.cut();
  connect(sleeper()).expect_silence();
}

TEST_F(Mqtt5Delivery, ErrorInAPubrecEndsTheDelivery) {
  STATEMENT("MQTT5-4.4.0-2", "MQTT5-4.3.3-4");
  auto first = connect(sleeper());
  first.subscribe("t", 2);
  client("p").publish({.qos = 2});
  const auto id = first.expect_publish("t", "m").packet_id;
  first.send(acknowledgement(packet_type::pubrec, id, 0x83));
  first.expect_silence(); // no PUBREL
  first.ping();
  first.cut();
  connect(sleeper()).expect_silence();
}

TEST_F(Mqtt5Delivery, PubrecIsAnsweredWithPubrel) {
  STATEMENT("MQTT5-4.3.3-4", "MQTT5-2.2.1-5");
  auto each = subscriber("s", "t", 2);
  auto publisher = client("p");
  for (const unsigned reason : {0x00U, 0x10U}) {
    publisher.publish({.qos = 2});
    const auto id = each.expect_publish("t", "m").packet_id;
    each.send(acknowledgement(packet_type::pubrec, id, reason));
    const auto pubrel = each.expect(packet_type::pubrel);
    EXPECT_EQ(pubrel.packet_id, id);
    EXPECT_EQ(pubrel.reason, 0U);
    each.send(acknowledgement(packet_type::pubcomp, id));
  }
  each.ping();
}

TEST_F(Mqtt5Delivery, PubrelComesAgainUntilPubcompAndThePublishDoesNot) {
  STATEMENT("MQTT5-4.3.3-5", "MQTT5-4.3.3-6", "MQTT5-4.4.0-1");
  auto first = connect(sleeper());
  first.subscribe("t", 2);
  client("p").publish({.qos = 2});
  const auto id = first.expect_publish("t", "m").packet_id;
  first.send(acknowledgement(packet_type::pubrec, id));
  first.expect(packet_type::pubrel);
  first.cut();
  auto second = connect(sleeper());
  const auto pubrel = second.expect(packet_type::pubrel);
  EXPECT_EQ(pubrel.packet_id, id);
  second.expect_silence();
  second.send(acknowledgement(packet_type::pubcomp, id));
  second.ping();
  second.cut();
  connect(sleeper()).expect_silence();
}

TEST_F(Mqtt5Delivery, ExpiryDoesNotStopADeliveryThatHasBegun) {
  STATEMENT("MQTT5-4.3.3-7");
  auto first = connect(sleeper());
  first.subscribe("t", 2);
  client("p").publish({.qos = 2, .properties = message_expiry_interval(1)});
  const auto id = first.expect_publish("t", "m").packet_id;
  first.cut();
  std::this_thread::sleep_for(2200ms);
  auto second = connect(sleeper());
  EXPECT_EQ(second.receive_message("t", "m").packet_id, id);
}

TEST_F(Mqtt5Delivery, AcknowledgementsInAnotherOrderAreTolerated) {
  STATEMENT("MQTT5-4.6.0-2", "MQTT5-4.6.0-3", "MQTT5-4.6.0-4");
  for (const unsigned qos : {1U, 2U}) {
    auto each = subscriber("s", "t", qos);
    auto publisher = client("p");
    for (int i = 0; i < 3; ++i)
      publisher.publish({.qos = qos});
    std::vector<received_packet> deliveries;
    for (int i = 0; i < 3; ++i)
      deliveries.push_back(each.expect_publish("t", "m"));
    for (const std::size_t i : {2U, 0U, 1U})
      each.acknowledge(deliveries[i]);
    publisher.publish({.payload = "next", .qos = qos});
    each.receive_message("t", "next");
  }
}

TEST_F(Mqtt5Delivery, PubrelsOfAClientMayComeInAnyOrder) {
  STATEMENT("MQTT5-4.6.0-4");
  auto publisher = client("p");
  for (std::uint16_t id = 1; id <= 3; ++id) {
    publisher.send_publish({.qos = 2, .packet_id = id});
    publisher.expect(packet_type::pubrec);
  }
  for (const std::uint16_t id : {std::uint16_t{3}, std::uint16_t{1}, std::uint16_t{2}}) {
    publisher.send(acknowledgement(packet_type::pubrel, id));
    EXPECT_EQ(publisher.expect(packet_type::pubcomp).packet_id, id);
  }
}

} // namespace

} // namespace callboard::conformance
