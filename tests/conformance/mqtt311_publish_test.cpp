#include "tests/conformance/mqtt3_fixture.hpp"

#include <algorithm>

// What a server makes of a PUBLISH and how it passes the message on (MQTT 3.1.1,
// 3.3). Retained messages and QoS have files of their own.

namespace callboard::conformance {

namespace {

using Mqtt311Publish = Mqtt311Test;

constexpr auto v4 = protocol_version::v3_1_1;

TEST_F(Mqtt311Publish, QosZeroHasNoPacketIdentifier) {
  STATEMENT("MQTT311-2.3.1-5", "MQTT311-4.3.1-1");
  auto listener = subscriber("s", "t", 2);
  client("p").send("30 05 0001 74 6869"_hex);
  listener.expect_octets("30 05 0001 74 6869"_hex);
}

TEST_F(Mqtt311Publish, PayloadIsDeliveredUnchanged) {
  STATEMENT("MQTT311-2.3.1-5", "MQTT311-3.3.2-3");
  auto listener = subscriber("s", "t");
  auto publisher = client("p");
  for (const auto& payload :
    {bytes{}, "00"_hex, "00 FF C3 28 ED A0 80"_hex, repeat("0123456789abcdef", 20000)}) {
    publisher.publish({.payload = payload});
    listener.expect_publish("t", payload);
  }
}

TEST_F(Mqtt311Publish, IsAnsweredAsItsQosAsks) {
  STATEMENT("MQTT311-3.3.4-1", "MQTT311-2.3.1-6", "E67");
  auto publisher = client("p");
  publisher.send_publish({.qos = 0});
  publisher.expect_silence();
  publisher.send_publish({.qos = 1, .packet_id = 7});
  publisher.expect_octets("40 02 0007"_hex);
  publisher.send_publish({.qos = 2, .packet_id = 8});
  publisher.expect_octets("50 02 0008"_hex);
  publisher.send(acknowledgement(packet_type::pubrel, 8));
  publisher.expect_octets("70 02 0008"_hex);
}

TEST_F(Mqtt311Publish, DupBelongsToAQosAboveZero) {
  STATEMENT("MQTT311-3.3.1-2", "MQTT311-4.3.1-1", "E10");
  each_closes({publish_packet(v4, {.dup = true})});
}

TEST_F(Mqtt311Publish, DupIsNotPassedOn) {
  STATEMENT("MQTT311-3.3.1-3", "MQTT311-3.3.1-2");
  auto listener = subscriber("s", "t", 2);
  auto publisher = client("p");
  for (const unsigned qos : {1U, 2U}) {
    publisher.publish({.qos = qos, .dup = true});
    EXPECT_EQ(listener.receive_message("t", "m").flags, qos << 1U);
  }
  auto listener_of_qos_zero = subscriber("zero", "t", 0);
  publisher.publish({.qos = 1, .dup = true});
  EXPECT_EQ(listener_of_qos_zero.expect_publish("t", "m").flags, 0U);
}

TEST_F(Mqtt311Publish, QosThreeEndsTheConnection) {
  STATEMENT("MQTT311-3.3.1-4", "E09");
  each_closes({"36 10 0005 746F706963 1234 7061796C6F6164"_hex,
    "3E 10 0005 746F706963 1234 7061796C6F6164"_hex,
    "37 10 0005 746F706963 1234 7061796C6F6164"_hex});
}

TEST_F(Mqtt311Publish, TopicMustFitThePacket) {
  STATEMENT("MQTT311-3.3.2-1", "E06");
  each_closes({"30 05 00FF 61 62 63"_hex, "30 01 00"_hex, "30 00"_hex, "32 03 0001 74"_hex,
    "32 04 0001 74 00"_hex});
}

TEST_F(Mqtt311Publish, TopicWithWildcardsEndsTheConnection) {
  STATEMENT("MQTT311-3.3.2-2", "MQTT311-4.7.1-1", "E57");
  std::vector<bytes> faults;
  for (const auto* topic : {"a/+/b", "+/a", "#", "a/b#", "a/#", "+"})
    for (const unsigned qos : {0U, 1U})
      faults.push_back(publish_packet(v4, {.topic = topic, .qos = qos, .packet_id = 1}));
  each_closes(faults);
}

TEST_F(Mqtt311Publish, EmptyTopicEndsTheConnection) {
  STATEMENT("MQTT311-4.7.3-1", "MQTT311-3.3.2-1", "E58");
  each_closes({"30 02 0000"_hex, "30 03 0000 78"_hex, "32 05 0000 0001 78"_hex});
}

TEST_F(Mqtt311Publish, WildcardSubscribersGetThePublishedTopic) {
  STATEMENT("MQTT311-3.3.2-3");
  auto publisher = client("p");
  for (const auto* filter : {"#", "a/#", "a/+/+", "+/b/+", "a/b/c"}) {
    auto each = subscriber("s", filter, 1);
    publisher.publish({.topic = "a/b/c", .qos = 1});
    each.receive_message("a/b/c", "m");
  }
}

TEST_F(Mqtt311Publish, HighestQosOfOverlappingFiltersIsRespected) {
  STATEMENT("MQTT311-3.3.5-1", "E91");
  auto publisher = client("p");
  for (const auto& [first, second] : {std::pair{2U, 1U}, {1U, 2U}, {0U, 2U}}) {
    auto listener = client("s");
    listener.subscribe("a/#", first);
    listener.subscribe("a/+", second);
    publisher.publish({.topic = "a/b", .qos = 2});
    // One copy, or one for each of the filters.
    auto copy = listener.receive_message("a/b", "m");
    unsigned highest = copy.qos();
    if (auto more = listener.receive_within(moment)) {
      listener.acknowledge(*more);
      EXPECT_EQ(std::min(copy.qos(), more->qos()), std::min(first, second));
      highest = std::max(highest, more->qos());
    }
    EXPECT_EQ(highest, 2U);
  }
}

TEST_F(Mqtt311Publish, RefusedMessageIsAcknowledgedOrEndsTheConnection) {
  STATEMENT("MQTT311-3.3.5-2", "E68");
  NEEDS_SETTINGS("topic_maximum_levels=2"); // a rule that refuses, as access rights do
  auto watcher = subscriber("watcher", "#", 2);
  for (const unsigned qos : {0U, 1U, 2U}) {
    auto publisher = client("p");
    publisher.send_publish({.topic = "a/b/c", .qos = qos, .packet_id = 7});
    publisher.send(disconnect_packet());
    const auto answer = publisher.drain();
    const auto positive = qos == 1 ? "40 02 0007"_hex : "50 02 0007"_hex;
    EXPECT_TRUE(answer.empty() || (qos > 0 && answer == positive)) << show(answer);
  }
  watcher.expect_silence();
}

TEST_F(Mqtt311Publish, MessagesOfOtherVersionsArriveInTheFormOf311) {
  STATEMENT("MQTT311-3.3.2-1", "E39", "E61");
  auto listener = subscriber("s", "t", 1);
  auto newer = connect(protocol_version::v5, {.client_id = "p5"});
  newer.publish({.payload = "5",
    .qos = 1,
    .properties = topic_alias(1) + content_type("x") + user_property("k", "v")});
  EXPECT_EQ(listener.receive_message("t", "5").raw.size(), 8U);
  auto older = connect(protocol_version::v3_1, {.client_id = "p3"});
  older.publish({.payload = "3", .qos = 1});
  EXPECT_EQ(listener.receive_message("t", "3").raw.size(), 8U);
}

} // namespace

} // namespace callboard::conformance
