#include "tests/conformance/conformance_test.hpp"

#include <map>
#include <string>

// What a node says about itself below $SYS. Its names are mosquitto's where it has
// them, but how often it speaks is Callboard's own.

namespace callboard::conformance {

namespace {

class SystemTopics : public ConformanceTest {
protected:
  void SetUp() override { NEEDS_OWN_BROKER(); }

  /// Reads until the topic says this; all that was said last.
  std::map<std::string, std::string> hear(
    wire_client& listener, const std::string& topic, const std::string& text) {
    std::map<std::string, std::string> heard;
    while (heard[topic] != text) {
      const auto message = listener.await(packet_type::publish);
      heard[message.topic] = message.payload;
    }
    return heard;
  }
};

const std::string broker_topic = "$SYS/broker/";

TEST_F(SystemTopics, SayHowTheNodeIs) {
  set({"sys_interval=1"});
  auto listener = subscriber("listener", "$SYS/#");
  auto first = hear(listener, broker_topic + "retained messages/count", "0");
  EXPECT_EQ(first[broker_topic + "version"].substr(0, 18), "callboard version ");
  EXPECT_EQ(first[broker_topic + "uptime"], "0 seconds");
  EXPECT_EQ(first[broker_topic + "clients/connected"], "1");
  EXPECT_EQ(first[broker_topic + "subscriptions/count"], "1");
  auto other = connect(lasting("other"));
  other.subscribe("a");
  other.subscribe("b", 1);
  other.subscribe("b");
  other.unsubscribe({"a"});
  auto more = hear(listener, broker_topic + "subscriptions/count", "2");
  EXPECT_EQ(more[broker_topic + "clients/connected"], "2");
  other.publish({.topic = "kept", .payload = "x", .qos = 1, .retain = true});
  hear(listener, broker_topic + "publish/messages/received", "1");
  other.disconnect();
  auto less = hear(listener, broker_topic + "clients/disconnected", "1");
  EXPECT_EQ(less[broker_topic + "clients/connected"], "1");
}

TEST_F(SystemTopics, AreRetained) {
  auto first = subscriber("first", "$SYS/broker/uptime");
  EXPECT_FALSE(first.await(packet_type::publish).retain());
  auto second = subscriber("second", "$SYS/broker/uptime");
  EXPECT_TRUE(second.await(packet_type::publish).retain());
}

TEST_F(SystemTopics, AreNeverOutOfDate) {
  set({"sys_interval=3600"});
  auto listener = subscriber("listener", "$SYS/broker/clients/connected");
  listener.expect_publish(broker_topic + "clients/connected", "1");
  listener.unsubscribe({"$SYS/broker/clients/connected"});
  listener.ping();
  auto other = client("other");
  other.subscribe("$SYS/broker/clients/connected");
  other.expect_publish(broker_topic + "clients/connected", "2");
  other.expect_silence();
}

TEST_F(SystemTopics, AreSilentIfTheyAreOff) {
  set({"sys_interval=0"});
  auto listener = subscriber("listener", "$SYS/#");
  listener.expect_silence();
}

TEST_F(SystemTopics, DoNotReachThoseWhoSubscribeToEverything) {
  STATEMENT("MQTT5-4.7.2-1");
  auto everything = subscriber("everything", "#");
  auto listener = subscriber("listener", "$SYS/#");
  listener.await(packet_type::publish);
  everything.expect_silence();
}

TEST_F(SystemTopics, AreNotForClientsToPublishTo) {
  auto listener = subscriber("listener", "$SYS/mine", 2);
  auto writer = client("writer");
  EXPECT_EQ(writer.publish({.topic = "$SYS/mine", .payload = "x", .qos = 1}), 0x87U);
  EXPECT_EQ(writer.publish({.topic = "$SYS/mine", .payload = "x", .qos = 2}), 0x87U);
  EXPECT_EQ(writer.publish({.topic = "$SYS", .payload = "x", .qos = 1}), 0x87U);
  writer.publish({.topic = "$SYS/mine", .payload = "x", .retain = true});
  writer.ping();
  listener.expect_silence();
  EXPECT_LT(writer.publish({.topic = "$SYSTEM", .payload = "x", .qos = 1}), 0x80U);
}

TEST_F(SystemTopics, CostClientsOfOlderVersionsTheMessageOnly) {
  for (const auto version : {protocol_version::v3_1, protocol_version::v3_1_1}) {
    auto listener = subscriber("listener", "$SYS/mine", 2);
    auto writer = connect(version, {.client_id = "writer"});
    for (unsigned qos = 0; qos <= 2; ++qos)
      writer.publish({.topic = "$SYS/mine", .payload = "x", .qos = qos});
    writer.ping();
    listener.expect_silence();
  }
}

TEST_F(SystemTopics, AreNotForWills) {
  auto v5 = dial();
  v5.send(connect_packet(
    protocol_version::v5, {.client_id = "v5", .will = will_options{.topic = "$SYS/mine"}}));
  v5.expect_refused({0x87});
  auto v4 = dial(protocol_version::v3_1_1);
  v4.send(connect_packet(
    protocol_version::v3_1_1, {.client_id = "v4", .will = will_options{.topic = "$SYS/mine"}}));
  v4.expect_refused({5});
}

} // namespace

} // namespace callboard::conformance
