#include "tests/conformance/conformance_test.hpp"

#include <thread>

// The keep alive (MQTT 5.0, 3.1.2.10 and 3.2.2.3.14). Real seconds are waited for.

namespace callboard::conformance {

namespace {

using Mqtt5KeepAlive = ConformanceTest;
using namespace std::chrono_literals;

/// Brokers look at their timers now and then only.
constexpr milliseconds at_the_latest{12000};

milliseconds since(steady_time begin) {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
}

TEST_F(Mqtt5KeepAlive, SilenceForOneAndAHalfTimesEndsTheConnection) {
  STATEMENT("MQTT5-3.1.2-22", "MQTT5-3.2.2-22");
  auto watcher = subscriber("watcher", "will");
  const auto begin = std::chrono::steady_clock::now();
  auto client = dial();
  const auto connack = client.connect({.client_id = "c", .keep_alive = 1, .will = will_options{}});
  EXPECT_FALSE(connack.has(property_id::server_keep_alive));
  client.expect_closed({0x8D}, at_the_latest);
  EXPECT_GE(since(begin), 1500ms);
  watcher.expect_publish("will", "gone");
}

TEST_F(Mqtt5KeepAlive, LastsAtLeastOneAndAHalfTimes) {
  STATEMENT("MQTT5-3.1.2-22", "MQTT5-3.2.2-22");
  auto client = connect({.keep_alive = 2});
  client.expect_silence(2600ms);
  client.ping();
}

TEST_F(Mqtt5KeepAlive, EveryPacketOfTheClientCounts) {
  STATEMENT("MQTT5-3.1.2-20", "MQTT5-3.1.2-22");
  auto client = connect({.client_id = "c", .keep_alive = 1});
  for (int i = 0; i < 8; ++i) {
    std::this_thread::sleep_for(400ms);
    if (i % 2 == 0)
      client.ping();
    else
      client.publish({});
  }
  client.ping();
}

TEST_F(Mqtt5KeepAlive, PacketsToTheClientDoNotCount) {
  STATEMENT("MQTT5-3.1.2-22");
  auto listener = connect({.client_id = "l", .keep_alive = 1});
  listener.subscribe("t");
  auto publisher = client("p");
  const auto begin = std::chrono::steady_clock::now();
  int received = 0;
  bool open = true;
  while (open && since(begin) < at_the_latest) {
    publisher.publish({});
    try {
      const auto packet = listener.receive_within(200ms);
      open = !packet || packet->type == packet_type::publish;
      received += packet ? 1 : 0;
    } catch (const wire_failure&) {
      open = false;
    }
  }
  EXPECT_FALSE(open);
  EXPECT_GT(received, 1);
  EXPECT_GE(since(begin), 1400ms);
}

TEST_F(Mqtt5KeepAlive, PartsOfAPacketDoNotCount) {
  STATEMENT("MQTT5-3.1.2-22");
  auto client = connect({.client_id = "c", .keep_alive = 1});
  const auto begin = std::chrono::steady_clock::now();
  bool open = client.send_while_open("30 E8 07"_hex); // announces 1000 octets
  while (open && since(begin) < at_the_latest) {
    std::this_thread::sleep_for(100ms);
    open = client.send_while_open("x");
  }
  EXPECT_FALSE(open);
  EXPECT_GE(since(begin), 1400ms);
}

TEST_F(Mqtt5KeepAlive, ZeroNeverEndsTheConnection) {
  STATEMENT("MQTT5-3.1.2-22");
  auto client = connect({.keep_alive = 0});
  client.expect_silence(2500ms);
  client.ping();
}

TEST_F(Mqtt5KeepAlive, ServersValueReplacesTheClients) {
  STATEMENT("MQTT5-3.1.2-21", "MQTT5-3.2.2-21");
  NEEDS_SETTINGS("server_keep_alive=1");
  for (const unsigned wanted : {600U, 0U}) {
    const auto begin = std::chrono::steady_clock::now();
    auto client = dial();
    const auto connack = client.connect({.client_id = "c", .keep_alive = wanted});
    EXPECT_EQ(connack.number(property_id::server_keep_alive), 1U);
    client.expect_closed({0x8D}, at_the_latest);
    EXPECT_GE(since(begin), 1500ms);
  }
}

} // namespace

} // namespace callboard::conformance
