#include "tests/conformance/mqtt3_fixture.hpp"

#include <algorithm>
#include <map>

// The order of messages and of acknowledgements (MQTT 3.1.1, 4.6).

namespace callboard::conformance {

namespace {

using Mqtt311Order = Mqtt311Test;

constexpr auto v4 = protocol_version::v3_1_1;

/// `count` messages to `topic` in one string, numbered from `first` on.
bytes numbered(const std::string& topic, int first, int count, unsigned qos) {
  bytes messages;
  for (int i = 0; i < count; ++i)
    messages += publish_packet(v4, {.topic = topic,
                                     .payload = std::to_string(first + i),
                                     .qos = qos,
                                     .packet_id = static_cast<std::uint16_t>(i + 1)});
  return messages;
}

/// Completes the handshakes of as many messages; their answers come in order.
void complete(wire_client& publisher, int count, unsigned qos) {
  bytes pubrels;
  for (int i = 0; i < count && qos > 0; ++i) {
    const auto answer = qos == 1 ? packet_type::puback : packet_type::pubrec;
    EXPECT_EQ(publisher.await(answer).packet_id, i + 1);
    pubrels += acknowledgement(packet_type::pubrel, static_cast<std::uint16_t>(i + 1));
  }
  if (qos < 2)
    return;
  publisher.send(pubrels);
  for (int i = 0; i < count; ++i)
    EXPECT_EQ(publisher.await(packet_type::pubcomp).packet_id, i + 1);
}

TEST_F(Mqtt311Order, PubacksComeInTheOrderOfThePublishes) {
  STATEMENT("MQTT311-4.6.0-2");
  auto publisher = client("p");
  publisher.send(numbered("t", 0, 200, 1));
  for (unsigned id = 1; id <= 200; ++id)
    EXPECT_EQ(publisher.expect(packet_type::puback).packet_id, id);
}

TEST_F(Mqtt311Order, PubacksComeInOrderAcrossManyTopics) {
  STATEMENT("MQTT311-4.6.0-2");
  auto watcher = subscriber("s", "#", 1);
  auto publisher = client("p");
  bytes messages;
  for (std::uint16_t id = 1; id <= 200; ++id)
    messages +=
      publish_packet(v4, {.topic = std::to_string(id % 17) + "/x", .qos = 1, .packet_id = id});
  publisher.send(messages);
  for (unsigned id = 1; id <= 200; ++id)
    EXPECT_EQ(publisher.expect(packet_type::puback).packet_id, id);
}

TEST_F(Mqtt311Order, PubrecsComeInTheOrderOfThePublishes) {
  STATEMENT("MQTT311-4.6.0-3");
  auto publisher = client("p");
  publisher.send(numbered("t", 0, 200, 2));
  for (unsigned id = 1; id <= 200; ++id)
    EXPECT_EQ(publisher.expect(packet_type::pubrec).packet_id, id);
}

TEST_F(Mqtt311Order, PubrelsComeInTheOrderOfThePubrecs) {
  STATEMENT("MQTT311-4.6.0-4");
  auto listener = subscriber("s", "t", 2);
  auto publisher = client("p");
  std::vector<std::uint16_t> ids;
  for (int i = 0; i < 6; ++i) {
    publisher.publish({.qos = 2});
    ids.push_back(listener.expect_publish("t", "m").packet_id);
  }
  std::swap(ids[0], ids[4]);
  std::swap(ids[1], ids[5]);
  bytes pubrecs;
  for (const auto id : ids)
    pubrecs += acknowledgement(packet_type::pubrec, id);
  listener.send(pubrecs);
  for (const auto id : ids)
    EXPECT_EQ(listener.expect(packet_type::pubrel).packet_id, id);
}

TEST_F(Mqtt311Order, UnacknowledgedComeAgainInTheOrderOfTheFirstSending) {
  STATEMENT("MQTT311-4.6.0-1");
  auto first = connect(lasting("s"));
  first.subscribe("t", 2);
  auto publisher = client("p");
  publisher.send(numbered("t", 0, 20, 1));
  for (int i = 0; i < 20; ++i)
    first.expect_publish("t", std::to_string(i));
  first.cut();
  auto second = connect(lasting("s"));
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(second.receive_message("t", std::to_string(i)).dup());
}

TEST_F(Mqtt311Order, IsKeptForEachQos) {
  STATEMENT("MQTT311-4.6.0-5", "MQTT311-4.6.0-6", "E82");
  constexpr int batch = 200;
  for (const unsigned qos : {0U, 1U, 2U}) {
    auto listener = subscriber("s", "t", qos);
    auto publisher = client("p");
    for (int first = 0; first < 10000; first += batch) {
      publisher.send(numbered("t", first, batch, qos));
      complete(publisher, batch, qos);
      for (int i = 0; i < batch; ++i)
        listener.receive_message("t", std::to_string(first + i));
    }
  }
}

TEST_F(Mqtt311Order, IsKeptForALongBurst) {
  STATEMENT("MQTT311-4.6.0-5", "MQTT311-4.6.0-6", "E82");
  constexpr int count = 10000;
  auto listener = subscriber("s", "t");
  auto publisher = client("p");
  publisher.send(numbered("t", 0, count, 0));
  for (int i = 0; i < count; ++i)
    listener.expect_publish("t", std::to_string(i));
}

TEST_F(Mqtt311Order, IsKeptOnEachOfManyTopics) {
  STATEMENT("MQTT311-4.6.0-6");
  constexpr int topics = 40;
  constexpr int rounds = 100;
  auto listener = subscriber("s", "many/#");
  auto publisher = client("p");
  bytes messages;
  for (int i = 0; i < rounds; ++i)
    for (int topic = 0; topic < topics; ++topic)
      messages += numbered("many/" + std::to_string(topic), i, 1, 0);
  publisher.send(messages);
  std::map<std::string, int> next;
  for (int i = 0; i < rounds * topics; ++i) {
    const auto message = listener.expect(packet_type::publish);
    EXPECT_EQ(message.payload, std::to_string(next[message.topic]++)) << message.topic;
  }
}

TEST_F(Mqtt311Order, IsKeptForEverySubscriber) {
  STATEMENT("MQTT311-4.6.0-6");
  constexpr int count = 500;
  std::vector<wire_client> listeners;
  for (unsigned i = 0; i < 6; ++i)
    listeners.push_back(subscriber("s" + std::to_string(i), i % 2 == 0 ? "t" : "+", i / 2));
  auto publisher = client("p");
  publisher.send(numbered("t", 0, count, 1));
  complete(publisher, count, 1);
  for (auto& listener : listeners)
    for (int i = 0; i < count; ++i)
      listener.receive_message("t", std::to_string(i));
}

TEST_F(Mqtt311Order, IsKeptFromTheQueueToLiveMessages) {
  STATEMENT("MQTT311-4.6.0-6", "E82");
  constexpr int batch = 100;
  leave_session("s", "t", 1);
  auto publisher = client("p");
  publisher.send(numbered("t", 0, batch, 1));
  complete(publisher, batch, 1);
  publisher.send(numbered("t", batch, batch, 1)); // around the moment of the resume
  auto awake = connect(lasting("s"));
  complete(publisher, batch, 1);
  publisher.send(numbered("t", 2 * batch, batch, 1));
  for (int i = 0; i < 3 * batch; ++i)
    awake.receive_message("t", std::to_string(i));
  awake.expect_silence();
}

} // namespace

} // namespace callboard::conformance
