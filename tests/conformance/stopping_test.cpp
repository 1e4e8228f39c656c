#include "tests/conformance/conformance_test.hpp"

#include <chrono>
#include <string>

// How a node ends, whatever its clients do. It needs a process of its own.

namespace callboard::conformance {

namespace {

using namespace std::chrono_literals;

class Stopping : public ConformanceTest {
protected:
  void SetUp() override { NEEDS_OWN_BROKER(); }

  /// A client that does not read, with more waiting for it than its socket takes.
  wire_client deaf(const std::string& id) {
    auto listener = dial();
    listener.stream().limit_receive_buffer(4096);
    listener.connect({.client_id = id});
    listener.subscribe("loud/" + id);
    auto speaker = client("speaker of " + id);
    for (int i = 0; i < 200; ++i)
      speaker.publish({.topic = "loud/" + id, .payload = repeat("x", 60'000)});
    speaker.ping();
    return listener;
  }

  /// A number of the node's last report.
  int reported(const std::string& name) {
    const auto text = broker().error_output();
    const auto at = text.rfind(" " + name + "=");
    return at == std::string::npos ? -1 : std::stoi(text.substr(at + name.size() + 2));
  }

  /// How long the node takes from SIGTERM to its end, which must be a good one.
  milliseconds time_to_stop() {
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(broker().stop(), "");
    EXPECT_EQ(reported("connections_closed"), reported("connections_opened"));
    return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - before);
  }
};

TEST_F(Stopping, TakesNoTimeWithoutClients) {
  NEEDS_SETTINGS("stop_timeout=10000");
  EXPECT_LT(time_to_stop(), 5s); // nobody is waited for
}

TEST_F(Stopping, TakesNoTimeIfClientsClose) {
  NEEDS_SETTINGS("stop_timeout=10000");
  auto one = client("one");
  auto other = connect(protocol_version::v3_1_1);
  broker().terminate();
  one.expect_disconnect(0x8B);
  one.cut();
  other.expect_closed();
  other.cut();
  EXPECT_LT(time_to_stop(), 5s); // nobody is waited for
}

TEST_F(Stopping, WaitsForNobodyWhoHasNotSaidWhoHeIs) {
  NEEDS_SETTINGS("stop_timeout=10000");
  auto silent = dial();
  auto half = dial();
  half.send(C5().substr(0, 5));
  client("one").ping();          // the others have been accepted by now
  EXPECT_LT(time_to_stop(), 5s); // nobody is waited for
}

TEST_F(Stopping, WaitsAMomentForThoseWhoDoNotCloseOrDoNotRead) {
  auto idle = client("idle");
  auto present = deaf("present");
  auto replaced = deaf("replaced"); // the node has last words for it already
  auto next = client("replaced");
  EXPECT_LT(time_to_stop(), 800ms);
  idle.expect_disconnect(0x8B);
}

TEST_F(Stopping, WaitsAsLongAsItIsTold) {
  set({"stop_timeout=600"});
  auto idle = client("idle");
  const auto time = time_to_stop();
  EXPECT_GE(time, 600ms);
  EXPECT_LT(time, 1500ms);
}

} // namespace

} // namespace callboard::conformance
