#include "tests/conformance/mqtt3_fixture.hpp"

// UNSUBSCRIBE and UNSUBACK (MQTT 3.1.1, 3.10 and 3.11).

namespace callboard::conformance {

namespace {

using Mqtt311Unsubscribe = Mqtt311Test;

constexpr auto v4 = protocol_version::v3_1_1;

TEST_F(Mqtt311Unsubscribe, IsAnsweredWithItsIdentifier) {
  STATEMENT("MQTT311-2.3.1-7", "MQTT311-3.10.4-4");
  auto listener = subscriber("s", "t");
  listener.send(unsubscribe_packet(v4, 0x0C0D, {"t"}));
  listener.expect_octets("B0 02 0C0D"_hex);
}

TEST_F(Mqtt311Unsubscribe, IsAnsweredThoughNothingWasSubscribed) {
  STATEMENT("MQTT311-3.10.4-5", "E96");
  auto listener = client("s");
  listener.send(unsubscribe_packet(v4, 0xFFFF, {"t", "a/#"}));
  listener.expect_octets("B0 02 FFFF"_hex);
}

TEST_F(Mqtt311Unsubscribe, OtherFlagsEndTheConnection) {
  STATEMENT("MQTT311-3.10.1-1", "MQTT311-2.2.2-2", "E07");
  std::vector<bytes> faults;
  for (const unsigned first : {0xA0U, 0xA1U, 0xA3U, 0xA4U, 0xA6U, 0xAAU})
    faults.push_back(packet(first, "0001 0001 74"_hex));
  each_closes(faults);
}

TEST_F(Mqtt311Unsubscribe, IdentifierZeroEndsTheConnection) {
  STATEMENT("MQTT311-2.3.1-1", "E11");
  each_closes({unsubscribe_packet(v4, 0, {"t"})});
}

TEST_F(Mqtt311Unsubscribe, FilterIsAString) {
  STATEMENT("MQTT311-3.10.3-1", "MQTT311-1.5.3-1", "MQTT311-1.5.3-2", "E15", "E17");
  std::vector<bytes> faults;
  for (const auto& filter : {"C3 28"_hex, "ED A0 80"_hex, "61 00"_hex})
    faults.push_back(unsubscribe_packet(v4, 1, {filter}));
  each_closes(faults);
}

TEST_F(Mqtt311Unsubscribe, NeedsAFilter) {
  STATEMENT("MQTT311-3.10.3-2", "E83");
  each_closes({"A2 02 0001"_hex, "A2 00"_hex, "A2 05 0001 0009 74"_hex});
}

TEST_F(Mqtt311Unsubscribe, FilterIsNotEmpty) {
  STATEMENT("MQTT311-4.7.3-1", "E83");
  each_closes({"A2 04 0001 0000"_hex});
}

TEST_F(Mqtt311Unsubscribe, ComparesFiltersCharacterByCharacter) {
  STATEMENT("MQTT311-3.10.4-1");
  auto listener = subscriber("s", "a/#", 1);
  listener.unsubscribe({"a/b", "a/+", "A/#", "#", "a", "a/", "/a/#"});
  auto publisher = client("p");
  publisher.publish({.topic = "a/b", .qos = 1});
  listener.receive_message("a/b", "m");
  listener.unsubscribe({"a/#"});
  publisher.publish({.topic = "a/b", .qos = 1});
  listener.expect_silence();
}

TEST_F(Mqtt311Unsubscribe, LeavesTheOtherSubscriptions) {
  STATEMENT("MQTT311-3.10.4-1");
  auto listener = client("s");
  listener.try_subscribe({{"a/#", 0}, {"a/b", 1}});
  listener.unsubscribe({"a/#"});
  auto publisher = client("p");
  publisher.publish({.topic = "a/c", .qos = 1});
  publisher.publish({.topic = "a/b", .qos = 1});
  EXPECT_EQ(listener.receive_message("a/b", "m").qos(), 1U);
}

TEST_F(Mqtt311Unsubscribe, EndsTheStreamOfMessages) {
  STATEMENT("MQTT311-3.10.4-2");
  auto publisher = client("p");
  auto listener = client("s");
  for (int i = 0; i < 20; ++i) {
    listener.subscribe("t", 1);
    publisher.publish({.payload = "before", .qos = 1});
    listener.receive_message("t", "before");
    listener.unsubscribe({"t"});
    publisher.publish({.payload = "after", .qos = 1});
  }
  listener.expect_silence();
}

TEST_F(Mqtt311Unsubscribe, IsRememberedByTheSession) {
  STATEMENT("MQTT311-3.10.4-2");
  auto listener = connect(lasting("s"));
  listener.subscribe("t", 1);
  listener.unsubscribe({"t"});
  listener.disconnect();
  client("p").publish({.qos = 1});
  connect(lasting("s")).expect_silence();
}

TEST_F(Mqtt311Unsubscribe, FinishesDeliveriesThatHaveBegun) {
  STATEMENT("MQTT311-3.10.4-3", "E96");
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

TEST_F(Mqtt311Unsubscribe, ManyFiltersAreHandledOneByOneWithOneAnswer) {
  STATEMENT("MQTT311-3.10.4-6");
  auto listener = client("s");
  listener.try_subscribe({{"b", 1}, {"d", 1}, {"f", 1}});
  listener.send(unsubscribe_packet(v4, 9, {"a", "b", "c", "b", "d"}));
  listener.expect_octets("B0 02 0009"_hex);
  listener.expect_silence(); // one UNSUBACK
  auto publisher = client("p");
  for (const auto* topic : {"b", "d", "f"})
    publisher.publish({.topic = topic, .qos = 1});
  listener.receive_message("f", "m");
}

} // namespace

} // namespace callboard::conformance
