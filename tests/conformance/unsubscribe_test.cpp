#include "tests/conformance/conformance_test.hpp"

// UNSUBSCRIBE and UNSUBACK (MQTT 5.0, 3.10 and 3.11).

namespace callboard::conformance {

namespace {

using Mqtt5Unsubscribe = ConformanceTest;

constexpr auto v5 = protocol_version::v5;

using codes = std::vector<unsigned>;

TEST_F(Mqtt5Unsubscribe, IsAnsweredWithItsIdentifier) {
  STATEMENT("MQTT5-2.2.1-6", "MQTT5-3.10.4-4", "MQTT5-3.10.4-5");
  auto listener = subscriber("s", "t");
  listener.send(unsubscribe_packet(v5, 0x0C0D, {"t"}));
  listener.expect_octets("B0 04 0C0D 00 00"_hex);
  listener.send(unsubscribe_packet(v5, 0xFFFF, {"t"}));
  const auto unsuback = listener.expect(packet_type::unsuback);
  EXPECT_EQ(unsuback.packet_id, 0xFFFFU);
  EXPECT_EQ(unsuback.reasons, codes{0x11});
}

TEST_F(Mqtt5Unsubscribe, OtherFlagsAreMalformed) {
  STATEMENT("MQTT5-3.10.1-1");
  std::vector<bytes> faults;
  for (const unsigned first : {0xA0U, 0xA1U, 0xA3U, 0xA4U, 0xA6U, 0xAAU})
    faults.push_back(packet(first, "0001 00 0001 74"_hex));
  each_closes(faults, {0x81});
}

TEST_F(Mqtt5Unsubscribe, NeedsAFilter) {
  STATEMENT("MQTT5-3.10.3-2");
  each_closes({"A2 03 0001 00"_hex}, {0x82});
}

TEST_F(Mqtt5Unsubscribe, ComparesFiltersCharacterByCharacter) {
  STATEMENT("MQTT5-3.10.4-1");
  auto listener = client("s");
  listener.try_subscribe({{"a/#", 0}, {"t", 0}});
  EXPECT_EQ(listener.unsubscribe({"a/b"}).reasons, codes{0x11});
  EXPECT_EQ(listener.unsubscribe({"a/+"}).reasons, codes{0x11});
  EXPECT_EQ(listener.unsubscribe({"A/#"}).reasons, codes{0x11});
  EXPECT_EQ(listener.unsubscribe({"#"}).reasons, codes{0x11});
  auto publisher = client("p");
  publisher.publish({.topic = "a/b"});
  listener.expect_publish("a/b", "m");
  EXPECT_EQ(listener.unsubscribe({"a/#"}).reasons, codes{0});
  publisher.publish({.topic = "a/b"});
  listener.expect_silence();
}

TEST_F(Mqtt5Unsubscribe, SharedSubscriptionsAreOthersThanPlainOnes) {
  STATEMENT("MQTT5-3.10.4-1");
  auto listener = client("s");
  listener.subscribe("$share/g/t");
  EXPECT_EQ(listener.unsubscribe({"t"}).reasons, codes{0x11});
  EXPECT_EQ(listener.unsubscribe({"$share/h/t"}).reasons, codes{0x11});
  client("p").publish({});
  listener.expect_publish("t", "m");
  EXPECT_EQ(listener.unsubscribe({"$share/g/t"}).reasons, codes{0});
  client("p").publish({});
  listener.expect_silence();
}

TEST_F(Mqtt5Unsubscribe, EndsTheStreamOfMessages) {
  STATEMENT("MQTT5-3.10.4-2");
  auto listener = subscriber("s", "t", 1);
  auto publisher = client("p");
  publisher.publish({.payload = "before", .qos = 1});
  listener.receive_message("t", "before");
  listener.unsubscribe({"t"});
  publisher.publish({.payload = "after", .qos = 1});
  listener.expect_silence();
}

TEST_F(Mqtt5Unsubscribe, FinishesDeliveriesThatHaveBegun) {
  STATEMENT("MQTT5-3.10.4-3");
  auto listener = connect(lasting("s"));
  listener.subscribe("t", 2);
  auto publisher = client("p");
  publisher.publish({.payload = "one", .qos = 2});
  publisher.publish({.payload = "two", .qos = 1});
  const auto one = listener.expect_publish("t", "one");
  const auto two = listener.expect_publish("t", "two");
  listener.unsubscribe({"t"});
  listener.acknowledge(one); // PUBREC, PUBREL, PUBCOMP
  listener.ping();
  listener.cut();
  auto again = connect(lasting("s"));
  const auto repeat = again.receive_message("t", "two");
  EXPECT_EQ(repeat.packet_id, two.packet_id);
  EXPECT_TRUE(repeat.dup());
  again.expect_silence();
}

TEST_F(Mqtt5Unsubscribe, ManyFiltersAreHandledOneByOneWithOneAnswer) {
  STATEMENT("MQTT5-3.10.4-6", "MQTT5-3.11.3-1", "MQTT5-3.11.3-2");
  auto listener = client("s");
  listener.try_subscribe({{"b", 0}, {"d", 0}});
  EXPECT_EQ(
    listener.unsubscribe({"a", "b", "c", "b", "d"}).reasons, (codes{0x11, 0, 0x11, 0x11, 0}));
}

} // namespace

} // namespace callboard::conformance
