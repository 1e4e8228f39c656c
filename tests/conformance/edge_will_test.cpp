#include "tests/conformance/edge_test.hpp"

#include <thread>

// Wills: when they are due, what cancels them, and that they are publications like
// others. Real seconds are waited for.

namespace callboard::conformance {

namespace {

using EdgeWill = EdgeTest;
using namespace std::chrono_literals;

/// The longest that a delayed will may be late on a busy machine.
constexpr milliseconds late{3000};

/// A client with a will on "will/<id>", of this delay and session expiry in seconds.
connect_options with_will(
  const std::string& id, std::uint32_t delay, std::uint32_t expiry, bool clean_start = false) {
  return {.client_id = id,
    .clean_start = clean_start,
    .properties = session_expiry_interval(expiry),
    .will =
      will_options{.topic = "will/" + id, .qos = 1, .properties = will_delay_interval(delay)}};
}

/// The same without a delay, for any version.
connect_options with_plain_will(const std::string& id, bool clean_start = true) {
  return {.client_id = id,
    .clean_start = clean_start,
    .will = will_options{.topic = "will/" + id, .qos = 1}};
}

TEST_F(EdgeWill, IsDueAfterItsDelayOrWithItsSessionWhateverIsFirst) {
  STATEMENT("E51");
  auto watcher = subscriber("watcher", "will/#", 1);
  const auto begin = std::chrono::steady_clock::now();
  connect(with_will("at once", 60, 0)).cut();
  watcher.receive_message("will/at once", "gone");
  EXPECT_LE(since(begin), late);
  connect(with_will("with the session", 60, 1)).cut();
  connect(with_will("after the delay", 2, 60)).cut();
  connect(with_will("never", 60, 0xFFFFFFFF)).cut();
  const auto all_cut = std::chrono::steady_clock::now();
  watcher.receive_message("will/with the session", "gone");
  EXPECT_GE(since(all_cut), 900ms);
  watcher.receive_message("will/after the delay", "gone");
  EXPECT_GE(since(all_cut), 1900ms);
  EXPECT_LE(since(all_cut), 2000ms + late);
  watcher.expect_silence(500ms);
}

TEST_F(EdgeWill, DelayWithoutEndIsDueWithTheSession) {
  STATEMENT("E51");
  auto watcher = subscriber("watcher", "will/#", 1);
  connect(with_will("long", 0xFFFFFFFF, 1)).cut();
  watcher.receive_message("will/long", "gone");
}

TEST_F(EdgeWill, ReconnectWithinTheDelayCancelsIt) {
  STATEMENT("E52");
  auto watcher = subscriber("watcher", "will/#", 1);
  connect(with_will("newer", 1, 60)).cut();
  connect(with_will("older", 1, 60)).cut();
  auto newer = connect(lasting("newer"));
  auto older = connect(v3_1_1, {.client_id = "older", .clean_start = false});
  std::this_thread::sleep_for(2000ms);
  expect_nothing_but_news(watcher, "will/x");
  newer.ping();
  older.ping();
}

TEST_F(EdgeWill, ReconnectWithACleanStartSendsItAtOnce) {
  STATEMENT("E52");
  auto watcher = subscriber("watcher", "will/#", 1);
  connect(with_will("newer", 60, 60)).cut();
  auto newer = client("newer");
  watcher.receive_message("will/newer", "gone");
  connect(with_will("older", 60, 60)).cut();
  auto older = client_of(v3_1_1, "older");
  watcher.receive_message("will/older", "gone");
  newer.ping();
  older.ping();
}

TEST_F(EdgeWill, ReconnectBringsAWillOfItsOwn) {
  STATEMENT("E52");
  auto watcher = subscriber("watcher", "#", 1);
  connect(with_will("w", 1, 60)).cut();
  auto options = with_will("w", 0, 60);
  options.will->payload = "gone again";
  connect(options).cut();
  watcher.receive_message("will/w", "gone again");
  watcher.expect_silence(1800ms);
}

TEST_F(EdgeWill, TakeoverSendsAWillWithoutDelay) {
  STATEMENT("E53");
  auto watcher = subscriber("watcher", "will/#", 1);
  auto before = connect(with_will("w", 0, 60));
  auto after = connect(lasting("w"));
  before.expect_closed({0x8E});
  watcher.receive_message("will/w", "gone");
  after.ping();
}

TEST_F(EdgeWill, TakeoverSendsADelayedWillOfASessionWithoutExpiry) {
  STATEMENT("E53");
  auto watcher = subscriber("watcher", "will/#", 1);
  auto before = connect(with_will("w", 60, 0));
  auto after = connect(lasting("w"));
  watcher.receive_message("will/w", "gone");
  after.ping();
}

TEST_F(EdgeWill, TakeoverCancelsADelayedWill) {
  STATEMENT("E53");
  auto watcher = subscriber("watcher", "will/#", 1);
  auto before = connect(with_will("w", 1, 60));
  auto after = connect(lasting("w"));
  before.expect_closed({0x8E});
  std::this_thread::sleep_for(2000ms);
  expect_nothing_but_news(watcher, "will/x");
  after.ping();
}

TEST_F(EdgeWill, TakeoverWithACleanStartSendsADelayedWill) {
  STATEMENT("E53");
  auto watcher = subscriber("watcher", "will/#", 1);
  auto before = connect(with_will("w", 60, 60));
  auto after = client("w");
  watcher.receive_message("will/w", "gone");
  after.ping();
}

TEST_F(EdgeWill, TakeoverOfAnOlderClientAlwaysSendsItsWill) {
  STATEMENT("E53");
  auto watcher = subscriber("watcher", "will/#", 1);
  for (const auto version : versions_before_5) {
    for (const bool clean_before : {true, false}) {
      for (const bool clean_after : {true, false}) {
        auto before = connect(version, with_plain_will("w", clean_before));
        auto after = connect(version, {.client_id = "w", .clean_start = clean_after});
        before.expect_eof();
        watcher.receive_message("will/w", "gone");
        after.disconnect();
      }
    }
  }
  watcher.expect_silence();
}

TEST_F(EdgeWill, TakeoverSendsTheOldWillAndKeepsTheNewOne) {
  STATEMENT("E53");
  auto watcher = subscriber("watcher", "will/#", 1);
  auto options = with_plain_will("w");
  auto before = connect(options);
  options.will->payload = "of the second";
  auto after = connect(options);
  watcher.receive_message("will/w", "gone");
  watcher.expect_silence();
  after.cut();
  watcher.receive_message("will/w", "of the second");
}

TEST_F(EdgeWill, NewConnectWithoutAWillHasNone) {
  STATEMENT("E54");
  auto watcher = subscriber("watcher", "will/#", 1);
  for (const auto version : all_versions) {
    for (const bool clean_start : {true, false}) {
      connect(version, with_plain_will("w", clean_start)).disconnect();
      connect(version, {.client_id = "w", .clean_start = clean_start}).cut();
    }
  }
  connect(with_will("w", 0, 60)).disconnect();
  connect(lasting("w")).cut();
  expect_nothing_but_news(watcher, "will/x");
}

TEST_F(EdgeWill, HasQosAndRetainOfItsOwn) {
  STATEMENT("E55");
  for (const auto version : all_versions) {
    for (const unsigned qos : {0U, 1U, 2U}) {
      auto watcher = subscriber("watcher", "will", 2 | retain_as_published | retain_never);
      connect(version, {.client_id = "w", .will = will_options{.qos = qos, .retain = true}}).cut();
      const auto live = watcher.receive_message("will", "gone");
      EXPECT_EQ(live.qos(), qos);
      EXPECT_TRUE(live.retain());
      auto late_one = subscriber("late", "will", 2);
      EXPECT_EQ(late_one.receive_message("will", "gone").qos(), qos);
    }
  }
}

TEST_F(EdgeWill, ExpiryCountsFromItsPublication) {
  STATEMENT("E55", "E69");
  auto watcher = subscriber("watcher", "will/#", 1);
  auto options = with_will("w", 2, 60);
  options.will->properties += message_expiry_interval(100);
  connect(options).cut();
  const auto message = watcher.receive_message("will/w", "gone");
  EXPECT_EQ(message.number(property_id::message_expiry_interval), 100U);
}

TEST_F(EdgeWill, ExpiresInAQueueLikeOthers) {
  STATEMENT("E55", "E69");
  auto asleep = connect(lasting("asleep"));
  asleep.subscribe("will", 1);
  asleep.disconnect();
  for (const std::uint32_t seconds : {1U, 100U})
    connect({.client_id = "w",
              .will = will_options{.payload = std::to_string(seconds),
                .qos = 1,
                .properties = message_expiry_interval(seconds)}})
      .cut();
  std::this_thread::sleep_for(2200ms);
  auto awake = connect(lasting("asleep"));
  const auto rest =
    awake.receive_message("will", "100").number(property_id::message_expiry_interval);
  EXPECT_LE(rest.value_or(999), 98U);
}

TEST_F(EdgeWill, PropertiesArriveInTheirOrder) {
  STATEMENT("E55", "E66");
  auto watcher = subscriber("watcher", "will", 1);
  const auto properties = user_property("b", "1") + content_type("type") + user_property("a", "2") +
                          response_topic("answer") + user_property("b", "1") +
                          correlation_data("00 01"_hex);
  connect({.client_id = "w", .will = will_options{.qos = 1, .properties = properties}}).cut();
  const auto message = watcher.receive_message("will", "gone");
  EXPECT_EQ(
    message.user_properties(), (std::vector<string_pair>{{"b", "1"}, {"a", "2"}, {"b", "1"}}));
  EXPECT_EQ(message.text(property_id::content_type), "type");
  EXPECT_EQ(message.text(property_id::response_topic), "answer");
  EXPECT_EQ(message.text(property_id::correlation_data), "00 01"_hex);
  EXPECT_FALSE(message.has(property_id::topic_alias));
}

TEST_F(EdgeWill, MayBeAsLargeAsItsFieldAllows) {
  STATEMENT("E55");
  const auto payload = repeat("x", 65'535);
  auto watcher = subscriber("watcher", "will", 1);
  auto narrow = connect({.client_id = "narrow", .properties = maximum_packet_size(1000)});
  narrow.subscribe("will", 1);
  connect({.client_id = "w", .will = will_options{.payload = payload, .qos = 1}}).cut();
  watcher.receive_message("will", payload);
  narrow.expect_silence();
}

TEST_F(EdgeWill, CarriesTheSubscribersIdentifier) {
  STATEMENT("E55", "E88");
  auto watcher = client("watcher");
  watcher.subscribe("will", 1, subscription_identifier(77));
  connect({.client_id = "w", .will = will_options{.qos = 1}}).cut();
  EXPECT_EQ(watcher.receive_message("will", "gone").subscription_identifiers(),
    std::vector<std::uint32_t>{77});
}

TEST_F(EdgeWill, BeyondWhatTheServerAllowsIsRefusedWithItsConnect) {
  STATEMENT("E55");
  NEEDS_SETTINGS("maximum_qos=1", "retain_available=false");
  each_is_refused(v5, {connect_packet(v5, {.will = will_options{.qos = 2}})}, {0x9B});
  each_is_refused(v5, {connect_packet(v5, {.will = will_options{.retain = true}})}, {0x9A});
  connect({.client_id = "w", .will = will_options{.qos = 1}}).ping();
}

TEST_F(EdgeWill, TopicHasNoWildcards) {
  STATEMENT("E55", "E57");
  for (const auto version : all_versions)
    for (const auto* topic : {"#", "+", "a/#", "a/+/b", "a+", "a#"})
      each_is_refused(version, {connect_packet(version, {.will = will_options{.topic = topic}})},
        {0x81, 0x82, 0x90});
}

} // namespace

} // namespace callboard::conformance
