#include "tests/conformance/mqtt3_fixture.hpp"

// When a will is published and when it is not (MQTT 3.1.1, 3.1.2.5 and 3.14.4).

namespace callboard::conformance {

namespace {

using Mqtt311Will = Mqtt311Test;

/// A client "w" with the usual will.
connect_options with_will(bool clean_session = true) {
  return {.client_id = "w", .clean_start = clean_session, .will = will_options{}};
}

TEST_F(Mqtt311Will, IsPublishedWhenTheConnectionBreaks) {
  STATEMENT("MQTT311-3.1.2-8");
  auto watcher = subscriber("watcher", "will");
  connect(with_will()).cut();
  watcher.expect_publish("will", "gone");
}

TEST_F(Mqtt311Will, IsPublishedWhenTheClientOnlyEndsItsStream) {
  STATEMENT("MQTT311-3.1.2-8");
  auto watcher = subscriber("watcher", "will");
  auto silent = connect(with_will());
  silent.finish_writing();
  silent.expect_eof();
  watcher.expect_publish("will", "gone");
}

TEST_F(Mqtt311Will, IsPublishedAfterAnErrorOfTheClient) {
  STATEMENT("MQTT311-3.1.2-8");
  auto watcher = subscriber("watcher", "will");
  for (const auto& fault : {"30 06 0003 612F23 78"_hex, "F0 00"_hex, "36 05 0001 74 0001"_hex}) {
    auto bad = connect(with_will());
    bad.send(fault);
    bad.expect_eof();
    watcher.expect_publish("will", "gone");
  }
}

TEST_F(Mqtt311Will, IsPublishedAtATakeover) {
  STATEMENT("MQTT311-3.1.2-8", "E53");
  auto watcher = subscriber("watcher", "will");
  for (const bool clean_session : {true, false}) {
    auto first = connect(with_will(clean_session));
    auto second = connect({.client_id = "w", .clean_start = clean_session});
    first.expect_eof();
    watcher.expect_publish("will", "gone");
    second.disconnect();
  }
  watcher.expect_silence();
}

TEST_F(Mqtt311Will, IsRemovedByDisconnect) {
  STATEMENT("MQTT311-3.1.2-8", "MQTT311-3.1.2-10", "MQTT311-3.14.4-3");
  auto watcher = subscriber("watcher", "will");
  for (const bool clean_session : {true, false}) {
    auto polite = connect(with_will(clean_session));
    polite.send("E0 00"_hex);
    polite.expect_eof();
  }
  connect(lasting("w")).cut();
  watcher.expect_silence();
}

TEST_F(Mqtt311Will, IsRemovedOncePublished) {
  STATEMENT("MQTT311-3.1.2-10", "E54");
  auto watcher = subscriber("watcher", "will");
  connect(with_will(false)).cut();
  watcher.expect_publish("will", "gone");
  connect(lasting("w")).cut();
  watcher.expect_silence();
}

TEST_F(Mqtt311Will, DoesNotComeWithoutTheWillFlag) {
  STATEMENT("MQTT311-3.1.2-12");
  auto watcher = subscriber("watcher", "#");
  connect({.client_id = "w"}).cut();
  watcher.expect_silence();
}

TEST_F(Mqtt311Will, OfTheNewConnectReplacesTheOldOne) {
  STATEMENT("MQTT311-3.1.2-8", "MQTT311-3.1.2-10");
  auto watcher = subscriber("watcher", "#");
  connect({.client_id = "w", .clean_start = false, .will = will_options{.topic = "old"}})
    .disconnect();
  connect({.client_id = "w", .clean_start = false, .will = will_options{.topic = "new"}}).cut();
  watcher.expect_publish("new", "gone");
  watcher.expect_silence();
}

TEST_F(Mqtt311Will, IsNotRetainedUnlessAsked) {
  STATEMENT("MQTT311-3.1.2-16");
  auto watcher = subscriber("watcher", "will");
  connect(with_will()).cut();
  EXPECT_FALSE(watcher.expect_publish("will", "gone").retain());
  subscriber("late", "will").expect_silence();
}

TEST_F(Mqtt311Will, LeavesTheRetainedMessageAloneUnlessAsked) {
  STATEMENT("MQTT311-3.1.2-16");
  client("p").publish({.topic = "will", .payload = "kept", .qos = 1, .retain = true});
  auto watcher = subscriber("watcher", "will", 1);
  watcher.receive_message("will", "kept");
  connect(with_will()).cut();
  watcher.receive_message("will", "gone");
  subscriber("late", "will", 1).receive_message("will", "kept");
}

TEST_F(Mqtt311Will, IsRetainedIfAsked) {
  STATEMENT("MQTT311-3.1.2-17");
  auto watcher = subscriber("watcher", "will", 1);
  connect({.client_id = "w", .will = will_options{.qos = 1, .retain = true}}).cut();
  EXPECT_FALSE(watcher.receive_message("will", "gone").retain());
  settle();
  auto late = subscriber("late", "will", 1);
  const auto message = late.receive_message("will", "gone");
  EXPECT_TRUE(message.retain());
  EXPECT_EQ(message.qos(), 1U);
}

TEST_F(Mqtt311Will, EmptyRetainedWillDeletesTheRetainedMessage) {
  STATEMENT("MQTT311-3.1.2-17", "MQTT311-3.3.1-10", "E94");
  auto watcher = subscriber("watcher", "will", 1);
  client("p").publish({.topic = "will", .payload = "kept", .qos = 1, .retain = true});
  watcher.receive_message("will", "kept");
  connect({.client_id = "w", .will = will_options{.payload = "", .qos = 1, .retain = true}}).cut();
  watcher.receive_message("will", "");
  settle();
  subscriber("late", "will", 1).expect_silence();
}

TEST_F(Mqtt311Will, HasItsQos) {
  STATEMENT("MQTT311-3.1.2-8", "E55");
  auto watcher = subscriber("watcher", "will", 2);
  for (const unsigned qos : {0U, 1U, 2U}) {
    connect({.client_id = "w", .will = will_options{.qos = qos}}).cut();
    EXPECT_EQ(watcher.receive_message("will", "gone").qos(), qos);
  }
}

TEST_F(Mqtt311Will, WaitsForSubscribersThatAreAway) {
  STATEMENT("MQTT311-3.1.2-8", "MQTT311-4.5.0-1", "E55");
  leave_session("asleep", "will", 1);
  auto watcher = subscriber("watcher", "will", 1);
  connect({.client_id = "w", .will = will_options{.qos = 1}}).cut();
  watcher.receive_message("will", "gone");
  connect(lasting("asleep")).receive_message("will", "gone");
}

TEST_F(Mqtt311Will, MessageIsAnyOctets) {
  STATEMENT("MQTT311-1.5.3-2", "E16");
  auto watcher = subscriber("watcher", "will");
  for (const auto& payload : {bytes{}, "00"_hex, "00 FF C3 28 ED A0 80"_hex}) {
    connect({.client_id = "w", .will = will_options{.payload = payload}}).cut();
    watcher.expect_publish("will", payload);
  }
}

TEST_F(Mqtt311Will, TopicHasNoWildcardsAndIsNotEmpty) {
  STATEMENT("MQTT311-4.7.1-1", "MQTT311-4.7.3-1", "E57");
  std::vector<bytes> connects;
  for (const auto* topic : {"a/+", "#", "a/#/b", ""})
    connects.push_back(connect_packet(version(), {.will = will_options{.topic = topic}}));
  each_refused_in_silence(connects);
}

} // namespace

} // namespace callboard::conformance
