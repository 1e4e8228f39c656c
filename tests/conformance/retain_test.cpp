#include "tests/conformance/conformance_test.hpp"

#include <set>

// Retained messages, Retain Handling and Retain As Published (MQTT 5.0, 3.3.1.3
// and 3.8.3.1).

namespace callboard::conformance {

namespace {

using namespace std::chrono_literals;

class Mqtt5Retain : public ConformanceTest {
protected:
  /// Publishes a retained message and waits until the server has it.
  void retain(const std::string& payload, const bytes& properties = {}, unsigned qos = 1) {
    client("p").publish({.payload = payload, .qos = qos, .retain = true, .properties = properties});
  }
};

TEST_F(Mqtt5Retain, NewMessageReplacesTheOldOne) {
  STATEMENT("MQTT5-3.3.1-5");
  retain("A", content_type("old"), 2);
  retain("B", content_type("new"), 1);
  auto late = subscriber("late", "t", 2);
  const auto message = late.receive_message("t", "B");
  EXPECT_TRUE(message.retain());
  EXPECT_EQ(message.qos(), 1U);
  EXPECT_EQ(message.text(property_id::content_type), "new");
  late.expect_silence();
}

TEST_F(Mqtt5Retain, BelongsToItsExactTopic) {
  STATEMENT("MQTT5-3.3.1-5");
  auto publisher = client("p");
  for (const auto* topic : {"a", "a/", "A", "/a", "a/b"})
    publisher.publish({.topic = topic, .payload = topic, .qos = 1, .retain = true});
  for (const auto* topic : {"a", "a/", "A", "/a", "a/b"}) {
    auto late = subscriber("late", topic, 1);
    late.receive_message(topic, topic);
    late.expect_silence(50ms);
  }
}

TEST_F(Mqtt5Retain, EmptyMessageRemovesTheOldOneAndIsDelivered) {
  STATEMENT("MQTT5-3.3.1-6");
  retain("A");
  auto awake = subscriber("awake", "t", 1);
  awake.receive_message("t", "A");
  retain("");
  awake.receive_message("t", "");
  subscriber("late", "t").expect_silence();
}

TEST_F(Mqtt5Retain, EmptyMessageIsNotStored) {
  STATEMENT("MQTT5-3.3.1-7");
  auto awake = subscriber("awake", "t", 1);
  retain("");
  awake.receive_message("t", "");
  subscriber("late", "t").expect_silence();
}

TEST_F(Mqtt5Retain, OtherMessagesLeaveItAlone) {
  STATEMENT("MQTT5-3.3.1-8");
  retain("A");
  auto publisher = client("p");
  publisher.publish({.payload = "B", .qos = 1});
  publisher.publish({.payload = "", .qos = 1});
  auto late = subscriber("late", "t", 1);
  late.receive_message("t", "A");
  late.expect_silence();
}

TEST_F(Mqtt5Retain, HandlingZeroSendsItWithEachSubscribe) {
  STATEMENT("MQTT5-3.3.1-9", "MQTT5-3.8.4-4");
  retain("A");
  auto listener = client("s");
  for (int i = 0; i < 3; ++i) {
    listener.subscribe("t", 1);
    EXPECT_TRUE(listener.receive_message("t", "A").retain());
  }
  listener.expect_silence();
}

TEST_F(Mqtt5Retain, HandlingOneSendsItWithNewSubscriptions) {
  STATEMENT("MQTT5-3.3.1-10");
  retain("A");
  auto listener = connect(lasting("s"));
  listener.subscribe("t", 1 | retain_if_new);
  listener.receive_message("t", "A");
  listener.subscribe("t", 1 | retain_if_new);
  listener.expect_silence();
  listener.unsubscribe({"t"});
  listener.subscribe("t", 1 | retain_if_new);
  listener.receive_message("t", "A");
  listener.disconnect();
  auto resumed = connect(lasting("s"));
  resumed.subscribe("t", 1 | retain_if_new);
  resumed.expect_silence();
}

TEST_F(Mqtt5Retain, HandlingTwoNeverSendsIt) {
  STATEMENT("MQTT5-3.3.1-11");
  retain("A");
  auto listener = client("s");
  listener.subscribe("t", 1 | retain_never);
  listener.expect_silence();
  client("p").publish({.payload = "live"});
  listener.expect_publish("t", "live");
}

TEST_F(Mqtt5Retain, HandlingThreeIsAProtocolError) {
  STATEMENT("MQTT5-3.3.1-11");
  each_closes({subscribe_packet(protocol_version::v5, 1, {{"t", 0x30}})}, {0x82});
}

TEST_F(Mqtt5Retain, HandlingIsJudgedForEachFilter) {
  STATEMENT("MQTT5-3.3.1-9", "MQTT5-3.3.1-11", "MQTT5-3.8.4-5");
  auto publisher = client("p");
  for (const auto* topic : {"a", "b", "c"})
    publisher.publish({.topic = topic, .payload = topic, .qos = 1, .retain = true});
  auto listener = client("s");
  listener.try_subscribe({{"a", retain_never}, {"b", 0}, {"c", retain_if_new}});
  // In any order: topics have none among each other.
  std::set<std::string> topics;
  for (int times = 0; times < 2; ++times)
    topics.insert(listener.receive().topic);
  EXPECT_EQ(topics, (std::set<std::string>{"b", "c"}));
  listener.expect_silence();
}

TEST_F(Mqtt5Retain, FlagIsClearedOnLiveMessages) {
  STATEMENT("MQTT5-3.3.1-12");
  auto listener = subscriber("s", "t", 1);
  retain("A");
  EXPECT_FALSE(listener.receive_message("t", "A").retain());
}

TEST_F(Mqtt5Retain, FlagIsKeptAsPublished) {
  STATEMENT("MQTT5-3.3.1-13");
  auto listener = subscriber("s", "t", 1 | retain_as_published);
  retain("A");
  EXPECT_TRUE(listener.receive_message("t", "A").retain());
  client("p").publish({.payload = "B", .qos = 1});
  EXPECT_FALSE(listener.receive_message("t", "B").retain());
}

TEST_F(Mqtt5Retain, FlagIsKeptAsPublishedInTheQueue) {
  STATEMENT("MQTT5-3.3.1-12", "MQTT5-3.3.1-13");
  auto asleep = connect(lasting("s"));
  asleep.try_subscribe({{"t", 1 | retain_as_published}, {"u", 1}});
  asleep.disconnect();
  auto publisher = client("p");
  publisher.publish({.topic = "t", .qos = 1, .retain = true});
  publisher.publish({.topic = "u", .qos = 1, .retain = true});
  auto awake = connect(lasting("s"));
  EXPECT_TRUE(awake.receive_message("t", "m").retain());
  EXPECT_FALSE(awake.receive_message("u", "m").retain());
}

TEST_F(Mqtt5Retain, ManyMessagesComeToOneFilter) {
  STATEMENT("MQTT5-3.3.1-9", "MQTT5-3.3.2-3");
  constexpr int count = 300;
  auto publisher = client("p");
  for (int i = 0; i < count; ++i)
    publisher.publish(
      {.topic = "many/" + std::to_string(i), .payload = "x", .qos = 1, .retain = true});
  auto late = connect({.client_id = "late", .properties = receive_maximum(10)});
  late.subscribe("many/+", 1);
  std::set<std::string> topics;
  for (int i = 0; i < count; ++i) {
    const auto message = late.expect(packet_type::publish);
    EXPECT_TRUE(message.retain());
    topics.insert(message.topic);
    late.acknowledge(message);
  }
  EXPECT_EQ(topics.size(), static_cast<std::size_t>(count));
  late.expect_silence();
}

} // namespace

} // namespace callboard::conformance
