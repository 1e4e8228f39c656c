#include "tests/conformance/edge_test.hpp"

// UTF-8 and strings: which octets a string may hold, wherever it stands, and that
// the server changes none of them.

namespace callboard::conformance {

namespace {

using EdgeUtf8 = EdgeTest;

/// CONNECTs that hold `text` as a string, a different one in each.
std::vector<bytes> connects_with(protocol_version version, const std::string& text) {
  return {connect_packet(version, {.client_id = text}),
    connect_packet(version, {.will = will_options{.topic = text}}),
    connect_packet(version, {.user_name = text})};
}

/// The same for properties, which version 5.0 has.
std::vector<bytes> connects_with_property(const std::string& text) {
  std::vector<bytes> all{connect_packet(v5, {.properties = user_property(text, "value")}),
    connect_packet(v5, {.properties = user_property("key", text)}),
    connect_packet(v5, {.properties = authentication_method(text)})};
  for (const auto& property : {content_type(text), response_topic(text),
         user_property(text, "value"), user_property("key", text)})
    all.push_back(connect_packet(v5, {.will = will_options{.properties = property}}));
  return all;
}

/// Packets that hold `text` as a topic name or topic filter.
std::vector<bytes> packets_with(protocol_version version, const std::string& text) {
  return {publish_packet(version, {.topic = text}),
    publish_packet(version, {.topic = text, .qos = 1, .packet_id = 1}),
    subscribe_packet(version, 1, {{text, 0}}), subscribe_packet(version, 1, {{"t", 0}, {text, 0}}),
    unsubscribe_packet(version, 1, {text})};
}

/// Packets of version 5.0 that hold `text` in a property.
std::vector<bytes> packets_with_property(const std::string& text) {
  std::vector<bytes> all;
  for (const auto& property : {user_property(text, "value"), user_property("key", text)}) {
    all.push_back(publish_packet(v5, {.properties = property}));
    all.push_back(subscribe_packet(v5, 1, {{}}, property));
    all.push_back(unsubscribe_packet(v5, 1, {"t"}, property));
    all.push_back(disconnect_packet(4, property));
  }
  for (const auto& property : {content_type(text), response_topic(text)})
    all.push_back(publish_packet(v5, {.properties = property}));
  const auto why = reason_string(text);
  const auto size = variable(static_cast<std::uint32_t>(why.size()));
  for (const unsigned first : {0x40U, 0x50U, 0x62U, 0x70U})
    all.push_back(packet(first, "0001 00"_hex + size + why));
  all.push_back(disconnect_packet(4, why));
  return all;
}

const std::vector<bytes>& surrogates() {
  static const std::vector<bytes> all{"ED A0 80"_hex, "ED BF BF"_hex, "61 ED AF BF 62"_hex,
    "ED A0 BD ED B8 80"_hex}; // the last one is a pair, as CESU-8 has it
  return all;
}

const std::vector<bytes>& ill_formed() {
  static const std::vector<bytes> all{"C0 80"_hex, "C0 AF"_hex, "C1 BF"_hex, "E0 80 AF"_hex,
    "E0 9F BF"_hex, "F0 80 80 80"_hex, "F0 8F BF BF"_hex, "F4 90 80 80"_hex, "F5 80 80 80"_hex,
    "F8 88 80 80 80"_hex, "FE"_hex, "FF"_hex, "80"_hex, "61 BF"_hex, "C3"_hex, "E2 82"_hex,
    "F0 9F 98"_hex, "C3 28"_hex, "E2 28 A1"_hex, "F0 28 8C BC"_hex, "E2 82 28"_hex};
  return all;
}

/// Characters of two, three and four octets: e acute, the euro, a face.
const std::vector<bytes>& well_formed() {
  static const std::vector<bytes> all{"C3 A9"_hex, "E2 82 AC"_hex, "F0 9F 98 80"_hex, "C2 80"_hex,
    "DF BF"_hex, "E0 A0 80"_hex, "ED 9F BF"_hex, "EE 80 80"_hex, "F0 90 80 80"_hex,
    "F4 8F BF BD"_hex};
  return all;
}

const bytes byte_order_mark = "EF BB BF"_hex;

TEST_F(EdgeUtf8, SurrogatesAreRefusedInEveryString) {
  STATEMENT("E15", "E22");
  for (const auto& text : surrogates()) {
    each_is_refused(v5, connects_with(v5, text), {0x81});
    each_is_refused(v5, connects_with_property(text), {0x81});
    each_ends(v5, packets_with(v5, text), {0x81});
    each_ends(v5, packets_with_property(text), {0x81});
    each_is_refused(v3_1_1, connects_with(v3_1_1, text));
    each_ends(v3_1_1, packets_with(v3_1_1, text));
  }
}

TEST_F(EdgeUtf8, NullIsRefusedInEveryString) {
  STATEMENT("E16", "E22");
  for (const auto& text : {"00"_hex, "61 00 62"_hex, "61 62 63 64 65 66 67 68 69 00"_hex}) {
    each_is_refused(v5, connects_with(v5, text), {0x81});
    each_is_refused(v5, connects_with_property(text), {0x81});
    each_ends(v5, packets_with(v5, text), {0x81});
    each_ends(v5, packets_with_property(text), {0x81});
    each_is_refused(v3_1_1, connects_with(v3_1_1, text));
    each_ends(v3_1_1, packets_with(v3_1_1, text));
  }
}

TEST_F(EdgeUtf8, NullIsAllowedInBinaryFields) {
  STATEMENT("E16");
  const auto binary = "00 ED A0 80 FF 00"_hex;
  auto watcher = subscriber("watcher", "will");
  for (const auto version : {v3_1_1, v5}) {
    auto talker = connect(version, {.client_id = "talker",
                                     .will = will_options{.payload = binary},
                                     .user_name = "user",
                                     .password = binary});
    talker.cut();
    watcher.expect_publish("will", binary);
  }
  client("p").publish({.topic = "will", .payload = binary, .properties = correlation_data(binary)});
  EXPECT_EQ(watcher.expect_publish("will", binary).text(property_id::correlation_data), binary);
}

TEST_F(EdgeUtf8, OverlongAndOutOfRangeFormsAreRefused) {
  STATEMENT("E17");
  for (const auto& text : ill_formed()) {
    each_is_refused(v5, connects_with(v5, text), {0x81});
    each_ends(v5, packets_with(v5, text), {0x81});
    each_is_refused(v3_1_1, connects_with(v3_1_1, text));
    each_ends(v3_1_1, packets_with(v3_1_1, text));
  }
}

TEST_F(EdgeUtf8, IllFormedStringsInPropertiesAreRefused) {
  STATEMENT("E17", "E22");
  for (const auto& text : ill_formed()) {
    each_is_refused(v5, connects_with_property(text), {0x81});
    each_ends(v5, packets_with_property(text), {0x81});
  }
}

TEST_F(EdgeUtf8, IllFormedCharactersAreFoundAtEveryPosition) {
  STATEMENT("E17"); // fast checks look at 8, 16 or 32 octets at a time
  for (std::size_t position = 0; position <= 33; ++position)
    for (const auto* fault : {"\xC0\xAF", "\xED\xA0\x80", "\xFF"})
      each_ends(v5,
        {publish_packet(v5, {.topic = repeat("x", position) + fault}),
          publish_packet(v5, {.topic = repeat("x", position) + fault + repeat("y", 33)})},
        {0x81});
}

TEST_F(EdgeUtf8, WellFormedCharactersPassAtEveryPosition) {
  STATEMENT("E17");
  auto watcher = subscriber("watcher", "#");
  auto publisher = client("p");
  for (std::size_t position = 0; position <= 33; ++position) {
    for (const auto& character : well_formed()) {
      for (const std::size_t behind : {0U, 1U, 20U}) {
        const auto topic = repeat("x", position) + character + repeat("y", behind);
        publisher.publish({.topic = topic});
        watcher.expect_publish(topic, "m");
      }
    }
  }
}

TEST_F(EdgeUtf8, ControlAndNonCharactersPassUnchangedOrAreRefused) {
  STATEMENT("E18");
  auto watcher = subscriber("watcher", "#");
  for (const auto& odd : {"61 01"_hex, "1F"_hex, "7F"_hex, "C2 85"_hex, "C2 9F"_hex, "EF B7 90"_hex,
         "EF BF BE"_hex, "EF BF BF"_hex, "F0 9F BF BF"_hex, "F4 8F BF BF"_hex}) {
    auto publisher = client("p");
    publisher.send_publish({.topic = odd});
    const auto message = watcher.receive_within(is_foreign() ? moment : patience);
    EXPECT_TRUE(message || is_foreign()) << "such characters are let through here";
    if (message)
      EXPECT_EQ(message->topic, odd);
    else
      publisher.expect_closed({0x81, 0x90});
  }
}

TEST_F(EdgeUtf8, ByteOrderMarkIsACharacter) {
  STATEMENT("E19");
  for (const auto version : {v3_1_1, v5}) {
    auto with_mark = subscriber_of(version, "with", byte_order_mark + "a");
    auto without = subscriber_of(version, "without", "a");
    auto publisher = client_of(version, "p");
    publisher.publish({.topic = byte_order_mark + "a", .payload = byte_order_mark});
    with_mark.expect_publish(byte_order_mark + "a", byte_order_mark);
    publisher.publish({.topic = "a"});
    without.expect_publish("a", "m");
    with_mark.expect_silence();
    without.expect_silence();
  }
}

TEST_F(EdgeUtf8, ByteOrderMarkDistinguishesClients) {
  STATEMENT("E19");
  auto without = client("a");
  auto with_mark = client(byte_order_mark + "a");
  without.ping();
  with_mark.ping();
}

TEST_F(EdgeUtf8, NothingIsNormalised) {
  STATEMENT("E20");
  const std::vector<std::string> topics{"C3 A9"_hex, "65 CC 81"_hex, "E", "e", "/e", "e/", "//e",
    "e//", "/", "//", " e", "e ", "EF BD 85"_hex /* full width */};
  std::vector<wire_client> watchers;
  for (const auto& topic : topics)
    watchers.push_back(subscriber("to " + topic, topic, 1));
  auto publisher = client("p");
  for (const auto& topic : topics)
    publisher.publish({.topic = topic, .payload = topic, .qos = 1});
  for (std::size_t i = 0; i < topics.size(); ++i) {
    watchers[i].receive_message(topics[i], topics[i]);
    watchers[i].expect_silence(milliseconds{30});
  }
}

TEST_F(EdgeUtf8, ClientIdentifiersAreNotNormalised) {
  STATEMENT("E20");
  std::vector<wire_client> clients;
  for (const auto& id : {"C3 A9"_hex, "65 CC 81"_hex, bytes{"E"}, bytes{"e"}, bytes{" e"}})
    clients.push_back(client(id));
  for (auto& each : clients)
    each.ping();
}

TEST_F(EdgeUtf8, LongestTopicIsDelivered) {
  STATEMENT("E21");
  const auto longest = repeat("x", 65'535);
  for (const auto version : {v3_1_1, v5}) {
    auto watcher = subscriber_of(version, "watcher", longest, 1);
    client_of(version, "p").publish({.topic = longest, .qos = 1});
    watcher.receive_message(longest, "m");
    EXPECT_EQ(watcher.unsubscribe({longest}).type, packet_type::unsuback);
  }
}

TEST_F(EdgeUtf8, TopicOfManyLevelsIsDelivered) {
  STATEMENT("E21");
  NEEDS_OWN_BROKER(); // others may have a limit, which is theirs to choose
  const auto deepest = repeat("/", 65'535);
  auto exact = subscriber("exact", deepest, 1);
  auto all = subscriber("all", "#", 1);
  auto plus = subscriber("plus", repeat("+/", 32'767) + "#", 1);
  client("p").publish({.topic = deepest, .qos = 1, .retain = true});
  exact.receive_message(deepest, "m");
  all.receive_message(deepest, "m");
  plus.receive_message(deepest, "m");
  subscriber("late", repeat("+/", 32'767) + "#", 1).receive_message(deepest, "m");
  subscriber("later", "#", 1).receive_message(deepest, "m");
  client("p").publish({.topic = deepest, .payload = "", .qos = 1, .retain = true});
}

TEST_F(EdgeUtf8, LevelsBeyondALimitAreRefused) {
  STATEMENT("E21");
  NEEDS_SETTINGS("topic_maximum_levels=3");
  auto watcher = subscriber("watcher", "#", 1);
  auto publisher = client("p");
  publisher.publish({.topic = "a/b/c", .qos = 1});
  watcher.receive_message("a/b/c", "m");
  const auto suback = publisher.try_subscribe({{"a/b/c/d", 1}, {"a/b/c", 1}});
  EXPECT_EQ(suback.reasons, (std::vector<unsigned>{0x8F, 1}));
  publisher.send_publish({.topic = "a/b/c/d", .qos = 1});
  const auto answer = publisher.receive(); // PUBACK or DISCONNECT
  EXPECT_EQ(answer.reason, 0x90U);
  watcher.expect_silence();
}

} // namespace

} // namespace callboard::conformance
