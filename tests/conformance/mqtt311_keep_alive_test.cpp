#include "tests/conformance/mqtt3_fixture.hpp"

#include <thread>

// The keep alive, PINGREQ and PINGRESP (MQTT 3.1.1, 3.1.2.10, 3.12 and 3.13). Real
// seconds are waited for.

namespace callboard::conformance {

namespace {

using Mqtt311KeepAlive = Mqtt311Test;
using namespace std::chrono_literals;

/// Brokers look at their timers now and then only.
constexpr milliseconds at_the_latest{12000};

milliseconds since(steady_time begin) {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
}

TEST_F(Mqtt311KeepAlive, SilenceForOneAndAHalfTimesEndsTheConnectionWithItsWill) {
  STATEMENT("MQTT311-3.1.2-24", "MQTT311-3.1.2-23", "MQTT311-3.1.2-8", "E41");
  auto watcher = subscriber("watcher", "will");
  const auto begin = std::chrono::steady_clock::now();
  auto silent = connect({.client_id = "c", .keep_alive = 1, .will = will_options{}});
  silent.expect_eof(at_the_latest);
  EXPECT_GE(since(begin), 1500ms);
  watcher.expect_publish("will", "gone");
}

TEST_F(Mqtt311KeepAlive, LastsAtLeastOneAndAHalfTimes) {
  STATEMENT("MQTT311-3.1.2-24", "E41");
  auto client = connect({.keep_alive = 2});
  client.expect_silence(2600ms);
  client.ping();
}

TEST_F(Mqtt311KeepAlive, EveryPacketOfTheClientCounts) {
  STATEMENT("MQTT311-3.1.2-23", "MQTT311-3.1.2-24", "E41");
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

TEST_F(Mqtt311KeepAlive, ZeroNeverEndsTheConnection) {
  STATEMENT("MQTT311-3.1.2-24", "E42");
  auto client = connect({.keep_alive = 0});
  client.expect_silence(2500ms);
  client.ping();
}

TEST_F(Mqtt311KeepAlive, PingreqGetsPingresp) {
  STATEMENT("MQTT311-3.12.4-1");
  auto client = connect();
  client.send("C0 00"_hex);
  client.expect_octets("D0 00"_hex);
  client.send("C0 00 C0 00 C0 00"_hex);
  client.expect_octets("D0 00 D0 00 D0 00"_hex);
  client.expect_silence();
}

TEST_F(Mqtt311KeepAlive, PingreqHasNoBody) {
  STATEMENT("MQTT311-3.12.4-1", "MQTT311-4.8.0-1", "E05");
  each_closes({"C0 01 00"_hex, "C0 02 00 00"_hex});
}

} // namespace

} // namespace callboard::conformance
