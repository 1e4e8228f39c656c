#include "tests/conformance/conformance_test.hpp"

#include <algorithm>

// SUBSCRIBE, its options and SUBACK (MQTT 5.0, 3.8, 3.9), and what overlapping
// subscriptions get (3.3.4). Retain Handling is in retain_test.cpp.

namespace callboard::conformance {

namespace {

using Mqtt5Subscribe = ConformanceTest;

constexpr auto v5 = protocol_version::v5;

using numbers = std::vector<std::uint32_t>;

TEST_F(Mqtt5Subscribe, IsAnsweredWithItsIdentifier) {
  STATEMENT("MQTT5-2.2.1-6", "MQTT5-3.8.4-1", "MQTT5-3.8.4-2", "MQTT5-2.2.2-1");
  auto listener = client("s");
  listener.send(subscribe_packet(v5, 0x0A0B, {{"a"}}) + subscribe_packet(v5, 0xFFFF, {{"b", 1}}));
  // The order of the two is left open.
  const auto one = listener.expect(packet_type::suback);
  const auto other = listener.expect(packet_type::suback);
  const auto& first = one.packet_id == 0x0A0B ? one : other;
  const auto& second = one.packet_id == 0x0A0B ? other : one;
  EXPECT_EQ(first.raw, "90 04 0A0B 00 00"_hex);
  EXPECT_EQ(second.raw, "90 04 FFFF 00 01"_hex);
}

TEST_F(Mqtt5Subscribe, OtherFlagsAreMalformed) {
  STATEMENT("MQTT5-3.8.1-1");
  std::vector<bytes> faults;
  for (const unsigned first : {0x80U, 0x81U, 0x83U, 0x84U, 0x86U, 0x8AU})
    faults.push_back(packet(first, "0001 00 0001 74 00"_hex));
  each_closes(faults, {0x81});
}

TEST_F(Mqtt5Subscribe, NeedsAFilter) {
  STATEMENT("MQTT5-3.8.3-2");
  each_closes({"82 03 0001 00"_hex}, {0x82});
}

TEST_F(Mqtt5Subscribe, FilterNeedsItsOptions) {
  STATEMENT("MQTT5-3.8.3-2");
  each_closes({"82 06 0001 00 0001 74"_hex, "82 09 0001 00 0001 74 00 0001"_hex,
                "82 07 0001 00 0009 74 00"_hex},
    {0x81});
}

TEST_F(Mqtt5Subscribe, PropertyLengthMustBeThere) {
  STATEMENT("MQTT5-2.2.2-1");
  // What follows the identifier is then read as 0 properties and a filter that is cut off.
  each_closes({"82 06 0001 0001 74 00"_hex, "82 02 0001"_hex}, {0x81, 0x82});
}

TEST_F(Mqtt5Subscribe, FilterIsNotEmpty) {
  STATEMENT("MQTT5-4.7.3-1");
  auto listener = client("s");
  listener.send("82 06 0001 00 0000 00"_hex);
  listener.expect_closed({0x81, 0x82, 0x8F});
}

TEST_F(Mqtt5Subscribe, ReservedOptionsAreMalformed) {
  STATEMENT("MQTT5-3.8.3-5");
  each_closes(
    {subscribe_packet(v5, 1, {{"t", 0x40}}), subscribe_packet(v5, 1, {{"t", 0x80}}),
      subscribe_packet(v5, 1, {{"t", 0xC0}}), subscribe_packet(v5, 1, {{"a", 0}, {"b", 0x41}})},
    {0x81});
}

TEST_F(Mqtt5Subscribe, QosThreeIsAProtocolError) {
  STATEMENT("MQTT5-3.8.3-5");
  each_closes({subscribe_packet(v5, 1, {{"t", 3}})}, {0x82});
}

TEST_F(Mqtt5Subscribe, NoLocalKeepsOnesOwnMessagesAway) {
  STATEMENT("MQTT5-3.8.3-3");
  auto both = connect(lasting("both"));
  both.subscribe("t", 1 | no_local);
  auto other = subscriber("other", "t");
  both.publish({.payload = "own", .qos = 1});
  other.expect_publish("t", "own");
  client("p").publish({.payload = "foreign"});
  both.receive_message("t", "foreign");
  both.disconnect();
  auto resumed = connect(lasting("both"));
  resumed.publish({.payload = "own again", .qos = 1});
  other.expect_publish("t", "foreign");
  other.expect_publish("t", "own again");
  resumed.expect_silence();
}

TEST_F(Mqtt5Subscribe, WithoutNoLocalOnesOwnMessagesCome) {
  STATEMENT("MQTT5-3.8.3-3");
  auto both = subscriber("both", "t");
  both.publish({.payload = "own"});
  both.expect_publish("t", "own");
}

TEST_F(Mqtt5Subscribe, ReplacesTheSubscriptionOfTheSameFilter) {
  STATEMENT("MQTT5-3.8.4-3");
  auto listener = client("s");
  auto publisher = client("p");
  listener.subscribe("t", 0, subscription_identifier(1));
  listener.subscribe("t", 1, subscription_identifier(2));
  publisher.publish({.qos = 2});
  auto message = listener.receive_message("t", "m");
  EXPECT_EQ(message.qos(), 1U);
  EXPECT_EQ(message.subscription_identifiers(), numbers{2});
  listener.expect_silence(); // one copy
  listener.subscribe("t", 2);
  publisher.publish({.qos = 2});
  message = listener.receive_message("t", "m");
  EXPECT_EQ(message.qos(), 2U);
  EXPECT_EQ(message.subscription_identifiers(), numbers{});
  listener.expect_silence();
}

TEST_F(Mqtt5Subscribe, ReplacingLosesNoMessage) {
  STATEMENT("MQTT5-3.8.4-4");
  constexpr int rounds = 50;
  auto listener = subscriber("s", "t", 1);
  auto publisher = client("p");
  publisher.publish({.payload = "kept", .qos = 1, .retain = true});
  listener.receive_message("t", "kept");
  for (int i = 0; i < rounds; ++i) {
    publisher.send_publish({.payload = std::to_string(2 * i), .qos = 1});
    listener.send(subscribe_packet(v5, static_cast<std::uint16_t>(i + 2), {{"t", 1}}));
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

TEST_F(Mqtt5Subscribe, ManyFiltersAreHandledOneByOneWithOneAnswer) {
  STATEMENT("MQTT5-3.8.4-5", "MQTT5-3.8.4-6");
  auto listener = client("s");
  const auto suback = listener.try_subscribe({{"a/+", 1}, {"a/b", 2}, {"a/+", 0}, {"c", 1}});
  EXPECT_EQ(suback.reasons, (std::vector<unsigned>{1, 2, 0, 1}));
  auto publisher = client("p");
  publisher.publish({.topic = "a/x", .qos = 2});
  EXPECT_EQ(listener.receive_message("a/x", "m").qos(), 0U); // the last one of "a/+" counts
  publisher.publish({.topic = "c", .qos = 2});
  EXPECT_EQ(listener.receive_message("c", "m").qos(), 1U);
}

TEST_F(Mqtt5Subscribe, CodesComeInTheOrderOfTheFilters) {
  STATEMENT("MQTT5-3.9.3-1", "MQTT5-3.8.4-5", "MQTT5-3.8.4-7", "MQTT5-3.8.4-1");
  NEEDS_SETTINGS("shared_subscriptions_available=false");
  auto listener = client("s");
  const auto suback =
    listener.try_subscribe({{"a", 2}, {"$share/g/b", 1}, {"c", 0}, {"$share/g/d", 0}, {"e", 1}});
  EXPECT_EQ(suback.reasons, (std::vector<unsigned>{2, 0x9E, 0, 0x9E, 1}));
  client("p").publish({.topic = "e"});
  listener.expect_publish("e", "m");
}

TEST_F(Mqtt5Subscribe, EveryFilterHasACode) {
  STATEMENT("MQTT5-3.8.4-6", "MQTT5-3.9.3-1", "MQTT5-3.9.3-2");
  std::vector<subscription> subscriptions;
  std::vector<unsigned> wanted;
  for (unsigned i = 0; i < 100; ++i) {
    subscriptions.push_back({"t/" + std::to_string(i), i % 3});
    wanted.push_back(i % 3);
  }
  EXPECT_EQ(client("s").try_subscribe(subscriptions).reasons, wanted);
}

TEST_F(Mqtt5Subscribe, CodeIsTheGrantedQos) {
  STATEMENT("MQTT5-3.8.4-7");
  EXPECT_EQ(client("s").try_subscribe({{"a", 0}, {"b", 1}, {"c", 2}}).reasons,
    (std::vector<unsigned>{0, 1, 2}));
}

TEST_F(Mqtt5Subscribe, IdentifierIsFromOneToTheGreatestInteger) {
  STATEMENT("MQTT5-3.8.4-3");
  auto listener = client("s");
  auto publisher = client("p");
  for (const std::uint32_t id : {1U, 127U, 128U, 16383U, 16384U, 268435455U}) {
    listener.subscribe("t", 0, subscription_identifier(id));
    publisher.publish({});
    EXPECT_EQ(listener.expect_publish("t", "m").subscription_identifiers(), numbers{id});
  }
}

TEST_F(Mqtt5Subscribe, IdentifierZeroOrTwiceIsAProtocolError) {
  STATEMENT("MQTT5-4.13.1-1");
  each_closes(
    {subscribe_packet(v5, 1, {{}}, subscription_identifier(0)),
      subscribe_packet(v5, 1, {{}}, subscription_identifier(1) + subscription_identifier(2))},
    {0x82});
}

/// What a client gets for one message when two of its subscriptions match.
struct Mqtt5Overlap : ConformanceTest {
  std::vector<received_packet> copies_of(unsigned first_options, unsigned second_options) {
    auto listener = client("s");
    listener.subscribe("a/#", first_options, subscription_identifier(1));
    listener.subscribe("a/+", second_options, subscription_identifier(2));
    auto stranger = client("stranger");
    stranger.subscribe("a/b", 2, subscription_identifier(3));
    client("p").publish({.topic = "a/b", .qos = 2});
    std::vector<received_packet> copies{listener.receive_message("a/b", "m")};
    while (auto more = listener.receive_within(moment)) {
      listener.acknowledge(*more);
      copies.push_back(*more);
    }
    return copies;
  }
};

TEST_F(Mqtt5Overlap, HighestQosIsRespected) {
  STATEMENT("MQTT5-3.3.4-2");
  for (const auto& [first, second] : {std::pair{2U, 1U}, {1U, 2U}, {0U, 2U}}) {
    unsigned highest = 0;
    for (const auto& copy : copies_of(first, second))
      highest = std::max(highest, copy.qos());
    EXPECT_EQ(highest, 2U);
  }
}

TEST_F(Mqtt5Overlap, IdentifiersOfAllMatchingSubscriptionsCome) {
  STATEMENT("MQTT5-3.3.4-3", "MQTT5-3.3.4-4", "MQTT5-3.3.4-5");
  const auto copies = copies_of(2, 1);
  if (copies.size() == 1) {
    EXPECT_EQ(copies.front().subscription_identifiers(), (numbers{1, 2}));
    return;
  }
  ASSERT_EQ(copies.size(), 2U);
  numbers all;
  for (const auto& copy : copies) {
    ASSERT_EQ(copy.subscription_identifiers().size(), 1U);
    all.push_back(copy.subscription_identifiers().front());
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, (numbers{1, 2}));
}

} // namespace

} // namespace callboard::conformance
