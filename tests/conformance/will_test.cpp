#include "tests/conformance/conformance_test.hpp"

#include <thread>

// When a will is published and when it is not (MQTT 5.0, 3.1.2.5 and 3.1.3.2).

namespace callboard::conformance {

namespace {

using Mqtt5Will = ConformanceTest;
using namespace std::chrono_literals;

/// The longest that a delayed will may be late on a busy machine.
constexpr milliseconds late{3000};

/// A client with a will of this delay and a session of this expiry, in seconds.
connect_options with_will(std::uint32_t delay, std::uint32_t expiry, bool clean_start = true) {
  return {.client_id = "w",
    .clean_start = clean_start,
    .properties = session_expiry_interval(expiry),
    .will = will_options{.qos = 1, .properties = will_delay_interval(delay)}};
}

/// How long it takes until the will arrives.
milliseconds time_until_will(wire_client& watcher) {
  const auto begin = std::chrono::steady_clock::now();
  watcher.receive_message("will", "gone");
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
}

TEST_F(Mqtt5Will, IsPublishedWhenTheConnectionBreaks) {
  STATEMENT("MQTT5-3.1.2-7", "MQTT5-3.1.2-8");
  auto watcher = subscriber("watcher", "will");
  connect({.client_id = "w", .will = will_options{}}).cut();
  watcher.expect_publish("will", "gone");
}

TEST_F(Mqtt5Will, IsPublishedAfterAnErrorOfTheClient) {
  STATEMENT("MQTT5-3.1.2-8");
  auto watcher = subscriber("watcher", "will");
  auto client = connect({.client_id = "w", .will = will_options{}});
  client.send_publish({.topic = "a/#"});
  client.expect_closed({0x81, 0x82, 0x90});
  watcher.expect_publish("will", "gone");
}

TEST_F(Mqtt5Will, WaitsForItsDelay) {
  STATEMENT("MQTT5-3.1.2-8");
  auto watcher = subscriber("watcher", "will", 1);
  connect(with_will(2, 60)).cut();
  const auto waited = time_until_will(watcher);
  EXPECT_GE(waited, 1900ms);
  EXPECT_LE(waited, 2000ms + late);
}

TEST_F(Mqtt5Will, DoesNotWaitBeyondTheSession) {
  STATEMENT("MQTT5-3.1.2-8");
  auto watcher = subscriber("watcher", "will", 1);
  connect(with_will(60, 1)).cut();
  EXPECT_GE(time_until_will(watcher), 900ms);
}

TEST_F(Mqtt5Will, DoesNotWaitWithoutASession) {
  STATEMENT("MQTT5-3.1.2-8");
  auto watcher = subscriber("watcher", "will", 1);
  connect(with_will(60, 0)).cut();
  time_until_will(watcher);
}

TEST_F(Mqtt5Will, IsDiscardedByANormalDisconnect) {
  STATEMENT("MQTT5-3.1.2-8", "MQTT5-3.1.2-10", "MQTT5-3.14.4-3");
  auto watcher = subscriber("watcher", "will");
  for (const auto& octets : {"E0 00"_hex, "E0 01 00"_hex, "E0 02 00 00"_hex}) {
    auto client = connect({.client_id = "w", .will = will_options{}});
    client.send(octets);
    client.expect_eof();
  }
  watcher.expect_silence();
  client("p").publish({.topic = "will", .payload = "no will"});
  watcher.expect_publish("will", "no will");
}

TEST_F(Mqtt5Will, IsPublishedByADisconnectWithAnyOtherCode) {
  STATEMENT("MQTT5-3.1.2-8", "MQTT5-3.14.4-3", "MQTT5-4.13.2-1");
  auto watcher = subscriber("watcher", "will");
  for (const auto& octets : {"E0 01 04"_hex, "E0 02 04 00"_hex, "E0 01 80"_hex}) {
    auto client = connect({.client_id = "w", .will = will_options{}});
    client.send(octets);
    client.expect_eof();
    watcher.expect_publish("will", "gone");
  }
}

TEST_F(Mqtt5Will, IsGoneOncePublished) {
  STATEMENT("MQTT5-3.1.2-10");
  auto watcher = subscriber("watcher", "will", 1);
  connect(with_will(0, 60)).cut();
  time_until_will(watcher);
  connect(lasting("w")).cut();
  watcher.expect_silence();
}

TEST_F(Mqtt5Will, IsNotRetainedUnlessAsked) {
  STATEMENT("MQTT5-3.1.2-14");
  auto watcher = subscriber("watcher", "will");
  connect({.client_id = "w", .will = will_options{}}).cut();
  EXPECT_FALSE(watcher.expect_publish("will", "gone").retain());
  subscriber("late", "will").expect_silence();
}

TEST_F(Mqtt5Will, IsRetainedIfAsked) {
  STATEMENT("MQTT5-3.1.2-15");
  auto watcher = subscriber("watcher", "will", 1);
  connect({.client_id = "w", .will = will_options{.qos = 1, .retain = true}}).cut();
  EXPECT_FALSE(watcher.receive_message("will", "gone").retain());
  auto late_one = subscriber("late", "will", 1);
  const auto message = late_one.receive_message("will", "gone");
  EXPECT_TRUE(message.retain());
  EXPECT_EQ(message.qos(), 1U);
}

TEST_F(Mqtt5Will, HasItsQos) {
  STATEMENT("MQTT5-3.1.2-7");
  auto watcher = subscriber("watcher", "will", 2);
  for (const unsigned qos : {0U, 1U, 2U}) {
    connect({.client_id = "w", .will = will_options{.qos = qos}}).cut();
    EXPECT_EQ(watcher.receive_message("will", "gone").qos(), qos);
  }
}

TEST_F(Mqtt5Will, IsCancelledByAReconnectWithinTheDelay) {
  STATEMENT("MQTT5-3.1.3-9");
  auto watcher = subscriber("watcher", "will", 1);
  connect(with_will(1, 60)).cut();
  auto again = connect(lasting("w"));
  watcher.expect_silence(2500ms);
  again.publish({.topic = "will", .payload = "no will"});
  watcher.expect_publish("will", "no will");
}

TEST_F(Mqtt5Will, IsPublishedAtOnceWhenACleanStartEndsTheSession) {
  STATEMENT("MQTT5-3.1.3-9", "MQTT5-3.1.2-8");
  auto watcher = subscriber("watcher", "will", 1);
  connect(with_will(60, 60)).cut();
  auto again = client("w");
  time_until_will(watcher);
  again.ping();
}

TEST_F(Mqtt5Will, KeepsTheOrderOfItsUserProperties) {
  STATEMENT("MQTT5-3.1.3-10");
  auto watcher = subscriber("watcher", "will");
  const auto properties =
    user_property("a", "1") + user_property("b", "2") + user_property("a", "3");
  connect({.client_id = "w", .will = will_options{.properties = properties}}).cut();
  EXPECT_EQ(watcher.expect_publish("will", "gone").user_properties(),
    (std::vector<string_pair>{{"a", "1"}, {"b", "2"}, {"a", "3"}}));
}

TEST_F(Mqtt5Will, KeepsItsOtherProperties) {
  STATEMENT("MQTT5-3.1.2-7");
  auto watcher = subscriber("watcher", "will");
  connect(
    {.client_id = "w",
      .will = will_options{.properties = payload_format_indicator(1) +
                                         message_expiry_interval(100) + content_type("type") +
                                         response_topic("answer") + correlation_data("00 FF"_hex)}})
    .cut();
  const auto message = watcher.expect_publish("will", "gone");
  EXPECT_EQ(message.number(property_id::payload_format_indicator), 1U);
  EXPECT_EQ(message.number(property_id::message_expiry_interval), 100U);
  EXPECT_EQ(message.text(property_id::content_type), "type");
  EXPECT_EQ(message.text(property_id::response_topic), "answer");
  EXPECT_EQ(message.text(property_id::correlation_data), "00 FF"_hex);
}

TEST_F(Mqtt5Will, TopicHasNoWildcardsAndIsNotEmpty) {
  STATEMENT("MQTT5-4.7.0-1", "MQTT5-4.7.3-1");
  std::vector<bytes> connects;
  for (const auto* topic : {"a/+", "#", "a/#/b", ""})
    connects.push_back(
      connect_packet(protocol_version::v5, {.will = will_options{.topic = topic}}));
  each_refused(connects, {0x81, 0x82, 0x90});
}

TEST_F(Mqtt5Will, ResponseTopicHasNoWildcards) {
  STATEMENT("MQTT5-3.3.2-14");
  std::vector<bytes> connects;
  for (const auto* topic : {"a/+", "#"})
    connects.push_back(connect_packet(
      protocol_version::v5, {.will = will_options{.properties = response_topic(topic)}}));
  each_refused(connects, {0x82});
}

} // namespace

} // namespace callboard::conformance
