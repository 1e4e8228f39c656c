#include "tests/conformance/conformance_test.hpp"

#include <map>

// The order of messages (MQTT 5.0, 4.6): per publisher, topic and QoS, towards
// every subscriber, whatever happens in between.

namespace callboard::conformance {

namespace {

using Mqtt5Order = ConformanceTest;

constexpr auto v5 = protocol_version::v5;
constexpr int batch = 15; // below any sensible Receive Maximum

/// Publishes messages numbered from `first` on, `batch` of them, in one write.
void publish_batch(wire_client& publisher, const std::string& topic, int first, unsigned qos) {
  bytes messages;
  for (int i = 0; i < batch; ++i)
    messages += publish_packet(v5, {.topic = topic,
                                     .payload = std::to_string(first + i),
                                     .qos = qos,
                                     .packet_id = static_cast<std::uint16_t>(i + 1)});
  publisher.send(messages);
}

/// Completes the handshakes of a batch.
void complete_batch(wire_client& publisher, unsigned qos) {
  bytes pubrels;
  for (int i = 0; i < batch && qos > 0; ++i) {
    const auto id = publisher.await(qos == 1 ? packet_type::puback : packet_type::pubrec).packet_id;
    EXPECT_EQ(id, i + 1); // in the order of the PUBLISHes
    pubrels += acknowledgement(packet_type::pubrel, id);
  }
  if (qos < 2)
    return;
  publisher.send(pubrels);
  for (int i = 0; i < batch; ++i)
    publisher.await(packet_type::pubcomp);
}

/// Receives the numbers of a batch, in order.
void receive_batch(wire_client& subscriber, const std::string& topic, int first) {
  for (int i = 0; i < batch; ++i)
    subscriber.receive_message(topic, std::to_string(first + i));
}

TEST_F(Mqtt5Order, IsKeptForEachQos) {
  STATEMENT("MQTT5-4.6.0-5", "MQTT5-4.6.0-6");
  for (const unsigned qos : {0U, 1U, 2U}) {
    auto listener = subscriber("s", "t", qos);
    auto publisher = client("p");
    for (int first = 0; first < 3000; first += batch) {
      publish_batch(publisher, "t", first, qos);
      complete_batch(publisher, qos);
      receive_batch(listener, "t", first);
    }
  }
}

TEST_F(Mqtt5Order, IsKeptForALongBurst) {
  STATEMENT("MQTT5-4.6.0-5");
  constexpr int count = 10000;
  auto listener = subscriber("s", "t");
  auto publisher = client("p");
  bytes messages;
  for (int i = 0; i < count; ++i)
    messages += publish_packet(v5, {.payload = std::to_string(i)});
  publisher.send(messages);
  for (int i = 0; i < count; ++i)
    listener.expect_publish("t", std::to_string(i));
}

TEST_F(Mqtt5Order, IsKeptOnEachOfManyTopics) {
  STATEMENT("MQTT5-4.6.0-6", "MQTT5-4.6.0-5");
  constexpr int topics = 40;
  constexpr int rounds = 100;
  auto listener = subscriber("s", "many/#");
  auto publisher = client("p");
  bytes messages;
  for (int i = 0; i < rounds; ++i)
    for (int topic = 0; topic < topics; ++topic)
      messages += publish_packet(
        v5, {.topic = "many/" + std::to_string(topic), .payload = std::to_string(i)});
  publisher.send(messages);
  std::map<std::string, int> next;
  for (int i = 0; i < rounds * topics; ++i) {
    const auto message = listener.expect(packet_type::publish);
    EXPECT_EQ(message.payload, std::to_string(next[message.topic]++)) << message.topic;
  }
}

TEST_F(Mqtt5Order, IsKeptFromTheQueueToLiveMessages) {
  STATEMENT("MQTT5-4.6.0-5");
  auto asleep = connect(lasting("s"));
  asleep.subscribe("t", 1);
  asleep.disconnect();
  auto publisher = client("p");
  for (int first = 0; first < 10 * batch; first += batch) {
    publish_batch(publisher, "t", first, 1);
    complete_batch(publisher, 1);
  }
  publish_batch(publisher, "t", 10 * batch, 1); // around the moment of the resume
  auto awake = connect(lasting("s"));
  complete_batch(publisher, 1);
  publish_batch(publisher, "t", 11 * batch, 1);
  for (int first = 0; first < 12 * batch; first += batch)
    receive_batch(awake, "t", first);
  awake.expect_silence();
}

TEST_F(Mqtt5Order, IsKeptAcrossAResume) {
  STATEMENT("MQTT5-4.6.0-5", "MQTT5-4.4.0-1");
  auto before = connect(lasting("s"));
  before.subscribe("t", 1);
  auto publisher = client("p");
  publish_batch(publisher, "t", 0, 1);
  complete_batch(publisher, 1);
  before.receive_message("t", "0");
  before.ping();
  before.cut();
  publish_batch(publisher, "t", batch, 1);
  complete_batch(publisher, 1);
  auto after = connect(lasting("s"));
  for (int i = 1; i < 2 * batch; ++i)
    after.receive_message("t", std::to_string(i));
  after.expect_silence();
}

} // namespace

} // namespace callboard::conformance
