#include "tests/conformance/conformance_test.hpp"

// What the CONNACK says, and that the server keeps to it (MQTT 5.0, 3.2). The
// parser holds every CONNACK of every test to MQTT5-3.2.2-1, -6 and -8.

namespace callboard::conformance {

namespace {

using Mqtt5Connack = ConformanceTest;

constexpr auto v5 = protocol_version::v5;

/// A CONNECT that asks for an authentication method that no broker knows.
bytes connect_with_unknown_method(const std::string& id, std::string_view more = {}) {
  return connect_packet(
    v5, {.client_id = id,
          .clean_start = false,
          .properties = authentication_method("nobody-has-this") + bytes{more}});
}

TEST_F(Mqtt5Connack, ComesBeforeTheMessagesOfAResumedSession) {
  STATEMENT("MQTT5-3.2.0-1");
  auto sleeper = connect(lasting("s"));
  sleeper.subscribe("t", 1);
  sleeper.disconnect();
  client("p").publish({.qos = 1});
  auto again = dial();
  EXPECT_TRUE(again.connect(lasting("s")).session_present()); // fails on any other first packet
  again.receive_message("t", "m");
}

TEST_F(Mqtt5Connack, FlagsAreZeroButForSessionPresent) {
  STATEMENT("MQTT5-3.2.2-1");
  auto first = dial();
  EXPECT_EQ(first.connect(lasting("s")).acknowledge_flags, 0U);
  first.cut();
  auto second = dial();
  EXPECT_EQ(second.connect(lasting("s")).acknowledge_flags, 1U);
}

TEST_F(Mqtt5Connack, CleanStartHasNoSessionPresent) {
  STATEMENT("MQTT5-3.2.2-2");
  connect(lasting("s")).disconnect();
  auto again = dial();
  const auto connack = again.connect({.client_id = "s", .clean_start = true});
  EXPECT_FALSE(connack.session_present());
  EXPECT_EQ(connack.reason, 0U);
}

TEST_F(Mqtt5Connack, SessionPresentTellsWhetherThereIsOne) {
  STATEMENT("MQTT5-3.2.2-3");
  auto unknown = dial();
  EXPECT_FALSE(unknown.connect(lasting("s")).session_present());
  unknown.disconnect();
  auto known = dial();
  EXPECT_TRUE(known.connect(lasting("s", 0)).session_present());
  known.disconnect();
  auto ended = dial();
  EXPECT_FALSE(ended.connect(lasting("s")).session_present());
}

TEST_F(Mqtt5Connack, RefusalHasNoSessionPresentAndCloses) {
  STATEMENT("MQTT5-3.2.2-6", "MQTT5-3.2.2-7", "MQTT5-4.13.2-1");
  connect(lasting("s")).disconnect();
  auto refused = dial();
  refused.send(connect_with_unknown_method("s"));
  const auto connack = refused.expect_refused({0x87, 0x8C});
  if (connack) {
    EXPECT_EQ(connack->acknowledge_flags, 0U);
  }
}

TEST_F(Mqtt5Connack, RefusalsHaveOnlyCodesOfTheTable) {
  STATEMENT("MQTT5-3.2.2-8");
  const auto bad_properties = [](const bytes& properties) {
    return connect_packet(v5, {.properties = properties});
  };
  // Each answer passes the parser, which knows the table, too.
  each_refused({connect_with_unknown_method("s"), bad_properties(receive_maximum(0)),
                 bad_properties(topic_alias(1)), bad_properties(authentication_data("x")),
                 connect_packet(v5, {.client_id = "ED A0 80"_hex}),
                 connect_packet(v5, {.will = will_options{.topic = "a/#"}}),
                 connect_packet(v5, {.will = will_options{.topic = ""}})},
    {0x81, 0x82, 0x85, 0x87, 0x8C, 0x90});
}

TEST_F(Mqtt5Connack, FullQosIsNotAnnounced) {
  STATEMENT("MQTT5-3.2.2-9");
  auto client = dial();
  EXPECT_FALSE(client.connect().has(property_id::maximum_qos));
}

TEST_F(Mqtt5Connack, LimitedQosIsAnnouncedAndEnforced) {
  STATEMENT("MQTT5-3.2.2-9", "MQTT5-3.2.2-11");
  NEEDS_SETTINGS("maximum_qos=1");
  auto client = dial();
  EXPECT_EQ(client.connect().number(property_id::maximum_qos), 1U);
  EXPECT_LT(client.publish({.qos = 1}), 0x80U);
  client.send_publish({.qos = 2});
  client.expect_closed({0x9B});
}

TEST_F(Mqtt5Connack, QosZeroIsAnnouncedAndEnforced) {
  STATEMENT("MQTT5-3.2.2-9", "MQTT5-3.2.2-11");
  NEEDS_SETTINGS("maximum_qos=0");
  auto client = dial();
  EXPECT_EQ(client.connect().number(property_id::maximum_qos), 0U);
  client.send_publish({.qos = 1});
  client.expect_closed({0x9B});
}

TEST_F(Mqtt5Connack, LimitedQosLowersSubscriptionsInsteadOfRefusingThem) {
  STATEMENT("MQTT5-3.2.2-10");
  NEEDS_SETTINGS("maximum_qos=0");
  auto subscriber = client("s");
  const auto suback = subscriber.try_subscribe({{"a", 0}, {"b", 1}, {"c", 2}});
  EXPECT_EQ(suback.reasons, (std::vector<unsigned>{0, 0, 0}));
  client("p").publish({.topic = "c"});
  EXPECT_EQ(subscriber.expect_publish("c", "m").qos(), 0U);
}

TEST_F(Mqtt5Connack, WillAboveTheMaximumQosIsRefused) {
  STATEMENT("MQTT5-3.2.2-12");
  NEEDS_SETTINGS("maximum_qos=0");
  each_refused({connect_packet(v5, {.will = will_options{.qos = 1}}),
                 connect_packet(v5, {.will = will_options{.qos = 2}})},
    {0x9B});
}

TEST_F(Mqtt5Connack, RetainedWillIsRefusedWithoutRetain) {
  STATEMENT("MQTT5-3.2.2-13", "MQTT5-3.1.2-15");
  NEEDS_SETTINGS("retain_available=false");
  each_refused({connect_packet(v5, {.will = will_options{.retain = true}})}, {0x9A});
}

TEST_F(Mqtt5Connack, MissingRetainIsAnnouncedAndEnforced) {
  STATEMENT("MQTT5-3.2.2-14");
  NEEDS_SETTINGS("retain_available=false");
  auto client = dial();
  EXPECT_EQ(client.connect().number(property_id::retain_available), 0U);
  client.send_publish({.retain = true});
  client.expect_closed({0x9A});
}

TEST_F(Mqtt5Connack, PacketLimitIsAnnouncedAndEnforcedFromTheHeader) {
  STATEMENT("MQTT5-3.2.2-15");
  NEEDS_SETTINGS("maximum_packet_size=1024");
  auto client = dial();
  EXPECT_EQ(client.connect().number(property_id::maximum_packet_size), 1024U);
  client.publish({.topic = "t", .payload = bytes(1024 - 3 - 4, 'x')}); // exactly 1024 octets
  client.ping();
  client.send("30 D0 0F"_hex); // announces 2000
  client.expect_closed({0x95});
}

TEST_F(Mqtt5Connack, AnnouncedReceiveMaximumIsNotZero) {
  STATEMENT("MQTT5-3.3.4-7");
  NEEDS_SETTINGS("receive_maximum=7");
  auto client = dial();
  EXPECT_EQ(client.connect().number(property_id::receive_maximum), 7U);
}

TEST_F(Mqtt5Connack, MissingSubscriptionFeaturesAreAnnouncedAndRefused) {
  STATEMENT("MQTT5-3.9.3-2", "MQTT5-3.8.4-1");
  NEEDS_SETTINGS("wildcard_subscription_available=false",
    "subscription_identifiers_available=false", "shared_subscriptions_available=false");
  auto client = dial();
  const auto connack = client.connect();
  EXPECT_EQ(connack.number(property_id::wildcard_subscription_available), 0U);
  EXPECT_EQ(connack.number(property_id::subscription_identifiers_available), 0U);
  EXPECT_EQ(connack.number(property_id::shared_subscription_available), 0U);
  const auto suback = client.try_subscribe({{"a/#", 0}, {"$share/g/t", 0}, {"t", 0}});
  EXPECT_EQ(suback.reasons, (std::vector<unsigned>{0xA2, 0x9E, 0}));
}

TEST_F(Mqtt5Connack, RefusalFitsTheClientsPacketSize) {
  STATEMENT("MQTT5-3.2.2-19", "MQTT5-3.2.2-20", "MQTT5-3.1.2-24");
  auto client = dial();
  client.send(connect_with_unknown_method("s", maximum_packet_size(5)));
  const auto answer = client.drain();
  EXPECT_LE(answer.size(), 5U) << show(answer);
}

TEST_F(Mqtt5Connack, NoAuthenticationMethodUnlessTheClientNamesOne) {
  STATEMENT("MQTT5-4.12.0-6");
  auto client = dial();
  const auto connack = client.connect({.user_name = "u", .password = "p"}); // not an AUTH first
  EXPECT_FALSE(connack.has(property_id::authentication_method));
  EXPECT_FALSE(connack.has(property_id::authentication_data));
}

} // namespace

} // namespace callboard::conformance
