#include "tests/conformance/conformance_test.hpp"

// The client's Maximum Packet Size and its wish for no problem information (MQTT
// 5.0, 3.1.2.11.4 and .7). Reason strings are optional for servers, and Callboard's to
// clients that have the room and the wish: else tests of their absence prove nothing.

namespace callboard::conformance {

namespace {

/// So small that an acknowledgement with a sentence in it does not fit, and large
/// enough for a CONNACK.
constexpr std::uint32_t small = 40;

class Mqtt5PacketSize : public ConformanceTest {
protected:
  /// A client that takes no packet above `small` octets.
  wire_client small_client(const std::string& id) {
    return connect({.client_id = id, .properties = maximum_packet_size(small)});
  }
};

void expect_fits(const received_packet& packet) {
  EXPECT_LE(packet.raw.size(), small) << show(packet.raw);
}

/// The packets that tell of a refusal or of something unexpected, with their codes,
/// where at most two levels and no shared subscriptions are allowed.
struct explained {
  bytes request;
  packet_type answer;
  unsigned code;
};

const std::vector<explained>& all_explained() {
  const auto refused = [](unsigned qos) {
    return publish_packet(protocol_version::v5,
      {.topic = "a/b/c", .qos = qos, .packet_id = static_cast<std::uint16_t>(10 + qos)});
  };
  static const std::vector<explained> all{
    {acknowledgement(packet_type::pubrec, 7), packet_type::pubrel, 0x92},
    {acknowledgement(packet_type::pubrel, 8), packet_type::pubcomp, 0x92},
    {subscribe_packet(protocol_version::v5, 9, {{"u", 0}, {"$share/g/t", 0}}), packet_type::suback,
      0x9E},
    {unsubscribe_packet(protocol_version::v5, 10, {"never subscribed"}), packet_type::unsuback,
      0x11},
    {refused(1), packet_type::puback, 0x90}, {refused(2), packet_type::pubrec, 0x90}};
  return all;
}

/// The code of an acknowledgement, or the last one of a list.
unsigned code_of(const received_packet& packet) {
  return packet.reasons.empty() ? packet.reason : packet.reasons.back();
}

TEST_F(Mqtt5PacketSize, LargerMessagesAreDroppedAsIfDelivered) {
  STATEMENT("MQTT5-3.1.2-24", "MQTT5-3.1.2-25");
  auto limited =
    connect({.client_id = "small", .properties = maximum_packet_size(small) + receive_maximum(1)});
  limited.subscribe("t", 2);
  auto large = subscriber("large", "t", 2);
  auto publisher = client("p");
  const bytes big(100, 'x');
  for (const unsigned qos : {0U, 1U, 2U}) {
    publisher.publish({.payload = big, .qos = qos});
    large.receive_message("t", big);
    publisher.publish({.payload = "small", .qos = qos});
    large.receive_message("t", "small");
    expect_fits(limited.receive_message("t", "small")); // the quota of 1 was not used up
  }
  limited.expect_silence();
}

TEST_F(Mqtt5PacketSize, LimitIsExact) {
  STATEMENT("MQTT5-3.1.2-24");
  auto limited = small_client("small");
  limited.subscribe("t");
  auto publisher = client("p");
  constexpr std::size_t fits = small - 2 - 3 - 1; // header, topic, properties
  publisher.publish({.payload = bytes(fits + 1, 'x')});
  publisher.publish({.payload = bytes(fits, 'y')});
  EXPECT_EQ(limited.expect_publish("t", bytes(fits, 'y')).raw.size(), small);
}

TEST_F(Mqtt5PacketSize, PropertiesCountToo) {
  STATEMENT("MQTT5-3.1.2-24", "MQTT5-3.1.2-25");
  auto limited = small_client("small");
  limited.subscribe("t", 1);
  auto publisher = client("p");
  publisher.publish({.qos = 1, .properties = user_property("key", std::string(50, 'v'))});
  publisher.publish({.payload = "plain", .qos = 1});
  limited.receive_message("t", "plain");
}

TEST_F(Mqtt5PacketSize, QueuedAndRetainedMessagesAreHeldToIt) {
  STATEMENT("MQTT5-3.1.2-24", "MQTT5-3.1.2-25");
  auto asleep = connect(lasting("s"));
  asleep.subscribe("t", 1);
  asleep.disconnect();
  auto publisher = client("p");
  const bytes big(100, 'x');
  publisher.publish({.payload = big, .qos = 1, .retain = true});
  publisher.publish({.payload = "small", .qos = 1});
  auto options = lasting("s");
  options.properties += maximum_packet_size(small);
  auto awake = connect(options);
  awake.receive_message("t", "small");
  awake.subscribe("t", 1);
  awake.expect_silence();
}

TEST_F(Mqtt5PacketSize, PubackFits) {
  STATEMENT("MQTT5-3.4.2-2", "MQTT5-3.4.2-3", "MQTT5-3.1.2-24");
  auto limited = small_client("c");
  limited.send_publish({.topic = "nobody/hears/this", .qos = 1, .packet_id = 7});
  expect_fits(limited.expect(packet_type::puback));
}

TEST_F(Mqtt5PacketSize, PubackOfARefusalFits) {
  STATEMENT("MQTT5-3.4.2-2", "MQTT5-3.4.2-3", "MQTT5-3.1.2-24");
  NEEDS_SETTINGS("topic_maximum_levels=2");
  auto limited = small_client("c");
  for (const unsigned qos : {1U, 2U}) {
    limited.send_publish({.topic = "a/b/c", .qos = qos, .packet_id = 7});
    const auto answer = limited.expect(qos == 1 ? packet_type::puback : packet_type::pubrec);
    EXPECT_EQ(answer.reason, 0x90U);
    expect_fits(answer);
  }
}

TEST_F(Mqtt5PacketSize, PubrecFits) {
  STATEMENT("MQTT5-3.5.2-2", "MQTT5-3.5.2-3", "MQTT5-3.1.2-24");
  auto limited = small_client("c");
  limited.send_publish({.topic = "nobody/hears/this", .qos = 2, .packet_id = 7});
  expect_fits(limited.expect(packet_type::pubrec));
}

TEST_F(Mqtt5PacketSize, PubrelOfAnUnknownIdentifierFits) {
  STATEMENT("MQTT5-3.6.2-2", "MQTT5-3.6.2-3", "MQTT5-3.1.2-24");
  auto limited = small_client("c");
  limited.send(acknowledgement(packet_type::pubrec, 7));
  expect_fits(limited.expect(packet_type::pubrel));
}

TEST_F(Mqtt5PacketSize, PubcompOfAnUnknownIdentifierFits) {
  STATEMENT("MQTT5-3.7.2-2", "MQTT5-3.7.2-3", "MQTT5-3.1.2-24");
  auto limited = small_client("c");
  limited.send(acknowledgement(packet_type::pubrel, 7));
  expect_fits(limited.expect(packet_type::pubcomp));
}

TEST_F(Mqtt5PacketSize, SubackOfARefusalFits) {
  STATEMENT("MQTT5-3.9.2-1", "MQTT5-3.9.2-2", "MQTT5-3.1.2-24");
  NEEDS_SETTINGS("shared_subscriptions_available=false");
  auto limited = small_client("c");
  const auto suback = limited.try_subscribe({{"$share/g/t", 0}});
  EXPECT_EQ(suback.reasons, std::vector<unsigned>{0x9E});
  expect_fits(suback);
}

TEST_F(Mqtt5PacketSize, UnsubackFits) {
  STATEMENT("MQTT5-3.11.2-1", "MQTT5-3.11.2-2", "MQTT5-3.1.2-24");
  auto limited = small_client("c");
  const auto unsuback = limited.unsubscribe({"never subscribed"});
  EXPECT_EQ(unsuback.reasons, std::vector<unsigned>{0x11});
  expect_fits(unsuback);
}

TEST_F(Mqtt5PacketSize, AnswersSayWhyWhereTheyMayAndTheyFit) {
  STATEMENT("MQTT5-3.4.2-2", "MQTT5-3.5.2-2", "MQTT5-3.6.2-2", "MQTT5-3.7.2-2", "MQTT5-3.9.2-1",
    "MQTT5-3.11.2-1", "MQTT5-3.1.2-29");
  NEEDS_SETTINGS("shared_subscriptions_available=false", "topic_maximum_levels=2");
  auto asking = connect({.client_id = "c", .properties = request_problem_information(1)});
  auto silent = client("default is 1");
  auto roomy = connect({.client_id = "roomy", .properties = maximum_packet_size(200)});
  for (auto* each : {&asking, &silent, &roomy}) {
    for (const auto& [request, type, code] : all_explained()) {
      each->send(request);
      const auto answer = each->expect(type);
      EXPECT_EQ(code_of(answer), code) << name_of(type);
      EXPECT_NE(answer.text(property_id::reason_string).value_or(""), "") << name_of(type);
    }
  }
}

TEST_F(Mqtt5PacketSize, ReasonOfARefusedFilterNamesIt) {
  STATEMENT("MQTT5-3.9.2-1", "MQTT5-3.11.2-1");
  NEEDS_SETTINGS("shared_subscriptions_available=false");
  auto any = client("c");
  const auto suback = any.try_subscribe({{"good", 0}, {"a/#/b", 0}, {"$share/g/t", 0}});
  const auto why = suback.text(property_id::reason_string).value_or("");
  EXPECT_TRUE(why.starts_with("a/#/b: ")) << why;
  const auto unsuback = any.unsubscribe({"good", "never", "nor this"});
  const auto why_not = unsuback.text(property_id::reason_string).value_or("");
  EXPECT_TRUE(why_not.starts_with("never: ")) << why_not;
  EXPECT_FALSE(any.try_subscribe({{"good", 0}}).has(property_id::reason_string));
  // The longest of filters is not repeated: the string would not hold it.
  const auto longest = any.unsubscribe({repeat("x", 65'535)});
  EXPECT_LT(longest.text(property_id::reason_string).value_or("").size(), 300U);
}

TEST_F(Mqtt5PacketSize, ReasonOfAnAuthSaysWhatToDo) {
  STATEMENT("MQTT5-4.12.0-7");
  NEEDS_OWN_BROKER();
  auto any = client("c");
  any.send("F0 00"_hex);
  const auto disconnect = any.expect_disconnect(0x82);
  const auto why = disconnect.text(property_id::reason_string).value_or("");
  EXPECT_NE(why.find("without an authentication method in CONNECT"), bytes::npos) << why;
}

TEST_F(Mqtt5PacketSize, DisconnectFits) {
  STATEMENT("MQTT5-3.14.2-3", "MQTT5-3.14.2-4", "MQTT5-3.1.2-24");
  auto limited = small_client("c");
  limited.send_publish({.topic = "a/#"});
  const auto packet = limited.expect_closed({0x81, 0x82, 0x90});
  if (packet)
    expect_fits(*packet);
}

TEST_F(Mqtt5PacketSize, ProblemInformationComesOnlyWhereItMay) {
  STATEMENT("MQTT5-3.1.2-29");
  if (!is_foreign())
    set({"shared_subscriptions_available=false", "topic_maximum_levels=2"});
  auto quiet = connect({.client_id = "c", .properties = request_problem_information(0)});
  for (const auto& [request, type, code] : all_explained()) {
    quiet.send(request);
    const auto answer = quiet.expect(type);
    EXPECT_TRUE(is_foreign() || code_of(answer) == code) << name_of(type);
    EXPECT_FALSE(answer.has(property_id::reason_string)) << name_of(type);
    EXPECT_FALSE(answer.has(property_id::user_property)) << name_of(type);
  }
}

TEST_F(Mqtt5PacketSize, MessagesKeepTheirUserPropertiesWithoutProblemInformation) {
  STATEMENT("MQTT5-3.1.2-29");
  auto quiet = connect({.client_id = "c", .properties = request_problem_information(0)});
  quiet.subscribe("t");
  client("p").publish({.properties = user_property("k", "v")});
  EXPECT_EQ(
    quiet.expect_publish("t", "m").user_properties(), (std::vector<string_pair>{{"k", "v"}}));
}

} // namespace

} // namespace callboard::conformance
