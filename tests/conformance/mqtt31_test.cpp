#include "tests/conformance/mqtt3_fixture.hpp"

#include <algorithm>

// Messages, subscriptions and the end of connections in MQTT 3.1: what differs from
// 3.1.1, and what a 3.1 client relies on. The ids are in tables/mqtt31.csv.

namespace callboard::conformance {

namespace {

using Mqtt31 = Mqtt31Test;

constexpr auto v3 = protocol_version::v3_1;

TEST_F(Mqtt31, MessageIsDeliveredAtTheLowerQos) {
  STATEMENT("MQTT31-publish", "MQTT31-qos");
  auto publisher = client("p");
  for (const unsigned granted : {0U, 1U, 2U}) {
    auto each = subscriber("s", "t", granted);
    for (const unsigned published : {0U, 1U, 2U}) {
      publisher.publish({.qos = published});
      EXPECT_EQ(each.receive_message("t", "m").flags, std::min(published, granted) << 1U);
    }
  }
}

TEST_F(Mqtt31, PayloadIsDeliveredUnchanged) {
  STATEMENT("MQTT31-publish");
  auto listener = subscriber("s", "t");
  auto publisher = client("p");
  for (const auto& payload : {bytes{}, "00 FF C3 28"_hex, repeat("0123456789abcdef", 5000)}) {
    publisher.publish({.payload = payload});
    listener.expect_publish("t", payload);
  }
}

TEST_F(Mqtt31, TopicOfAPublishHasNoWildcardsAndIsNotEmpty) {
  STATEMENT("MQTT31-topic-name", "E57");
  std::vector<bytes> faults;
  for (const auto* topic : {"a/+", "#", "+", ""})
    faults.push_back(publish_packet(v3, {.topic = topic}));
  each_closes(faults);
}

TEST_F(Mqtt31, QosThreeEndsTheConnection) {
  STATEMENT("MQTT31-qos", "E09");
  each_closes({"36 05 0001 74 0001"_hex, subscribe_packet(v3, 1, {{"t", 3}})});
}

TEST_F(Mqtt31, MessageIdZeroEndsTheConnection) {
  STATEMENT("MQTT31-message-id", "E11");
  each_closes({publish_packet(v3, {.qos = 1}), publish_packet(v3, {.qos = 2}),
    subscribe_packet(v3, 0, {{}}), unsubscribe_packet(v3, 0, {"t"})});
}

TEST_F(Mqtt31, AcknowledgementsHaveTwoOctets) {
  STATEMENT("MQTT31-qos");
  auto publisher = client("p");
  publisher.send_publish({.qos = 1, .packet_id = 7});
  publisher.expect_octets("40 02 0007"_hex);
  publisher.send_publish({.qos = 2, .packet_id = 8});
  publisher.expect_octets("50 02 0008"_hex);
  publisher.send(acknowledgement(packet_type::pubrel, 8));
  publisher.expect_octets("70 02 0008"_hex);
}

TEST_F(Mqtt31, RepeatsOfQosTwoAreDeliveredOnce) {
  STATEMENT("MQTT31-qos", "E72");
  auto watcher = subscriber("s", "t", 2);
  auto publisher = connect(lasting("p"));
  publisher.send_publish({.qos = 2, .packet_id = 7});
  publisher.expect(packet_type::pubrec);
  publisher.cut();
  auto again = connect(lasting("p"));
  again.publish({.qos = 2, .dup = true, .packet_id = 7});
  watcher.receive_message("t", "m");
  watcher.expect_silence();
}

TEST_F(Mqtt31, RepeatedPubrelMayHaveTheDupFlag) {
  STATEMENT("MQTT31-dup");
  auto watcher = subscriber("s", "t", 2);
  auto publisher = client("p");
  publisher.send_publish({.qos = 2, .packet_id = 7});
  publisher.expect(packet_type::pubrec);
  publisher.send("62 02 0007"_hex);
  publisher.expect_octets("70 02 0007"_hex);
  publisher.send("6A 02 0007"_hex);
  publisher.expect_octets("70 02 0007"_hex);
  watcher.receive_message("t", "m");
  watcher.expect_silence();
}

TEST_F(Mqtt31, RepeatedSubscribeAndUnsubscribeMayHaveTheDupFlag) {
  STATEMENT("MQTT31-dup");
  auto listener = client("s");
  listener.send("8A 06 0001 0001 74 01"_hex);
  listener.expect_octets("90 03 0001 01"_hex);
  client("p").publish({.qos = 1});
  listener.receive_message("t", "m");
  listener.send("AA 05 0002 0001 74"_hex);
  listener.expect_octets("B0 02 0002"_hex);
}

TEST_F(Mqtt31, DupIsNotPassedOn) {
  STATEMENT("MQTT31-dup");
  auto listener = subscriber("s", "t", 2);
  auto publisher = client("p");
  for (const unsigned qos : {1U, 2U}) {
    publisher.publish({.qos = qos, .dup = true});
    EXPECT_FALSE(listener.receive_message("t", "m").dup());
  }
}

TEST_F(Mqtt31, UnacknowledgedComeAgainWithDupAndInOrder) {
  STATEMENT("MQTT31-redelivery");
  auto first = connect(lasting("s"));
  first.subscribe("t", 2);
  auto publisher = client("p");
  std::vector<std::uint16_t> ids;
  for (unsigned i = 0; i < 6; ++i) {
    publisher.publish({.payload = std::to_string(i), .qos = 1 + i % 2});
    ids.push_back(first.expect_publish("t", std::to_string(i)).packet_id);
  }
  first.cut();
  auto second = connect(lasting("s"));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto repeat = second.receive_message("t", std::to_string(i));
    EXPECT_EQ(repeat.packet_id, ids[i]);
    EXPECT_TRUE(repeat.dup());
  }
  second.expect_silence();
}

TEST_F(Mqtt31, PubrelComesAgainUntilPubcomp) {
  STATEMENT("MQTT31-redelivery");
  auto first = connect(lasting("s"));
  first.subscribe("t", 2);
  client("p").publish({.qos = 2});
  const auto id = first.expect_publish("t", "m").packet_id;
  first.send(acknowledgement(packet_type::pubrec, id));
  first.expect(packet_type::pubrel);
  first.cut();
  auto second = connect(lasting("s"));
  EXPECT_EQ(second.expect(packet_type::pubrel).packet_id, id);
  second.send(acknowledgement(packet_type::pubcomp, id));
  second.ping();
}

TEST_F(Mqtt31, SubackGrantsTheQosOfEachFilterInOrder) {
  STATEMENT("MQTT31-suback", "E97");
  auto listener = client("s");
  listener.send(subscribe_packet(v3, 9, {{"a", 2}, {"b", 0}, {"c/#", 1}}));
  listener.expect_octets("90 05 0009 02 00 01"_hex);
}

TEST_F(Mqtt31, SubackHasNoFailureCode) {
  STATEMENT("MQTT31-suback-no-failure", "E25", "E97");
  NEEDS_SETTINGS(
    "wildcard_subscription_available=false", "maximum_subscriptions=2", "topic_maximum_levels=2");
  auto listener = client("s");
  const auto suback =
    listener.try_subscribe({{"a", 1}, {"#", 1}, {"a/b/c", 1}, {"b", 1}, {"c", 1}});
  EXPECT_EQ(suback.reasons.size(), 5U);
  auto publisher = client("p");
  publisher.publish({.topic = "c", .qos = 1});
  publisher.publish({.topic = "a", .qos = 1});
  listener.receive_message("a", "m"); // the refused ones bring nothing
}

TEST_F(Mqtt31, MalformedFiltersGetNoFailureCode) {
  STATEMENT("MQTT31-suback-no-failure", "MQTT31-topic-wildcards", "E97");
  for (const auto* filter : {"a#", "a/#/b", "a+", "a/b+"}) {
    auto bad = client("bad");
    bad.send(subscribe_packet(v3, 1, {{filter, 0}}) + disconnect_packet());
    const auto answer = bad.drain(); // the specification leaves it at that
    EXPECT_TRUE(answer.empty() || answer == "90 03 0001 00"_hex) << filter << ": " << show(answer);
  }
}

TEST_F(Mqtt31, SubscribeNeedsAFilterWithItsQos) {
  STATEMENT("MQTT31-subscribe", "E83");
  each_closes({"82 02 0001"_hex, "82 05 0001 0001 74"_hex, "82 05 0001 0000 00"_hex});
}

TEST_F(Mqtt31, SubscribingAgainReplacesTheSubscription) {
  STATEMENT("MQTT31-subscribe", "E90");
  auto listener = client("s");
  auto publisher = client("p");
  for (const unsigned qos : {0U, 2U, 1U}) {
    listener.subscribe("t", qos);
    publisher.publish({.qos = 2});
    EXPECT_EQ(listener.receive_message("t", "m").qos(), qos);
    listener.expect_silence();
  }
}

TEST_F(Mqtt31, WildcardsMatchAsInLaterVersions) {
  STATEMENT("MQTT31-topic-wildcards", "E86");
  auto listener = client("s");
  listener.try_subscribe({{"a/#", 1}, {"+/x", 1}, {"/+", 1}});
  auto publisher = client("p");
  for (const auto* topic : {"a", "a/b/c", "b/x", "/y"}) {
    publisher.publish({.topic = topic, .qos = 1});
    listener.receive_message(topic, "m");
  }
  for (const auto* topic : {"b", "b/x/y", "ab", "y", "$a/x"})
    publisher.publish({.topic = topic, .qos = 1});
  listener.expect_silence();
}

TEST_F(Mqtt31, UnsubscribeIsAnsweredAndEndsTheStream) {
  STATEMENT("MQTT31-unsubscribe");
  auto listener = subscriber("s", "t", 1);
  listener.send(unsubscribe_packet(v3, 9, {"t", "never subscribed"}));
  listener.expect_octets("B0 02 0009"_hex);
  client("p").publish({.qos = 1});
  listener.expect_silence();
}

TEST_F(Mqtt31, RetainedMessageComesWithANewSubscription) {
  STATEMENT("MQTT31-retain");
  auto publisher = client("p");
  auto live = subscriber("live", "t", 1);
  publisher.publish({.payload = "A", .qos = 1, .retain = true});
  publisher.publish({.payload = "B", .qos = 1, .retain = true});
  EXPECT_FALSE(live.receive_message("t", "A").retain());
  EXPECT_FALSE(live.receive_message("t", "B").retain());
  auto late = subscriber("late", "t", 1);
  EXPECT_TRUE(late.receive_message("t", "B").retain());
  late.expect_silence();
}

TEST_F(Mqtt31, EmptyRetainedMessageDeletes) {
  STATEMENT("MQTT31-retain", "E94");
  auto publisher = client("p");
  publisher.publish({.payload = "A", .qos = 1, .retain = true});
  publisher.publish({.payload = "", .qos = 1, .retain = true});
  subscriber("late", "t", 1).expect_silence();
}

TEST_F(Mqtt31, PingreqGetsPingresp) {
  STATEMENT("MQTT31-ping");
  auto client = connect();
  client.send("C0 00"_hex);
  client.expect_octets("D0 00"_hex);
}

TEST_F(Mqtt31, ServerClosesAfterDisconnect) {
  STATEMENT("MQTT31-disconnect");
  auto watcher = subscriber("watcher", "t");
  auto polite = client("a");
  polite.send(disconnect_packet() + publish_packet(v3, {}));
  polite.expect_eof();
  watcher.expect_silence();
}

TEST_F(Mqtt31, PacketsOfLaterVersionsEndTheConnection) {
  STATEMENT("MQTT31-errors", "E08");
  each_closes({"F0 00"_hex, "00 00"_hex, "90 03 0001 00"_hex, "30 FF FF FF FF"_hex});
}

TEST_F(Mqtt31, ClientsOfAllVersionsReachEachOther) {
  STATEMENT("MQTT31-interoperate", "E39");
  std::vector<wire_client> clients;
  for (const auto version : {v3, protocol_version::v3_1_1, protocol_version::v5})
    clients.push_back(connect(version, {.client_id = std::to_string(clients.size())}));
  for (auto& each : clients)
    each.subscribe("t", 1);
  auto publisher_of_5 = connect(protocol_version::v5, {.client_id = "p5"});
  publisher_of_5.publish({.payload = "5", .qos = 1, .properties = content_type("x")});
  for (auto& each : clients)
    each.receive_message("t", "5");
  client("p3").publish({.payload = "3", .qos = 1});
  for (auto& each : clients)
    each.receive_message("t", "3");
}

} // namespace

} // namespace callboard::conformance
