#include "tests/conformance/conformance_test.hpp"

// Every string of every packet is checked (MQTT 5.0, 1.5.4 and 1.5.7). Those of
// CONNECT are in connect_test.cpp.

namespace callboard::conformance {

namespace {

constexpr auto v5 = protocol_version::v5;

/// What is no UTF-8: surrogates, forms that are too long, beyond U+10FFFF, octets
/// that begin nothing, sequences that are cut off.
const std::vector<bytes>& ill_formed() {
  static const std::vector<bytes> all{"ED A0 80"_hex, "ED BF BF"_hex, "61 ED AF BF 62"_hex,
    "C0 80"_hex, "C0 AF"_hex, "C1 BF"_hex, "E0 80 AF"_hex, "E0 9F BF"_hex, "F0 80 80 80"_hex,
    "F0 8F BF BF"_hex, "F4 90 80 80"_hex, "F5 80 80 80"_hex, "FE"_hex, "FF"_hex, "80"_hex,
    "61 BF"_hex, "E2 82"_hex, "F0 9F 98"_hex, "C3"_hex, "C3 28"_hex, "E2 28 A1"_hex};
  return all;
}

/// U+0000 at the beginning, in the midst and at the end.
const std::vector<bytes>& with_null() {
  static const std::vector<bytes> all{"00"_hex, "61 00 62"_hex, "61 00"_hex};
  return all;
}

class Mqtt5Utf8 : public ConformanceTest {
protected:
  /// Each of these strings, built into a packet, ends the connection.
  template <class Build>
  void each_string_closes(const std::vector<bytes>& strings, Build build) {
    std::vector<bytes> faults;
    for (const auto& text : strings)
      faults.push_back(build(text));
    each_closes(faults, {0x81});
  }
};

bytes publish_to(const bytes& topic) {
  return publish_packet(v5, {.topic = topic});
}

bytes publish_with(const bytes& properties) {
  return publish_packet(v5, {.properties = properties});
}

TEST_F(Mqtt5Utf8, IllFormedTopicIsMalformed) {
  STATEMENT("MQTT5-1.5.4-1", "MQTT5-3.3.2-1");
  each_string_closes(ill_formed(), publish_to);
}

TEST_F(Mqtt5Utf8, NullInATopicIsMalformed) {
  STATEMENT("MQTT5-1.5.4-2", "MQTT5-4.7.3-2");
  each_string_closes(with_null(), publish_to);
}

TEST_F(Mqtt5Utf8, FilterIsAString) {
  STATEMENT("MQTT5-3.8.3-1", "MQTT5-1.5.4-1", "MQTT5-1.5.4-2", "MQTT5-4.7.3-2");
  const auto subscribe = [](const bytes& filter) { return subscribe_packet(v5, 1, {{filter, 0}}); };
  each_string_closes(ill_formed(), subscribe);
  each_string_closes(with_null(), subscribe);
}

TEST_F(Mqtt5Utf8, FilterToUnsubscribeIsAString) {
  STATEMENT("MQTT5-3.10.3-1", "MQTT5-1.5.4-1", "MQTT5-1.5.4-2", "MQTT5-4.7.3-2");
  const auto unsubscribe = [](const bytes& filter) { return unsubscribe_packet(v5, 1, {filter}); };
  each_string_closes(ill_formed(), unsubscribe);
  each_string_closes(with_null(), unsubscribe);
}

TEST_F(Mqtt5Utf8, ResponseTopicIsAString) {
  STATEMENT("MQTT5-3.3.2-13");
  const auto build = [](const bytes& text) { return publish_with(response_topic(text)); };
  each_string_closes(ill_formed(), build);
  each_string_closes(with_null(), build);
}

TEST_F(Mqtt5Utf8, ContentTypeIsAString) {
  STATEMENT("MQTT5-3.3.2-19", "MQTT5-1.5.4-2");
  const auto build = [](const bytes& text) { return publish_with(content_type(text)); };
  each_string_closes(ill_formed(), build);
  each_string_closes(with_null(), build);
}

TEST_F(Mqtt5Utf8, KeyAndValueOfAPairAreStrings) {
  STATEMENT("MQTT5-1.5.7-1", "MQTT5-1.5.4-2");
  for (const auto& strings : {ill_formed(), with_null()}) {
    each_string_closes(
      strings, [](const bytes& text) { return publish_with(user_property(text, "v")); });
    each_string_closes(
      strings, [](const bytes& text) { return publish_with(user_property("k", text)); });
  }
}

TEST_F(Mqtt5Utf8, PairsOfOtherPacketsAreChecked) {
  STATEMENT("MQTT5-1.5.7-1");
  const auto bad = user_property("ED A0 80"_hex, "v");
  each_closes({subscribe_packet(v5, 1, {{}}, bad), unsubscribe_packet(v5, 1, {"t"}, bad),
                disconnect_packet(0, bad), disconnect_packet(0, reason_string("C3 28"_hex))},
    {0x81});
}

TEST_F(Mqtt5Utf8, WellFormedStringsArePassedOnUnchanged) {
  STATEMENT("MQTT5-1.5.4-1", "MQTT5-1.5.4-3");
  auto listener = subscriber("s", "#");
  auto publisher = client("p");
  for (const auto& text : {"C2 A2"_hex, "E2 82 AC"_hex, "F0 9F 98 80"_hex, "F4 8F BF BD"_hex,
         "ED 9F BF"_hex, "EE 80 80"_hex, "EF BB BF 61"_hex, "61 EF BB BF"_hex}) {
    publisher.publish({.topic = text, .properties = user_property(text, text)});
    EXPECT_EQ(listener.expect_publish(text, "m").user_properties(),
      (std::vector<string_pair>{{text, text}}));
  }
}

} // namespace

} // namespace callboard::conformance
