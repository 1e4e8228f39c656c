#include "tests/conformance/conformance_test.hpp"

#include <thread>

// What a server makes of a PUBLISH and how it passes the message on (MQTT 5.0,
// 3.3). Retained messages, QoS and topic aliases have files of their own.

namespace callboard::conformance {

namespace {

using Mqtt5Publish = ConformanceTest;
using namespace std::chrono_literals;

constexpr auto v5 = protocol_version::v5;

/// A PUBLISH of QoS 0 to "t" with these properties.
bytes publish_with(const bytes& properties) {
  return publish_packet(v5, {.properties = properties});
}

TEST_F(Mqtt5Publish, QosZeroHasNoPacketIdentifier) {
  STATEMENT("MQTT5-2.2.1-2", "MQTT5-2.2.2-1");
  auto subscriber_of_t = subscriber("s", "t");
  client("p").send("30 06 0001 74 00 6869"_hex);
  subscriber_of_t.expect_octets("30 06 0001 74 00 6869"_hex);
}

TEST_F(Mqtt5Publish, IsAnsweredAsItsQosAsks) {
  STATEMENT("MQTT5-3.3.4-1", "MQTT5-4.3.2-4", "MQTT5-4.3.3-8");
  auto publisher = client("p");
  publisher.send_publish({.qos = 0});
  publisher.expect_silence();
  publisher.send_publish({.qos = 1, .packet_id = 7});
  EXPECT_EQ(publisher.expect(packet_type::puback).packet_id, 7U);
  publisher.send_publish({.qos = 2, .packet_id = 8});
  EXPECT_EQ(publisher.expect(packet_type::pubrec).packet_id, 8U);
}

TEST_F(Mqtt5Publish, DupBelongsToAQosAboveZero) {
  STATEMENT("MQTT5-3.3.1-2", "MQTT5-4.3.1-1");
  each_closes({publish_packet(v5, {.dup = true})}, {0x81});
}

TEST_F(Mqtt5Publish, QosThreeIsMalformed) {
  STATEMENT("MQTT5-3.3.1-4");
  each_closes({"36 10 0005 746F706963 1234 00 7061796C6F61"_hex,
                "3E 10 0005 746F706963 1234 00 7061796C6F61"_hex},
    {0x81});
}

TEST_F(Mqtt5Publish, DupIsNotPassedOn) {
  STATEMENT("MQTT5-3.3.1-3", "MQTT5-4.3.2-2", "MQTT5-4.3.3-2");
  auto subscriber_of_t = subscriber("s", "t", 2);
  auto publisher = client("p");
  for (const unsigned qos : {1U, 2U}) {
    publisher.publish({.qos = qos, .dup = true});
    EXPECT_FALSE(subscriber_of_t.receive_message("t", "m").dup());
  }
}

TEST_F(Mqtt5Publish, IdentifierZeroIsAnError) {
  STATEMENT("MQTT5-2.2.1-3");
  each_closes({publish_packet(v5, {.qos = 1}), publish_packet(v5, {.qos = 2}),
                subscribe_packet(v5, 0, {{}}), unsubscribe_packet(v5, 0, {"t"})},
    {0x81, 0x82});
}

TEST_F(Mqtt5Publish, TopicMustFitThePacket) {
  STATEMENT("MQTT5-3.3.2-1");
  each_closes({"30 05 00FF 61 62 63"_hex, "30 01 00"_hex, "30 00"_hex, "32 04 0002 74 00"_hex,
                "32 04 0001 74 00"_hex},
    {0x81});
}

TEST_F(Mqtt5Publish, TopicWithWildcardsIsRefused) {
  STATEMENT("MQTT5-3.3.2-2", "MQTT5-4.7.0-1");
  std::vector<bytes> faults;
  for (const auto* topic : {"a/+/b", "#", "a/b#", "a/#", "+"})
    faults.push_back(publish_packet(v5, {.topic = topic}));
  each_closes(faults, {0x81, 0x82, 0x90});
}

TEST_F(Mqtt5Publish, EmptyTopicNeedsAnAlias) {
  STATEMENT("MQTT5-3.3.2-1", "MQTT5-4.7.3-1");
  each_closes({"30 03 0000 00"_hex, "30 04 0000 00 78"_hex}, {0x82});
}

TEST_F(Mqtt5Publish, PropertyLengthMustBeThere) {
  STATEMENT("MQTT5-2.2.2-1");
  each_closes({"30 03 0001 74"_hex, "32 05 0001 74 0001"_hex}, {0x81});
}

TEST_F(Mqtt5Publish, DeliversThePublishedTopicToWildcardSubscribers) {
  STATEMENT("MQTT5-3.3.2-3");
  auto publisher = client("p");
  publisher.publish({.topic = "a/b/kept", .qos = 1, .retain = true});
  for (const auto* filter : {"#", "a/#", "a/+/+", "+/b/+", "a/b/kept"}) {
    auto each = subscriber("s", filter);
    each.receive_message("a/b/kept", "m");
    publisher.publish({.topic = "a/b/c", .qos = 1});
    if (std::string_view{filter} != "a/b/kept")
      each.receive_message("a/b/c", "m");
    each.expect_silence(50ms);
  }
}

TEST_F(Mqtt5Publish, PayloadFormatIndicatorIsPassedOn) {
  STATEMENT("MQTT5-3.3.2-4");
  auto asleep = connect(lasting("asleep"));
  asleep.subscribe("t", 1);
  asleep.disconnect();
  auto awake = subscriber("awake", "t", 1);
  auto publisher = client("p");
  for (const unsigned format : {1U, 0U}) {
    publisher.publish({.qos = 1, .retain = true, .properties = payload_format_indicator(format)});
    const auto live = awake.receive_message("t", "m");
    EXPECT_EQ(live.number(property_id::payload_format_indicator).value_or(9), format);
  }
  publisher.publish({.qos = 1});
  EXPECT_FALSE(awake.receive_message("t", "m").has(property_id::payload_format_indicator));
  auto again = connect(lasting("asleep"));
  const auto queued = again.receive_message("t", "m");
  EXPECT_EQ(queued.number(property_id::payload_format_indicator), 1U);
  const auto retained = subscriber("late", "t", 1).expect_publish("t", "m");
  EXPECT_EQ(retained.number(property_id::payload_format_indicator), 0U);
}

TEST_F(Mqtt5Publish, DuplicatePropertiesAreProtocolErrors) {
  STATEMENT("MQTT5-3.3.2-4");
  std::vector<bytes> faults;
  for (const auto& property : {payload_format_indicator(1), message_expiry_interval(9),
         content_type("x"), response_topic("x"), correlation_data("x"), topic_alias(1)})
    faults.push_back(publish_with(property + property));
  each_closes(faults, {0x82});
}

TEST_F(Mqtt5Publish, PropertiesOfOtherPacketsAreRefused) {
  STATEMENT("MQTT5-4.13.1-1");
  each_closes({publish_with(session_expiry_interval(1)), publish_with(reason_string("x")),
                publish_with("7F 00"_hex), publish_with(receive_maximum(1))},
    {0x81, 0x82});
}

TEST_F(Mqtt5Publish, ResponseTopicHasNoWildcards) {
  STATEMENT("MQTT5-3.3.2-14");
  each_closes({publish_with(response_topic("a/#")), publish_with(response_topic("+"))}, {0x82});
}

TEST_F(Mqtt5Publish, RequestPropertiesArePassedOn) {
  STATEMENT("MQTT5-3.3.2-15", "MQTT5-3.3.2-16", "MQTT5-3.3.2-20");
  auto subscriber_of_t = subscriber("s", "t");
  auto publisher = client("p");
  for (const auto& data : {"00 FF 00 C3 28"_hex, bytes{}}) {
    publisher.publish({.properties = response_topic("answers/here") + correlation_data(data) +
                                     content_type("text/plain")});
    const auto message = subscriber_of_t.expect_publish("t", "m");
    EXPECT_EQ(message.text(property_id::response_topic), "answers/here");
    EXPECT_EQ(message.text(property_id::correlation_data), data);
    EXPECT_EQ(message.text(property_id::content_type), "text/plain");
  }
}

TEST_F(Mqtt5Publish, UserPropertiesArePassedOnInTheirOrder) {
  STATEMENT("MQTT5-3.3.2-17", "MQTT5-3.3.2-18");
  const std::vector<string_pair> wanted{{"b", "1"}, {"a", ""}, {"b", "1"}, {"", "x"}, {"b", "0"}};
  bytes properties;
  for (const auto& [key, value] : wanted)
    properties += user_property(key, value);
  auto asleep = connect(lasting("asleep"));
  asleep.subscribe("t", 1);
  asleep.disconnect();
  auto awake = subscriber("awake", "t", 1);
  client("p").publish({.qos = 1, .retain = true, .properties = properties});
  EXPECT_EQ(awake.receive_message("t", "m").user_properties(), wanted);
  EXPECT_EQ(connect(lasting("asleep")).receive_message("t", "m").user_properties(), wanted);
  EXPECT_EQ(subscriber("late", "t").expect_publish("t", "m").user_properties(), wanted);
}

TEST_F(Mqtt5Publish, ExpiredMessagesAreNotDelivered) {
  STATEMENT("MQTT5-3.3.2-5");
  auto asleep = connect(lasting("asleep"));
  asleep.subscribe("t", 1);
  asleep.disconnect();
  auto publisher = client("p");
  publisher.publish(
    {.payload = "old", .qos = 1, .retain = true, .properties = message_expiry_interval(1)});
  std::this_thread::sleep_for(2200ms);
  auto again = connect(lasting("asleep"));
  again.expect_silence();
  subscriber("late", "t").expect_silence();
  publisher.publish({.payload = "new", .qos = 1});
  again.receive_message("t", "new");
}

TEST_F(Mqtt5Publish, ExpiryIsCountedDownWhileTheMessageWaits) {
  STATEMENT("MQTT5-3.3.2-6");
  auto asleep = connect(lasting("asleep"));
  asleep.subscribe("t", 1);
  asleep.disconnect();
  auto awake = subscriber("awake", "t", 1);
  auto publisher = client("p");
  publisher.publish({.qos = 1, .retain = true, .properties = message_expiry_interval(1000)});
  const auto live = awake.receive_message("t", "m").number(property_id::message_expiry_interval);
  EXPECT_GE(live.value_or(0), 999U);
  std::this_thread::sleep_for(2100ms);
  const auto queued = connect(lasting("asleep")).receive_message("t", "m");
  const auto retained = subscriber("late", "t").expect_publish("t", "m");
  for (const auto& message : {queued, retained}) {
    const auto left = message.number(property_id::message_expiry_interval).value_or(0);
    EXPECT_LE(left, 998U);
    EXPECT_GE(left, 980U);
  }
}

TEST_F(Mqtt5Publish, SubscriptionIdentifierOfAClientIsAProtocolError) {
  STATEMENT("MQTT5-3.3.4-6");
  each_closes({publish_with(subscription_identifier(1))}, {0x82});
}

TEST_F(Mqtt5Publish, LongestTopicPassesEndToEnd) {
  STATEMENT("MQTT5-4.7.3-3");
  const std::string topic(65535, 'x');
  auto subscriber_of_all = subscriber("s", "#");
  auto subscriber_of_one = subscriber("s1", topic);
  client("p").publish({.topic = topic});
  subscriber_of_all.expect_publish(topic, "m");
  subscriber_of_one.expect_publish(topic, "m");
}

TEST_F(Mqtt5Publish, ManyLevelsAreNoProblem) {
  STATEMENT("MQTT5-4.7.3-3");
  const auto topic = repeat("/", 10000);
  auto subscriber_of_all = subscriber("s", "#");
  auto publisher = client("p");
  publisher.send_publish({.topic = topic, .qos = 1, .retain = true, .packet_id = 1});
  if (!is_foreign()) // others may have a limit; what must not happen is a crash
    subscriber_of_all.expect_publish(topic, "m");
  client("other").ping();
}

} // namespace

} // namespace callboard::conformance
