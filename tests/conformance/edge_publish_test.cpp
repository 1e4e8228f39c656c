#include "tests/conformance/edge_test.hpp"

#include <thread>

// PUBLISH: topics, properties, expiry and what is too large. Topic aliases are in
// edge_topic_alias_test.cpp.

namespace callboard::conformance {

namespace {

using EdgePublish = EdgeTest;
using namespace std::chrono_literals;

/// The message's rest of its expiry interval, in seconds.
std::uint32_t rest_of(const received_packet& message) {
  return message.number(property_id::message_expiry_interval).value_or(0xFFFFFFFF);
}

/// A payload that makes a PUBLISH to "t" this large: without properties, QoS above 0.
std::string payload_for(std::size_t packet_size) {
  return repeat("x", packet_size - 8);
}

// -- topics ----------------------------------------------------------------------

TEST_F(EdgePublish, TopicHasNoWildcards) {
  STATEMENT("E57");
  auto watcher = subscriber("watcher", "#");
  for (const auto version : all_versions) {
    std::vector<bytes> packets;
    for (const auto* topic : {"#", "+", "a/#", "a/+/b", "a+", "#a", "/+", "a/b#"})
      for (const unsigned qos : {0U, 1U, 2U})
        packets.push_back(publish_packet(version, {.topic = topic, .qos = qos, .packet_id = 1}));
    each_ends(version, packets, {0x81, 0x82, 0x90});
  }
  expect_nothing_but_news(watcher, "x");
}

TEST_F(EdgePublish, TopicIsNotEmpty) {
  STATEMENT("E58");
  auto watcher = subscriber("watcher", "#");
  for (const auto version : all_versions)
    each_ends(version,
      {publish_packet(version, {.topic = ""}),
        publish_packet(version, {.topic = "", .qos = 1, .packet_id = 1}),
        publish_packet(version, {.topic = "", .payload = "", .retain = true})},
      {0x81, 0x82});
  expect_nothing_but_news(watcher, "x");
}

TEST_F(EdgePublish, SubscriptionIdentifierIsTheServersToSend) {
  STATEMENT("E63");
  auto watcher = subscriber("watcher", "#");
  each_ends(v5,
    {"30 06 0001 74 02 0B01"_hex,
      publish_packet(v5, {.qos = 1, .packet_id = 1, .properties = subscription_identifier(1)}),
      publish_packet(v5, {.properties = subscription_identifier(1) + subscription_identifier(2)})},
    {0x81, 0x82});
  expect_nothing_but_news(watcher, "x");
}

TEST_F(EdgePublish, ResponseTopicIsATopicName) {
  STATEMENT("E64");
  auto watcher = subscriber("watcher", "#");
  std::vector<bytes> packets;
  for (const auto* topic : {"a/#", "#", "+", "a/+/b", "a+", ""})
    packets.push_back(publish_packet(v5, {.properties = response_topic(topic)}));
  each_ends(v5, packets, {0x81, 0x82});
  expect_nothing_but_news(watcher, "x");
  std::vector<bytes> connects;
  for (const auto* topic : {"a/#", "+"})
    connects.push_back(
      connect_packet(v5, {.will = will_options{.properties = response_topic(topic)}}));
  each_is_refused(v5, connects, {0x81, 0x82});
}

// -- payload format --------------------------------------------------------------

TEST_F(EdgePublish, PayloadFormatIndicatorPassesUnchanged) {
  STATEMENT("E65");
  for (const unsigned qos : {0U, 1U}) {
    auto watcher = subscriber("watcher", "t", qos);
    auto publisher = client("p");
    publisher.publish({.qos = qos});
    EXPECT_FALSE(watcher.receive_message("t", "m").has(property_id::payload_format_indicator));
    for (const unsigned value : {0U, 1U}) {
      publisher.publish({.qos = qos, .properties = payload_format_indicator(value)});
      const auto message = watcher.receive_message("t", "m");
      EXPECT_EQ(message.number(property_id::payload_format_indicator), value);
    }
  }
}

TEST_F(EdgePublish, PayloadFormatIndicatorIsZeroOrOne) {
  STATEMENT("E65");
  each_ends(v5,
    {publish_packet(v5, {.properties = payload_format_indicator(2)}),
      publish_packet(v5, {.qos = 1, .packet_id = 1, .properties = payload_format_indicator(0xFF)})},
    {0x81, 0x82});
}

TEST_F(EdgePublish, PayloadThatIsNoTextIsDeliveredOrNamed) {
  STATEMENT("E65");
  auto watcher = subscriber("watcher", "t", 1);
  auto publisher = client("p");
  const auto no_text = "C0 AF FF"_hex;
  const auto code =
    publisher.publish({.payload = no_text, .qos = 1, .properties = payload_format_indicator(1)});
  if (code == 0x99) {
    watcher.expect_silence();
    return;
  }
  EXPECT_EQ(code, 0U);
  watcher.receive_message("t", no_text);
}

// -- user properties -------------------------------------------------------------

TEST_F(EdgePublish, UserPropertiesKeepTheirOrderOnEveryWay) {
  STATEMENT("E66");
  const auto properties = user_property("z", "1") + user_property("a", "2") +
                          user_property("z", "1") + user_property("", "") + user_property("a", "3");
  const std::vector<string_pair> wanted{{"z", "1"}, {"a", "2"}, {"z", "1"}, {"", ""}, {"a", "3"}};
  auto asleep = connect(lasting("asleep"));
  asleep.subscribe("t", 2);
  asleep.disconnect();
  auto publisher = client("p");
  auto shared = subscriber("member", "$share/g/t", 2);
  for (const unsigned qos : {0U, 1U, 2U}) {
    auto watcher = subscriber("watcher", "t", qos | retain_never);
    publisher.publish(
      {.payload = std::to_string(qos), .qos = qos, .retain = true, .properties = properties});
    const auto payload = std::to_string(qos);
    EXPECT_EQ(watcher.receive_message("t", payload).user_properties(), wanted);
    EXPECT_EQ(shared.receive_message("t", payload).user_properties(), wanted);
    auto late = subscriber("late", "t", qos);
    EXPECT_EQ(late.receive_message("t", payload).user_properties(), wanted);
  }
  auto awake = connect(lasting("asleep"));
  EXPECT_EQ(awake.receive_message("t", "1").user_properties(), wanted);
  EXPECT_EQ(awake.receive_message("t", "2").user_properties(), wanted);
}

TEST_F(EdgePublish, ThousandsOfUserPropertiesAllArrive) {
  STATEMENT("E66");
  bytes properties;
  for (int i = 0; i < 5000; ++i)
    properties += user_property(std::to_string(i % 7), std::to_string(i));
  auto watcher = subscriber("watcher", "t", 1);
  client("p").publish({.qos = 1, .properties = properties});
  const auto pairs = watcher.receive_message("t", "m").user_properties();
  ASSERT_EQ(pairs.size(), 5000U);
  for (std::size_t i = 0; i < pairs.size(); ++i)
    ASSERT_EQ(pairs[i], string_pair(std::to_string(i % 7), std::to_string(i)));
}

TEST_F(EdgePublish, PropertiesDoNotReachOlderClients) {
  STATEMENT("E66");
  auto newer = subscriber_of(v5, "newer", "t", 1);
  auto older = subscriber_of(v3_1_1, "older", "t", 1);
  client("p").publish(
    {.qos = 1, .properties = user_property("k", "v") + message_expiry_interval(100)});
  newer.receive_message("t", "m");
  older.receive_message("t", "m");
}

// -- acknowledgements ------------------------------------------------------------

TEST_F(EdgePublish, PublisherMayHearThatNobodyListens) {
  STATEMENT("E67");
  auto publisher = client("p");
  for (const unsigned qos : {1U, 2U}) {
    const auto code = publisher.publish({.qos = qos});
    EXPECT_TRUE(code == 0x10 || (code == 0 && is_foreign())) << code;
  }
  auto watcher = subscriber("watcher", "t");
  for (const unsigned qos : {1U, 2U})
    EXPECT_EQ(publisher.publish({.qos = qos}), 0U);
}

TEST_F(EdgePublish, OlderPublisherHearsNothingOfTheKind) {
  STATEMENT("E67");
  for (const auto version : versions_before_5) {
    auto publisher = client_of(version, "p");
    publisher.send_publish({.qos = 1, .packet_id = 0x0102});
    publisher.expect_octets("40 02 0102"_hex);
    publisher.send_publish({.qos = 2, .packet_id = 0x0102});
    publisher.expect_octets("50 02 0102"_hex);
    publisher.send("62 02 0102"_hex);
    publisher.expect_octets("70 02 0102"_hex);
  }
}

TEST_F(EdgePublish, AcknowledgementsCarryNoProblemInformationUnlessWanted) {
  STATEMENT("E71");
  auto quiet = connect({.client_id = "quiet", .properties = request_problem_information(0)});
  quiet.subscribe("t", 1);
  quiet.send("62 02 0007"_hex);
  const auto pubcomp = quiet.expect(packet_type::pubcomp);
  EXPECT_EQ(pubcomp.raw.size(), 5U) << show(pubcomp.raw);
  quiet.send("50 02 0007"_hex);
  EXPECT_EQ(quiet.expect(packet_type::pubrel).raw.size(), 5U);
  quiet.send_publish({.topic = "unheard", .qos = 1});
  EXPECT_TRUE(quiet.expect(packet_type::puback).properties.empty());
  EXPECT_TRUE(quiet.try_subscribe({{"$share/g/", 0}, {"a/#/b", 0}, {"u", 0}}).properties.empty());
  EXPECT_TRUE(quiet.unsubscribe({"not there"}).properties.empty());
}

TEST_F(EdgePublish, AcknowledgementsSayWhyUnlessToldNotTo) {
  STATEMENT("E71");
  NEEDS_SETTINGS("topic_maximum_levels=2");
  for (const bool wanted : {true, false}) {
    auto any =
      connect({.client_id = "any", .properties = request_problem_information(wanted ? 1 : 0)});
    for (const unsigned qos : {1U, 2U}) {
      any.send_publish({.topic = "a/b/c", .qos = qos});
      const auto answer = any.expect(qos == 1 ? packet_type::puback : packet_type::pubrec);
      EXPECT_EQ(answer.reason, 0x90U);
      EXPECT_EQ(answer.has(property_id::reason_string), wanted);
      any.send_publish({.topic = "a/b", .qos = qos});
      EXPECT_FALSE(any.expect(answer.type).has(property_id::reason_string)); // nothing to say
    }
    EXPECT_EQ(any.try_subscribe({{"a/#/b", 0}}).has(property_id::reason_string), wanted);
    EXPECT_EQ(any.unsubscribe({"not there"}).has(property_id::reason_string), wanted);
  }
}

TEST_F(EdgePublish, UserPropertiesOfMessagesAreNoProblemInformation) {
  STATEMENT("E71");
  auto quiet = connect({.client_id = "quiet", .properties = request_problem_information(0)});
  quiet.subscribe("t", 1);
  client("p").publish({.qos = 1, .properties = user_property("k", "v")});
  EXPECT_EQ(
    quiet.receive_message("t", "m").user_properties(), (std::vector<string_pair>{{"k", "v"}}));
}

// -- expiry ----------------------------------------------------------------------

TEST_F(EdgePublish, ExpiryCountsDownInAQueue) {
  STATEMENT("E69");
  auto asleep = connect(lasting("asleep"));
  asleep.subscribe("t", 1);
  asleep.disconnect();
  auto publisher = client("p");
  publisher.publish({.payload = "short", .qos = 1, .properties = message_expiry_interval(1)});
  publisher.publish({.payload = "long", .qos = 1, .properties = message_expiry_interval(100)});
  publisher.publish({.payload = "for ever", .qos = 1});
  std::this_thread::sleep_for(2200ms);
  auto awake = connect(lasting("asleep"));
  const auto rest = rest_of(awake.receive_message("t", "long"));
  EXPECT_LE(rest, 98U);
  EXPECT_GE(rest, 90U);
  EXPECT_EQ(rest_of(awake.receive_message("t", "for ever")), 0xFFFFFFFFU);
  awake.expect_silence();
}

TEST_F(EdgePublish, ExpiryCountsDownInTheRetainedStore) {
  STATEMENT("E69");
  retain("short", "m", 1, message_expiry_interval(1));
  retain("short/0", "m", 0, message_expiry_interval(1));
  retain("long", "m", 1, message_expiry_interval(100));
  retain("long/0", "m", 0, message_expiry_interval(100));
  std::this_thread::sleep_for(2200ms);
  for (const unsigned qos : {0U, 1U}) {
    subscriber("s", "short/#", qos).expect_silence(100ms);
    auto late = subscriber("late", "long/#", qos);
    for (int i = 0; i < 2; ++i) {
      const auto message = late.expect(packet_type::publish);
      EXPECT_TRUE(message.retain());
      EXPECT_LE(rest_of(message), 98U);
      EXPECT_GE(rest_of(message), 90U);
      late.acknowledge(message);
    }
  }
}

TEST_F(EdgePublish, ExpiryOfZeroIsOverAtOnce) {
  STATEMENT("E69");
  auto asleep = connect(lasting("asleep"));
  asleep.subscribe("t", 1);
  asleep.disconnect();
  retain("t", "m", 1, message_expiry_interval(0));
  std::this_thread::sleep_for(1100ms); // some count in whole seconds
  connect(lasting("asleep")).expect_silence();
  subscriber("late", "t", 1).expect_silence();
}

TEST_F(EdgePublish, UndelayedMessageKeepsItsExpiry) {
  STATEMENT("E69");
  for (const unsigned qos : {0U, 1U, 2U}) {
    auto watcher = subscriber("watcher", "t", qos);
    for (const std::uint32_t seconds : {60U, 0xFFFFFFFFU}) {
      client("p").publish({.qos = qos, .properties = message_expiry_interval(seconds)});
      const auto rest = rest_of(watcher.receive_message("t", "m"));
      EXPECT_LE(rest, seconds);
      EXPECT_GE(rest, seconds - 3);
    }
  }
}

TEST_F(EdgePublish, MessageThatWasSentExpiresNoMore) {
  STATEMENT("E69");
  auto before = connect(lasting("s"));
  before.subscribe("t", 2);
  auto publisher = client("p");
  for (const unsigned qos : {1U, 2U}) {
    publisher.publish({.qos = qos, .properties = message_expiry_interval(1)});
    before.expect_publish("t", "m");
  }
  before.cut();
  std::this_thread::sleep_for(2200ms);
  auto after = connect(lasting("s"));
  for (const unsigned qos : {1U, 2U}) {
    const auto again = after.receive_message("t", "m");
    EXPECT_EQ(again.qos(), qos);
    EXPECT_TRUE(again.dup());
  }
}

TEST_F(EdgePublish, MessageBehindAFullWindowExpires) {
  STATEMENT("E69");
  auto narrow = connect({.client_id = "narrow", .properties = receive_maximum(1)});
  narrow.subscribe("t", 1);
  auto publisher = client("p");
  publisher.publish({.payload = "sent", .qos = 1, .properties = message_expiry_interval(1)});
  publisher.publish({.payload = "late", .qos = 1, .properties = message_expiry_interval(1)});
  publisher.publish({.payload = "last", .qos = 1});
  const auto sent = narrow.expect_publish("t", "sent");
  std::this_thread::sleep_for(2200ms);
  narrow.acknowledge(sent);
  narrow.receive_message("t", "last");
}

// -- size ------------------------------------------------------------------------

TEST_F(EdgePublish, TooLargeForOneIsDroppedForThatOneOnly) {
  STATEMENT("E70");
  for (const unsigned qos : {0U, 1U, 2U}) {
    auto narrow = connect({.client_id = "narrow", .properties = maximum_packet_size(100)});
    narrow.subscribe("t", qos);
    auto wide = subscriber("wide", "t", qos);
    auto older = subscriber_of(v3_1_1, "older", "t", qos);
    auto publisher = client("p");
    publisher.publish({.payload = repeat("x", 200), .qos = qos});
    publisher.publish({.payload = "small", .qos = qos});
    narrow.receive_message("t", "small");
    for (auto* other : {&wide, &older}) {
      other->receive_message("t", repeat("x", 200));
      other->receive_message("t", "small");
    }
  }
}

TEST_F(EdgePublish, SizeLimitIsExact) {
  STATEMENT("E70");
  auto narrow = connect({.client_id = "narrow", .properties = maximum_packet_size(100)});
  narrow.subscribe("t", 1);
  auto publisher = client("p");
  publisher.publish({.payload = payload_for(101), .qos = 1});
  publisher.publish({.payload = payload_for(100), .qos = 1});
  EXPECT_EQ(narrow.receive_message("t", payload_for(100)).raw.size(), 100U);
  narrow.expect_silence();
}

TEST_F(EdgePublish, SizeCountsWhatTheReceiverAdds) {
  STATEMENT("E70");
  auto narrow = connect({.client_id = "narrow", .properties = maximum_packet_size(100)});
  narrow.subscribe("t", 1, subscription_identifier(268'435'455)); // 5 octets more
  auto publisher = client("p");
  publisher.publish({.payload = payload_for(100), .qos = 1});
  publisher.publish({.payload = payload_for(95), .qos = 1});
  EXPECT_EQ(narrow.receive_message("t", payload_for(95)).raw.size(), 100U);
  narrow.expect_silence();
}

TEST_F(EdgePublish, DroppedMessagesTakeNoPlaceInTheWindow) {
  STATEMENT("E70");
  auto narrow =
    connect({.client_id = "narrow", .properties = maximum_packet_size(100) + receive_maximum(1)});
  narrow.subscribe("t", 2);
  auto publisher = client("p");
  for (int i = 0; i < 100; ++i)
    publisher.publish({.payload = repeat("x", 200), .qos = 1 + static_cast<unsigned>(i % 2)});
  for (int i = 0; i < 3; ++i)
    publisher.publish({.payload = std::to_string(i), .qos = 2});
  for (int i = 0; i < 3; ++i)
    narrow.receive_message("t", std::to_string(i));
}

TEST_F(EdgePublish, WhatIsTooLargeNowIsNotRetriedForEver) {
  STATEMENT("E70");
  auto wide = connect(lasting("s"));
  wide.subscribe("t", 1);
  auto publisher = client("p");
  publisher.publish({.payload = repeat("x", 200), .qos = 1});
  wide.expect_publish("t", repeat("x", 200)); // is in flight now
  wide.cut();
  publisher.publish({.payload = repeat("y", 200), .qos = 1}); // is queued
  publisher.publish({.payload = "small", .qos = 1});
  auto options = lasting("s");
  options.properties += maximum_packet_size(100);
  auto narrow = connect(options);
  narrow.receive_message("t", "small");
  narrow.expect_silence();
}

TEST_F(EdgePublish, AcknowledgementsFitTooWithoutTheirExplanation) {
  STATEMENT("E70");
  auto narrow = connect({.client_id = "narrow", .properties = maximum_packet_size(40)});
  narrow.send("62 02 0007"_hex);
  EXPECT_EQ(narrow.expect(packet_type::pubcomp).reason, 0x92U);
  const auto suback = narrow.try_subscribe({{"a/#/b", 0}, {"u", 0}});
  EXPECT_LE(suback.raw.size(), 40U);
  narrow.send(publish_packet(v5, {.topic = "#"}));
  const auto disconnect = narrow.expect_closed({0x81, 0x82, 0x90});
  EXPECT_TRUE(!disconnect || disconnect->raw.size() <= 40);
}

TEST_F(EdgePublish, SharedMessageTooLargeForAMemberHoldsNothingUp) {
  STATEMENT("E70");
  auto narrow = connect({.client_id = "narrow", .properties = maximum_packet_size(100)});
  narrow.subscribe("$share/g/t", 1);
  auto publisher = client("p");
  for (int i = 0; i < 5; ++i)
    publisher.publish({.payload = repeat("x", 200), .qos = 1});
  publisher.publish({.payload = "small", .qos = 1});
  narrow.receive_message("t", "small");
}

} // namespace

} // namespace callboard::conformance
