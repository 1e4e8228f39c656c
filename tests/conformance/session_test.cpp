#include "tests/conformance/conformance_test.hpp"

#include <thread>

// How sessions begin, last and end (MQTT 5.0, 3.1.2.4, 3.1.2.11.2 and 4.1).

namespace callboard::conformance {

namespace {

using Mqtt5Session = ConformanceTest;
using namespace std::chrono_literals;

TEST_F(Mqtt5Session, CleanStartDiscardsSubscriptionsAndQueue) {
  STATEMENT("MQTT5-3.1.2-4", "MQTT5-3.1.4-4");
  auto first = connect(lasting("s"));
  first.subscribe("t", 1);
  first.disconnect();
  auto publisher = client("p");
  publisher.publish({.payload = "queued", .qos = 1});
  auto again = dial();
  EXPECT_FALSE(again.connect({.client_id = "s"}).session_present());
  publisher.publish({.payload = "live", .qos = 1});
  again.expect_silence();
  again.subscribe("t", 1);
  publisher.publish({.payload = "subscribed anew", .qos = 1});
  again.receive_message("t", "subscribed anew");
}

TEST_F(Mqtt5Session, CleanStartDiscardsTheSessionOfAnOpenConnectionToo) {
  STATEMENT("MQTT5-3.1.2-4", "MQTT5-3.1.4-4");
  auto first = connect(lasting("s"));
  first.subscribe("t", 1);
  auto second = dial();
  EXPECT_FALSE(second.connect({.client_id = "s"}).session_present());
  first.expect_closed({0x8E});
  client("p").publish({.qos = 1});
  second.expect_silence();
}

TEST_F(Mqtt5Session, IsResumedWithSubscriptionsAndQueue) {
  STATEMENT("MQTT5-3.1.2-5", "MQTT5-3.1.4-4");
  auto first = connect(lasting("s"));
  first.subscribe("t", 2);
  first.disconnect();
  auto publisher = client("p");
  publisher.publish({.payload = "one", .qos = 1});
  publisher.publish({.payload = "two", .qos = 2});
  auto again = dial();
  EXPECT_TRUE(again.connect(lasting("s")).session_present());
  again.receive_message("t", "one");
  again.receive_message("t", "two");
  publisher.publish({.payload = "live", .qos = 1});
  again.receive_message("t", "live");
}

TEST_F(Mqtt5Session, IsResumedFromAnOpenConnection) {
  STATEMENT("MQTT5-3.1.2-5", "MQTT5-3.1.4-4");
  auto first = connect(lasting("s"));
  first.subscribe("t", 1);
  auto second = dial();
  EXPECT_TRUE(second.connect(lasting("s")).session_present());
  first.expect_closed({0x8E});
  client("p").publish({.qos = 1});
  second.receive_message("t", "m");
}

TEST_F(Mqtt5Session, IsMadeWhereThereIsNone) {
  STATEMENT("MQTT5-3.1.2-6", "MQTT5-3.1.4-4");
  auto fresh = dial();
  EXPECT_FALSE(fresh.connect(lasting("s")).session_present());
  fresh.subscribe("t", 1);
  client("p").publish({.qos = 1});
  fresh.receive_message("t", "m");
}

TEST_F(Mqtt5Session, OutlivesTheConnectionWithAnExpiryInterval) {
  STATEMENT("MQTT5-3.1.2-23");
  connect(lasting("s", 60)).cut();
  auto again = dial();
  EXPECT_TRUE(again.connect(lasting("s", 60)).session_present());
}

TEST_F(Mqtt5Session, NeverEndsWithTheGreatestExpiryInterval) {
  STATEMENT("MQTT5-3.1.2-23");
  connect(lasting("s", 0xFFFFFFFF)).cut();
  auto again = dial();
  EXPECT_TRUE(again.connect(lasting("s")).session_present());
}

TEST_F(Mqtt5Session, EndsWithTheConnectionWithoutAnExpiryInterval) {
  STATEMENT("MQTT5-4.1.0-2");
  for (const bool clean_start : {true, false}) {
    auto client = connect({.client_id = "s", .clean_start = clean_start});
    client.subscribe("t", 1);
    client.disconnect();
    auto again = dial();
    EXPECT_FALSE(again.connect({.client_id = "s", .clean_start = false}).session_present());
    again.disconnect();
  }
  connect(lasting("s")).disconnect(); // and only then
  auto kept = dial();
  EXPECT_TRUE(kept.connect({.client_id = "s", .clean_start = false}).session_present());
}

TEST_F(Mqtt5Session, EndsWhenTheExpiryIntervalHasPassed) {
  STATEMENT("MQTT5-4.1.0-2");
  auto client_of_one_second = connect(lasting("s", 1));
  client_of_one_second.subscribe("t", 1);
  client_of_one_second.disconnect();
  client("p").publish({.qos = 1});
  std::this_thread::sleep_for(2500ms);
  auto again = dial();
  EXPECT_FALSE(again.connect(lasting("s")).session_present());
  again.expect_silence();
  again.subscribe("t", 1);
  client("p").publish({.payload = "subscribed anew", .qos = 1});
  again.receive_message("t", "subscribed anew");
}

TEST_F(Mqtt5Session, ExpiryCountsFromTheEndOfTheLastConnection) {
  STATEMENT("MQTT5-4.1.0-2");
  connect(lasting("s", 1)).cut();
  auto open = connect(lasting("s", 1));
  open.expect_silence(2200ms);
  open.cut();
  auto again = dial();
  EXPECT_TRUE(again.connect(lasting("s")).session_present());
}

TEST_F(Mqtt5Session, DisconnectMayShortenTheExpiry) {
  STATEMENT("MQTT5-4.1.0-2");
  connect(lasting("s", 300)).disconnect(0, session_expiry_interval(300));
  auto again = dial();
  EXPECT_TRUE(again.connect(lasting("s")).session_present());
  again.disconnect(0, session_expiry_interval(0));
  auto ended = dial();
  EXPECT_FALSE(ended.connect(lasting("s")).session_present());
}

TEST_F(Mqtt5Session, DisconnectMayLengthenTheExpiry) {
  STATEMENT("MQTT5-4.1.0-2");
  connect(lasting("s", 1)).disconnect(0, session_expiry_interval(300));
  std::this_thread::sleep_for(2200ms);
  auto again = dial();
  EXPECT_TRUE(again.connect(lasting("s")).session_present());
}

TEST_F(Mqtt5Session, DisconnectWithoutExpiryKeepsTheOneOfTheConnect) {
  STATEMENT("MQTT5-3.1.2-23");
  connect(lasting("s", 300)).disconnect();
  auto again = dial();
  EXPECT_TRUE(again.connect(lasting("s")).session_present());
}

TEST_F(Mqtt5Session, ServerCapsTheExpiryAndSaysSo) {
  STATEMENT("MQTT5-4.1.0-2");
  NEEDS_SETTINGS("session_expiry_maximum=1");
  auto client = dial();
  const auto connack = client.connect(lasting("s", 300));
  EXPECT_EQ(connack.number(property_id::session_expiry_interval), 1U);
  client.disconnect();
  std::this_thread::sleep_for(2500ms);
  auto again = dial();
  EXPECT_FALSE(again.connect(lasting("s")).session_present());
}

TEST_F(Mqtt5Session, LastsAsLongAsTheConnection) {
  STATEMENT("MQTT5-4.1.0-1");
  auto subscriber = client("s");
  subscriber.subscribe("t", 2);
  auto publisher = client("p");
  publisher.send_publish({.payload = "half", .qos = 2, .packet_id = 7});
  publisher.expect(packet_type::pubrec);
  publisher.expect_silence(1500ms);
  publisher.send_publish({.payload = "half", .qos = 2, .dup = true, .packet_id = 7});
  publisher.expect(packet_type::pubrec);
  publisher.send(acknowledgement(packet_type::pubrel, 7));
  EXPECT_EQ(publisher.expect(packet_type::pubcomp).reason, 0U);
  publisher.publish({.payload = "later", .qos = 2});
  subscriber.receive_message("t", "half");
  subscriber.receive_message("t", "later");
}

TEST_F(Mqtt5Session, BelongsToTheClientIdentifier) {
  STATEMENT("MQTT5-3.1.3-2");
  const std::vector<std::string> ids{"id", "ID", "Id", "id "};
  for (const auto& id : ids) {
    auto client = connect(lasting(id));
    client.subscribe("to/" + id, 1);
    client.disconnect();
  }
  auto publisher = client("p");
  for (const auto& id : ids)
    publisher.publish({.topic = "to/" + id, .payload = id, .qos = 1});
  for (const auto& id : ids) {
    auto again = dial();
    EXPECT_TRUE(again.connect(lasting(id)).session_present());
    again.receive_message("to/" + id, id);
    again.expect_silence(50ms);
  }
}

TEST_F(Mqtt5Session, AcceptedMessageReachesAllMatchingSessions) {
  STATEMENT("MQTT5-4.5.0-1");
  auto asleep = connect(lasting("asleep"));
  asleep.subscribe("t/#", 1);
  asleep.disconnect();
  auto awake = subscriber("awake", "t/+", 1);
  auto other = subscriber("other", "u/+", 1);
  client("p").publish({.topic = "t/x", .qos = 1});
  awake.receive_message("t/x", "m");
  other.expect_silence();
  connect(lasting("asleep")).receive_message("t/x", "m");
}

} // namespace

} // namespace callboard::conformance
