#include "tests/conformance/mqtt3_fixture.hpp"

#include <set>

// Retained messages (MQTT 3.1.1, 3.3.1.3).

namespace callboard::conformance {

namespace {

using Mqtt311Retain = Mqtt311Test;

TEST_F(Mqtt311Retain, MessageIsStoredWithItsQos) {
  STATEMENT("MQTT311-3.3.1-5", "E95");
  auto publisher = client("p");
  for (const unsigned qos : {0U, 1U, 2U}) {
    publisher.publish({.qos = qos, .retain = true});
    settle();
    auto late = subscriber("late", "t", 2);
    EXPECT_EQ(late.receive_message("t", "m").qos(), qos);
  }
}

TEST_F(Mqtt311Retain, LastMessageOfATopicCounts) {
  STATEMENT("MQTT311-3.3.1-5", "MQTT311-3.3.1-6");
  auto publisher = client("p");
  for (const auto* payload : {"1", "2", "3"})
    publisher.publish({.payload = payload, .qos = 1, .retain = true});
  auto late = subscriber("late", "t", 1);
  late.receive_message("t", "3");
  late.expect_silence();
}

TEST_F(Mqtt311Retain, SubscriptionGetsTheMessagesOfAllMatchingTopics) {
  STATEMENT("MQTT311-3.3.1-6");
  constexpr std::size_t count = 100;
  auto publisher = client("p");
  for (std::size_t i = 0; i < count; ++i)
    publisher.publish({.topic = "t/" + std::to_string(i), .qos = 1, .retain = true});
  publisher.publish({.topic = "u/1", .qos = 1, .retain = true});
  auto late = subscriber("late", "t/#", 1);
  std::set<std::string> topics;
  for (std::size_t i = 0; i < count; ++i) {
    const auto message = late.expect(packet_type::publish);
    EXPECT_TRUE(message.retain());
    late.acknowledge(message);
    topics.insert(message.topic);
  }
  EXPECT_EQ(topics.size(), count);
  EXPECT_FALSE(topics.contains("u/1"));
  late.expect_silence();
}

TEST_F(Mqtt311Retain, MessageOfQosZeroReplacesOneOfQosOne) {
  STATEMENT("MQTT311-3.3.1-7", "E95");
  auto publisher = client("p");
  publisher.publish({.payload = "A", .qos = 1, .retain = true});
  publisher.publish({.payload = "B", .retain = true});
  settle();
  auto late = subscriber("late", "t", 1);
  // The standard lets a server drop B, which Callboard does not; never bring back A.
  const auto message = late.receive_within(is_foreign() ? moment : patience);
  EXPECT_TRUE(message ? message->payload == "B" : is_foreign());
}

TEST_F(Mqtt311Retain, NewSubscriptionSeesTheFlag) {
  STATEMENT("MQTT311-3.3.1-8");
  client("p").publish({.qos = 1, .retain = true});
  EXPECT_EQ(subscriber("zero", "t", 0).expect_publish("t", "m").flags, 1U);
  EXPECT_EQ(subscriber("one", "t", 1).receive_message("t", "m").flags, 3U);
}

TEST_F(Mqtt311Retain, EstablishedSubscriptionDoesNotSeeTheFlag) {
  STATEMENT("MQTT311-3.3.1-9");
  auto listener = subscriber("s", "t", 1);
  auto publisher = client("p");
  for (const unsigned qos : {0U, 1U}) {
    publisher.publish({.qos = qos, .retain = true});
    EXPECT_EQ(listener.receive_message("t", "m").flags, qos << 1U);
  }
}

TEST_F(Mqtt311Retain, QueuedMessageOfAnEstablishedSubscriptionDoesNotSeeTheFlag) {
  STATEMENT("MQTT311-3.3.1-9");
  leave_session("s", "t", 1);
  client("p").publish({.qos = 1, .retain = true});
  auto again = connect(lasting("s"));
  EXPECT_FALSE(again.receive_message("t", "m").retain());
  again.expect_silence();
}

TEST_F(Mqtt311Retain, EmptyPayloadDeletesAndIsDelivered) {
  STATEMENT("MQTT311-3.3.1-10", "E94");
  auto publisher = client("p");
  publisher.publish({.payload = "kept", .qos = 1, .retain = true});
  auto listener = subscriber("s", "t", 1);
  EXPECT_TRUE(listener.receive_message("t", "kept").retain());
  publisher.publish({.payload = "", .qos = 1, .retain = true});
  EXPECT_FALSE(listener.receive_message("t", "").retain());
  subscriber("late", "t", 1).expect_silence();
}

TEST_F(Mqtt311Retain, EmptyPayloadOfEachQosDeletes) {
  STATEMENT("MQTT311-3.3.1-10", "E94");
  auto publisher = client("p");
  for (const unsigned qos : {0U, 1U, 2U}) {
    publisher.publish({.payload = "kept", .qos = 1, .retain = true});
    subscriber("before", "t", 1).receive_message("t", "kept");
    publisher.publish({.payload = "", .qos = qos, .retain = true});
    settle();
    subscriber("after", "t", 1).expect_silence();
  }
}

TEST_F(Mqtt311Retain, EmptyMessageIsNotStored) {
  STATEMENT("MQTT311-3.3.1-11", "E94");
  client("p").publish({.topic = "fresh", .payload = "", .qos = 1, .retain = true});
  subscriber("late", "#", 1).expect_silence();
}

TEST_F(Mqtt311Retain, MessageWithoutTheFlagChangesNothing) {
  STATEMENT("MQTT311-3.3.1-12");
  auto publisher = client("p");
  publisher.publish({.payload = "A", .qos = 1, .retain = true});
  publisher.publish({.payload = "B", .qos = 1});
  publisher.publish({.payload = "", .qos = 1});
  auto late = subscriber("late", "t", 1);
  late.receive_message("t", "A");
  late.expect_silence();
}

TEST_F(Mqtt311Retain, MessageWithoutTheFlagIsNotStored) {
  STATEMENT("MQTT311-3.3.1-12");
  client("p").publish({.qos = 1});
  subscriber("late", "t", 1).expect_silence();
}

TEST_F(Mqtt311Retain, ResumedSessionGetsNoRetainedMessagesAgain) {
  STATEMENT("MQTT311-3.3.1-6", "E90");
  client("p").publish({.qos = 1, .retain = true});
  auto first = connect(lasting("s"));
  first.subscribe("t", 1);
  first.receive_message("t", "m");
  first.disconnect();
  connect(lasting("s")).expect_silence();
}

} // namespace

} // namespace callboard::conformance
