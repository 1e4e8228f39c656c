#include "tests/conformance/mqtt3_fixture.hpp"

#include <algorithm>

// SUBSCRIBE and SUBACK (MQTT 3.1.1, 3.8 and 3.9).

namespace callboard::conformance {

namespace {

using Mqtt311Subscribe = Mqtt311Test;

constexpr auto v4 = protocol_version::v3_1_1;

using codes = std::vector<unsigned>;

TEST_F(Mqtt311Subscribe, IsAnsweredWithItsIdentifier) {
  STATEMENT("MQTT311-2.3.1-7", "MQTT311-3.8.4-1", "MQTT311-3.8.4-2", "E97");
  auto listener = client("s");
  listener.send(subscribe_packet(v4, 0x0A0B, {{"a"}}) + subscribe_packet(v4, 0xFFFF, {{"b", 1}}));
  // The order of the two is left open.
  const auto one = listener.expect(packet_type::suback);
  const auto other = listener.expect(packet_type::suback);
  const auto& first = one.packet_id == 0x0A0B ? one : other;
  const auto& second = one.packet_id == 0x0A0B ? other : one;
  EXPECT_EQ(first.raw, "90 03 0A0B 00"_hex);
  EXPECT_EQ(second.raw, "90 03 FFFF 01"_hex);
}

TEST_F(Mqtt311Subscribe, OtherFlagsEndTheConnection) {
  STATEMENT("MQTT311-3.8.1-1", "MQTT311-2.2.2-2", "E07");
  std::vector<bytes> faults;
  for (const unsigned first : {0x80U, 0x81U, 0x83U, 0x84U, 0x86U, 0x8AU})
    faults.push_back(packet(first, "0001 0001 74 00"_hex));
  each_closes(faults);
}

TEST_F(Mqtt311Subscribe, IdentifierZeroEndsTheConnection) {
  STATEMENT("MQTT311-2.3.1-1", "E11");
  each_closes({subscribe_packet(v4, 0, {{}})});
}

TEST_F(Mqtt311Subscribe, FilterIsAString) {
  STATEMENT("MQTT311-3.8.3-1", "MQTT311-1.5.3-1", "MQTT311-1.5.3-2", "E15", "E17");
  std::vector<bytes> faults;
  for (const auto& filter : {"ED A0 80"_hex, "C0 AF"_hex, "F4 90 80 80"_hex, "61 00"_hex})
    faults.push_back(subscribe_packet(v4, 1, {{filter, 0}}));
  each_closes(faults);
}

TEST_F(Mqtt311Subscribe, WildcardsCanBeRefused) {
  STATEMENT("MQTT311-3.8.3-2");
  NEEDS_SETTINGS("wildcard_subscription_available=false");
  auto listener = client("s");
  for (const auto* filter : {"a/+", "#", "+"})
    EXPECT_EQ(listener.try_subscribe({{filter, 1}}).reasons, codes{0x80}) << filter;
  listener.subscribe("a/b", 1);
  client("p").publish({.topic = "a/b", .qos = 1});
  listener.receive_message("a/b", "m");
}

TEST_F(Mqtt311Subscribe, NeedsAFilter) {
  STATEMENT("MQTT311-3.8.3-3", "E83");
  each_closes({"82 02 0001"_hex});
}

TEST_F(Mqtt311Subscribe, FilterNeedsItsQos) {
  STATEMENT("MQTT311-3.8.3-3", "E83");
  each_closes({"82 05 0001 0001 74"_hex, "82 08 0001 0001 74 00 0001"_hex,
    "82 06 0001 0009 74 00"_hex, "82 01 00"_hex, "82 00"_hex});
}

TEST_F(Mqtt311Subscribe, FilterIsNotEmpty) {
  STATEMENT("MQTT311-4.7.3-1", "E83");
  each_closes({"82 05 0001 0000 00"_hex, "82 09 0001 0001 74 00 0000 00"_hex});
}

TEST_F(Mqtt311Subscribe, QosThreeAndReservedBitsEndTheConnection) {
  STATEMENT("MQTT311-3.8.3-4", "E09", "E84");
  std::vector<bytes> faults;
  for (const unsigned qos : {0x03U, 0x04U, 0x08U, 0x10U, 0x20U, 0x40U, 0x80U, 0x83U})
    faults.push_back(subscribe_packet(v4, 1, {{"t", qos}}));
  faults.push_back(subscribe_packet(v4, 1, {{"t", 1}, {"u", 3}}));
  each_closes(faults);
}

TEST_F(Mqtt311Subscribe, MalformedSubscribeSubscribesToNothing) {
  STATEMENT("MQTT311-3.8.3-4");
  auto listener = connect(lasting("s"));
  listener.send(subscribe_packet(v4, 1, {{"t", 1}, {"u", 3}}));
  listener.expect_eof();
  auto again = connect(lasting("s"));
  client("p").publish({.qos = 1});
  again.expect_silence();
}

TEST_F(Mqtt311Subscribe, ReplacesTheSubscriptionOfTheSameFilter) {
  STATEMENT("MQTT311-3.8.4-3", "E90");
  auto listener = client("s");
  auto publisher = client("p");
  for (const unsigned qos : {0U, 2U, 1U}) {
    listener.subscribe("t", qos);
    publisher.publish({.qos = 2});
    EXPECT_EQ(listener.receive_message("t", "m").qos(), qos);
    listener.expect_silence(); // one copy
  }
}

TEST_F(Mqtt311Subscribe, RetainedMessagesAreSentAgainWithEachSubscribe) {
  STATEMENT("MQTT311-3.8.4-3", "E90");
  client("p").publish({.qos = 1, .retain = true});
  auto listener = client("s");
  for (const unsigned qos : {0U, 1U, 1U}) {
    listener.subscribe("t", qos);
    const auto message = listener.receive_message("t", "m");
    EXPECT_TRUE(message.retain());
    EXPECT_EQ(message.qos(), qos);
    listener.expect_silence();
  }
}

TEST_F(Mqtt311Subscribe, ReplacingDoesNotInterruptTheStream) {
  STATEMENT("MQTT311-3.8.4-3");
  constexpr int rounds = 50;
  auto listener = subscriber("s", "t", 1);
  auto publisher = client("p");
  publisher.publish({.payload = "kept", .qos = 1, .retain = true});
  listener.receive_message("t", "kept");
  for (int i = 0; i < rounds; ++i) {
    publisher.send_publish({.payload = std::to_string(2 * i), .qos = 1});
    const auto id = static_cast<std::uint16_t>(i + 2);
    listener.send(subscribe_packet(v4, id, {{"t", 1U + static_cast<unsigned>(i) % 2}}));
    publisher.send_publish({.payload = std::to_string(2 * i + 1), .qos = 1});
    publisher.await(packet_type::puback);
    publisher.await(packet_type::puback);
  }
  int live = 0;
  int retained = 0;
  int subacks = 0;
  while (live < 2 * rounds || retained < rounds || subacks < rounds) {
    const auto next = listener.receive();
    if (next.type == packet_type::suback) {
      ++subacks;
      continue;
    }
    listener.acknowledge(next);
    if (next.retain()) {
      EXPECT_EQ(next.payload, "kept");
      ++retained;
    } else {
      EXPECT_EQ(next.payload, std::to_string(live++));
    }
  }
  listener.expect_silence();
}

TEST_F(Mqtt311Subscribe, ManyFiltersAreHandledOneByOneWithOneAnswer) {
  STATEMENT("MQTT311-3.8.4-4", "MQTT311-3.8.4-5");
  auto listener = client("s");
  const auto suback = listener.try_subscribe({{"a/+", 1}, {"b", 2}, {"a/+", 0}, {"c", 1}});
  EXPECT_EQ(suback.reasons, (codes{1, 2, 0, 1}));
  listener.expect_silence(milliseconds{100}); // one SUBACK
  auto publisher = client("p");
  publisher.publish({.topic = "a/x", .qos = 2});
  EXPECT_EQ(listener.receive_message("a/x", "m").qos(), 0U); // the last one of "a/+" counts
  publisher.publish({.topic = "c", .qos = 2});
  EXPECT_EQ(listener.receive_message("c", "m").qos(), 1U);
}

TEST_F(Mqtt311Subscribe, ManyFiltersGetTheRetainedMessagesOfEach) {
  STATEMENT("MQTT311-3.8.4-4", "MQTT311-3.3.1-6");
  auto publisher = client("p");
  publisher.publish({.topic = "a", .qos = 1, .retain = true});
  publisher.publish({.topic = "b", .qos = 1, .retain = true});
  auto listener = client("s");
  listener.try_subscribe({{"a", 1}, {"b", 1}, {"c", 1}});
  std::vector<std::string> topics;
  for (int i = 0; i < 2; ++i) {
    const auto message = listener.expect(packet_type::publish);
    listener.acknowledge(message);
    topics.push_back(message.topic);
  }
  std::sort(topics.begin(), topics.end());
  EXPECT_EQ(topics, (std::vector<std::string>{"a", "b"}));
  listener.expect_silence();
}

TEST_F(Mqtt311Subscribe, CodesComeInTheOrderOfTheFilters) {
  STATEMENT("MQTT311-3.9.3-1", "MQTT311-3.8.4-4", "MQTT311-3.8.4-5", "MQTT311-3.9.3-2", "E97");
  NEEDS_SETTINGS("wildcard_subscription_available=false");
  auto listener = client("s");
  listener.send(subscribe_packet(v4, 9, {{"a", 2}, {"b/+", 1}, {"c", 0}, {"#", 2}, {"e", 1}}));
  listener.expect_octets("90 07 0009 02 80 00 80 01"_hex);
  client("p").publish({.topic = "e", .qos = 1});
  listener.receive_message("e", "m");
}

TEST_F(Mqtt311Subscribe, CodeIsTheGrantedQos) {
  STATEMENT("MQTT311-3.8.4-5", "MQTT311-3.9.3-2");
  auto listener = client("s");
  listener.send(subscribe_packet(v4, 9, {{"a", 0}, {"b", 1}, {"c", 2}}));
  listener.expect_octets("90 05 0009 00 01 02"_hex);
}

TEST_F(Mqtt311Subscribe, EveryFilterHasACode) {
  STATEMENT("MQTT311-3.8.4-5", "MQTT311-3.9.3-1");
  std::vector<subscription> subscriptions;
  codes wanted;
  for (unsigned i = 0; i < 100; ++i) {
    subscriptions.push_back({"t/" + std::to_string(i), i % 3});
    wanted.push_back(i % 3);
  }
  EXPECT_EQ(client("s").try_subscribe(subscriptions).reasons, wanted);
}

TEST_F(Mqtt311Subscribe, CodesOfVersion5DoNotAppear) {
  STATEMENT("MQTT311-3.9.3-2", "E97");
  NEEDS_SETTINGS("maximum_subscriptions=2", "topic_maximum_levels=2");
  auto listener = client("s");
  EXPECT_EQ(listener.try_subscribe({{"a", 1}, {"a/b/c", 1}, {"b", 1}, {"c", 1}}).reasons,
    (codes{1, 0x80, 1, 0x80}));
}

TEST_F(Mqtt311Subscribe, MessageIsDeliveredAtTheLowerQos) {
  STATEMENT("MQTT311-3.8.4-6");
  auto publisher = client("p");
  for (const unsigned granted : {0U, 1U, 2U}) {
    auto each = subscriber("s", "t", granted);
    for (const unsigned published : {0U, 1U, 2U}) {
      publisher.publish({.qos = published});
      EXPECT_EQ(each.receive_message("t", "m").qos(), std::min(published, granted));
    }
  }
}

TEST_F(Mqtt311Subscribe, RetainedMessageIsDeliveredAtTheLowerQos) {
  STATEMENT("MQTT311-3.8.4-6", "E95");
  auto publisher = client("p");
  for (const unsigned published : {0U, 1U, 2U}) {
    publisher.publish({.qos = published, .retain = true});
    settle();
    for (const unsigned granted : {0U, 1U, 2U})
      EXPECT_EQ(subscriber("s", "t", granted).receive_message("t", "m").qos(),
        std::min(published, granted));
  }
}

TEST_F(Mqtt311Subscribe, QueuedMessageIsDeliveredAtTheLowerQos) {
  STATEMENT("MQTT311-3.8.4-6");
  auto asleep = connect(lasting("s"));
  asleep.try_subscribe({{"one", 1}, {"two", 2}});
  asleep.disconnect();
  auto publisher = client("p");
  for (const auto* topic : {"one", "two"})
    for (const unsigned published : {1U, 2U})
      publisher.publish({.topic = topic, .qos = published});
  auto again = connect(lasting("s"));
  EXPECT_EQ(again.receive_message("one", "m").qos(), 1U);
  EXPECT_EQ(again.receive_message("one", "m").qos(), 1U);
  EXPECT_EQ(again.receive_message("two", "m").qos(), 1U);
  EXPECT_EQ(again.receive_message("two", "m").qos(), 2U);
}

TEST_F(Mqtt311Subscribe, OnesOwnMessagesCome) {
  STATEMENT("MQTT311-3.3.2-3");
  auto both = subscriber("both", "t", 1);
  both.send_publish({.qos = 1});
  both.await(packet_type::puback);
  both.receive_message("t", "m");
}

} // namespace

} // namespace callboard::conformance
