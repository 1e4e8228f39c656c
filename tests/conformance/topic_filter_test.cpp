#include "tests/conformance/conformance_test.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

// Which topics a filter matches, and which filters are none (MQTT 5.0, 4.7). Each
// case is seen with live messages and with retained ones.

namespace callboard::conformance {

namespace {

using strings = std::vector<std::string>;

class Mqtt5TopicFilter : public ConformanceTest {
protected:
  /// Whether a message to `topic` reaches a subscriber of `filter`, live and
  /// retained; both must agree.
  void expect_match(const std::string& filter, const std::string& topic, bool wanted) {
    auto publisher = client("publisher");
    publisher.publish({.topic = topic, .payload = "kept", .qos = 1, .retain = true});
    auto listener = client("listener");
    const auto suback = listener.try_subscribe({{filter, 1}, {"end", 1}});
    EXPECT_EQ(suback.reasons, (std::vector<unsigned>{1, 1}));
    publisher.publish({.topic = topic, .payload = "live", .qos = 1});
    publisher.publish({.topic = "end", .payload = "end", .qos = 1});
    strings payloads;
    while (payloads.size() < (wanted ? 3U : 1U)) {
      const auto message = listener.expect(packet_type::publish);
      listener.acknowledge(message);
      payloads.push_back(message.payload);
    }
    std::sort(payloads.begin(), payloads.end()); // the order of the two is left open
    EXPECT_EQ(payloads, wanted ? (strings{"end", "kept", "live"}) : strings{"end"})
      << filter << " and " << topic;
    publisher.publish({.topic = topic, .payload = "", .qos = 1, .retain = true});
  }

  /// The filter is not granted: by a code, or as a malformed packet.
  void expect_refused_filter(const std::string& filter) {
    auto bad = client("bad");
    bad.send(subscribe_packet(protocol_version::v5, 1, {{filter, 0}}));
    std::optional<received_packet> answer;
    try {
      answer = bad.receive();
    } catch (const wire_failure&) {
      return; // just closed
    }
    if (answer->type == packet_type::suback) {
      ASSERT_EQ(answer->reasons.size(), 1U);
      EXPECT_TRUE(answer->reasons[0] == 0x8F || answer->reasons[0] == 0x80) << filter;
    } else {
      EXPECT_EQ(answer->type, packet_type::disconnect);
      EXPECT_TRUE(answer->reason == 0x81 || answer->reason == 0x82 || answer->reason == 0x8F);
    }
  }
};

TEST_F(Mqtt5TopicFilter, HashStandsForAllThatFollows) {
  STATEMENT("MQTT5-4.7.1-1");
  for (const auto* topic : {"a", "a/b", "a/b/c", "/", "/a", "a/"})
    expect_match("#", topic, true);
  for (const auto* topic : {"a", "a/", "a/b", "a/b/c"})
    expect_match("a/#", topic, true);
  expect_match("a/#", "ab", false);
  expect_match("a/#", "b/a", false);
}

TEST_F(Mqtt5TopicFilter, PlusStandsForOneLevel) {
  STATEMENT("MQTT5-4.7.1-2");
  for (const auto& [filter, topic, wanted] :
    {std::tuple{"+", "a", true}, {"+", "a/b", false}, {"+", "/a", false}, {"+/a", "x/a", true},
      {"a/+/c", "a/b/c", true}, {"a/+/c", "a//c", true}, {"a/+/c", "a/b/b/c", false},
      {"/+", "/a", true}, {"+/+", "/a", true}, {"a/+", "a", false}, {"a/+", "a/", true},
      {"+/#", "a", true}, {"+/#", "/a/b", true}})
    expect_match(filter, topic, wanted);
}

TEST_F(Mqtt5TopicFilter, HashIsAloneAndLast) {
  STATEMENT("MQTT5-4.7.1-1");
  for (const auto* filter : {"a#", "a/#/b", "#/a", "##", "a/b#", "a/#b", "#/"})
    expect_refused_filter(filter);
}

TEST_F(Mqtt5TopicFilter, PlusFillsItsLevel) {
  STATEMENT("MQTT5-4.7.1-2");
  for (const auto* filter : {"a+", "a/b+/c", "++", "+a", "a/+b", "+#"})
    expect_refused_filter(filter);
}

TEST_F(Mqtt5TopicFilter, LeadingWildcardsDoNotMatchDollarTopics) {
  STATEMENT("MQTT5-4.7.2-1");
  for (const auto* filter : {"#", "+/x", "+/#"})
    expect_match(filter, "$a/x", false);
  expect_match("+", "$a", false);
  for (const auto* filter : {"$a/#", "$a/+", "$a/x"})
    expect_match(filter, "$a/x", true);
  expect_match("a/+", "a/$x", true);
  expect_match("#", "a/$x", true);
}

TEST_F(Mqtt5TopicFilter, LeadingWildcardsOfSharesDoNotMatchDollarTopics) {
  STATEMENT("MQTT5-4.7.2-1");
  auto member = subscriber("member", "$share/g/#");
  auto publisher = client("p");
  publisher.publish({.topic = "$a/x"});
  publisher.publish({.topic = "a/x"});
  member.expect_publish("a/x", "m");
}

TEST_F(Mqtt5TopicFilter, ServersOwnTopicsDoNotComeToHash) {
  STATEMENT("MQTT5-4.7.2-1");
  for (const auto* filter : {"#", "+/#"}) {
    auto listener = subscriber("s", filter);
    listener.expect_silence();
    client("p").publish({});
    listener.expect_publish("t", "m");
  }
}

TEST_F(Mqtt5TopicFilter, NothingIsNormalised) {
  STATEMENT("MQTT5-4.7.3-4");
  const strings different{"\xC3\xA9", "e\xCC\x81", "A", "a", "a//b", "a/b", "/a", "a/", "a "};
  for (const auto& filter : different)
    for (const auto& topic : different)
      expect_match(filter, topic, filter == topic);
}

TEST_F(Mqtt5TopicFilter, ByteOrderMarkIsACharacter) {
  STATEMENT("MQTT5-1.5.4-3");
  const auto marked = "EF BB BF 61"_hex;
  expect_match(marked, marked, true);
  expect_match("a", marked, false);
  expect_match(marked, "a", false);
}

} // namespace

} // namespace callboard::conformance
