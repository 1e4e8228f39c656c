#include "tests/conformance/conformance_test.hpp"

// Receive Maximum in both directions (MQTT 5.0, 3.3.4 and 4.9).

namespace callboard::conformance {

namespace {

using namespace std::chrono_literals;

class Mqtt5FlowControl : public ConformanceTest {
protected:
  /// A subscriber of "t" that lets so many deliveries be unacknowledged.
  wire_client listener(unsigned maximum, unsigned qos) {
    auto options = lasting("s");
    options.properties += receive_maximum(maximum);
    auto result = connect(options);
    result.subscribe("t", qos);
    return result;
  }

  /// Publishes "1", "2" ... to "t".
  void publish(int count, unsigned qos) {
    auto publisher = client("p");
    for (int i = 1; i <= count; ++i)
      publisher.publish({.payload = std::to_string(i), .qos = qos});
  }
};

TEST_F(Mqtt5FlowControl, ClientThatOverrunsTheServerIsDisconnected) {
  STATEMENT("MQTT5-3.3.4-7", "MQTT5-4.9.0-2");
  NEEDS_SETTINGS("receive_maximum=2");
  auto publisher = client("p");
  for (std::uint16_t id = 1; id <= 2; ++id) {
    publisher.send_publish({.qos = 2, .packet_id = id});
    EXPECT_EQ(publisher.expect(packet_type::pubrec).packet_id, id);
  }
  publisher.send_publish({.qos = 2, .packet_id = 3});
  publisher.expect_closed({0x93});
}

TEST_F(Mqtt5FlowControl, FinishedHandshakesMakeRoomForTheClient) {
  STATEMENT("MQTT5-3.3.4-7", "MQTT5-4.9.0-2");
  NEEDS_SETTINGS("receive_maximum=2");
  auto publisher = client("p");
  publisher.send_publish({.qos = 2, .packet_id = 100});
  publisher.expect(packet_type::pubrec);
  for (int i = 0; i < 5; ++i) { // one slot of two is taken all the time
    publisher.publish({.qos = 2});
    publisher.publish({.qos = 1});
  }
  for (int i = 0; i < 5; ++i)
    publisher.publish({.qos = 0}); // does not count
  publisher.ping();
}

TEST_F(Mqtt5FlowControl, RepeatOfAnIdentifierTakesNoSecondSlot) {
  STATEMENT("MQTT5-3.3.4-7");
  NEEDS_SETTINGS("receive_maximum=1");
  auto publisher = client("p");
  for (const bool dup : {false, true, true}) {
    publisher.send_publish({.qos = 2, .dup = dup, .packet_id = 1});
    publisher.expect(packet_type::pubrec);
  }
  publisher.ping();
}

TEST_F(Mqtt5FlowControl, ServerSendsNoMoreThanTheClientAllows) {
  STATEMENT("MQTT5-3.3.4-9", "MQTT5-4.9.0-1", "MQTT5-4.9.0-2");
  auto slow = listener(1, 1);
  publish(5, 1);
  for (int i = 1; i <= 5; ++i) {
    const auto message = slow.expect_publish("t", std::to_string(i));
    slow.expect_silence(100ms);
    slow.acknowledge(message);
  }
  slow.expect_silence();
}

TEST_F(Mqtt5FlowControl, EachAcknowledgementReleasesOne) {
  STATEMENT("MQTT5-4.9.0-2");
  auto slow = listener(2, 1);
  publish(4, 1);
  const auto one = slow.expect_publish("t", "1");
  const auto two = slow.expect_publish("t", "2");
  slow.expect_silence(100ms);
  slow.acknowledge(two);
  const auto three = slow.expect_publish("t", "3");
  slow.expect_silence(100ms);
  slow.send(acknowledgement(packet_type::puback, one.packet_id, 0x97)); // an error as well
  slow.receive_message("t", "4");
  slow.acknowledge(three);
  slow.expect_silence();
}

TEST_F(Mqtt5FlowControl, QosTwoHoldsItsSlotUntilPubcomp) {
  STATEMENT("MQTT5-3.3.4-9", "MQTT5-4.9.0-2");
  auto slow = listener(1, 2);
  publish(2, 2);
  const auto message = slow.expect_publish("t", "1");
  slow.send(acknowledgement(packet_type::pubrec, message.packet_id));
  slow.expect(packet_type::pubrel);
  slow.expect_silence();
  slow.send(acknowledgement(packet_type::pubcomp, message.packet_id));
  slow.receive_message("t", "2");
}

TEST_F(Mqtt5FlowControl, ErrorInAPubrecReleasesTheSlot) {
  STATEMENT("MQTT5-3.3.4-9", "MQTT5-4.9.0-2");
  auto slow = listener(1, 2);
  publish(2, 2);
  const auto message = slow.expect_publish("t", "1");
  slow.send(acknowledgement(packet_type::pubrec, message.packet_id, 0x80));
  slow.receive_message("t", "2");
}

TEST_F(Mqtt5FlowControl, OtherPacketsFlowWhenTheQuotaIsUsedUp) {
  STATEMENT("MQTT5-3.3.4-10", "MQTT5-4.9.0-3");
  auto slow = listener(1, 1);
  publish(3, 1);
  const auto message = slow.expect_publish("t", "1");
  slow.ping();
  slow.subscribe("u", 0);
  slow.unsubscribe({"v"});
  EXPECT_LT(slow.publish({.topic = "w", .qos = 2}), 0x80U);
  slow.acknowledge(message);
  slow.receive_message("t", "2");
}

TEST_F(Mqtt5FlowControl, QuotaIsFreshOnEachConnection) {
  STATEMENT("MQTT5-4.9.0-1");
  auto slow = listener(2, 1);
  publish(4, 1);
  slow.expect_publish("t", "1");
  slow.expect_publish("t", "2");
  slow.expect_silence(100ms);
  slow.cut();
  auto options = lasting("s");
  options.properties += receive_maximum(3);
  auto again = connect(options);
  for (const auto* payload : {"1", "2", "3"})
    again.expect_publish("t", payload);
  again.expect_silence();
}

TEST_F(Mqtt5FlowControl, SmallerQuotaHoldsTheResendingToo) {
  STATEMENT("MQTT5-4.9.0-1", "MQTT5-3.3.4-9");
  auto fast = listener(3, 1);
  publish(3, 1);
  for (const auto* payload : {"1", "2", "3"})
    fast.expect_publish("t", payload);
  fast.cut();
  auto options = lasting("s");
  options.properties += receive_maximum(1);
  auto slow = connect(options);
  for (const auto* payload : {"1", "2", "3"}) {
    const auto message = slow.expect_publish("t", payload);
    slow.expect_silence(100ms);
    slow.acknowledge(message);
  }
}

} // namespace

} // namespace callboard::conformance
