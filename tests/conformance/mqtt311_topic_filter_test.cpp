#include "tests/conformance/mqtt3_fixture.hpp"

#include <algorithm>
#include <tuple>

// Which topics a filter matches, and which filters are none (MQTT 3.1.1, 4.7). Each
// case is seen with live messages and with retained ones.

namespace callboard::conformance {

namespace {

using strings = std::vector<std::string>;

class Mqtt311TopicFilter : public Mqtt311Test {
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
};

TEST_F(Mqtt311TopicFilter, HashStandsForAllThatFollows) {
  STATEMENT("MQTT311-4.7.1-2", "E86");
  for (const auto* topic : {"a", "a/b", "a/b/c", "/", "/a", "a/"})
    expect_match("#", topic, true);
  for (const auto* topic : {"a", "a/", "a/b", "a/b/c"})
    expect_match("a/#", topic, true);
  expect_match("a/#", "ab", false);
  expect_match("a/#", "b/a", false);
  expect_match("/#", "a", false);
}

TEST_F(Mqtt311TopicFilter, PlusStandsForOneLevel) {
  STATEMENT("MQTT311-4.7.1-3", "E86");
  for (const auto& [filter, topic, wanted] :
    {std::tuple{"+", "a", true}, {"+", "a/b", false}, {"+", "/a", false}, {"+/a", "x/a", true},
      {"a/+/c", "a/b/c", true}, {"a/+/c", "a//c", true}, {"a/+/c", "a/b/b/c", false},
      {"/+", "/a", true}, {"+/+", "/a", true}, {"a/+", "a", false}, {"a/+", "a/", true},
      {"+/#", "a", true}, {"+/#", "/a/b", true}, {"a/+/#", "a", false}, {"a/+/#", "a/b", true}})
    expect_match(filter, topic, wanted);
}

TEST_F(Mqtt311TopicFilter, HashIsAloneInItsLevelAndLast) {
  STATEMENT("MQTT311-4.7.1-2");
  for (const auto* filter : {"a#", "a/#/b", "#/a", "##", "a/b#", "a/#b", "#/", "#+"})
    EXPECT_TRUE(refuses_filter(filter)) << filter;
}

TEST_F(Mqtt311TopicFilter, PlusFillsItsLevel) {
  STATEMENT("MQTT311-4.7.1-3");
  for (const auto* filter : {"a+", "a/b+", "a/b+/c", "++", "+a", "a/+b", "+#"})
    EXPECT_TRUE(refuses_filter(filter)) << filter;
}

TEST_F(Mqtt311TopicFilter, LeadingWildcardsDoNotMatchDollarTopics) {
  STATEMENT("MQTT311-4.7.2-1", "E85");
  for (const auto* filter : {"#", "+/x", "+/#", "+/+"})
    expect_match(filter, "$a/x", false);
  expect_match("+", "$a", false);
  for (const auto* filter : {"$a/#", "$a/+", "$a/x"})
    expect_match(filter, "$a/x", true);
  expect_match("a/+", "a/$x", true);
  expect_match("#", "a/$x", true);
}

TEST_F(Mqtt311TopicFilter, ServersOwnTopicsDoNotComeToLeadingWildcards) {
  STATEMENT("MQTT311-4.7.2-1", "E85");
  for (const auto* filter : {"#", "+/#", "+/+/+"})
    subscriber("s", filter).expect_silence();
}

TEST_F(Mqtt311TopicFilter, TopicsAndFiltersMayBeOneCharacter) {
  STATEMENT("MQTT311-4.7.3-1");
  for (const auto* topic : {"a", "/", " ", "."})
    expect_match(topic, topic, true);
}

TEST_F(Mqtt311TopicFilter, TopicsMayHaveTheGreatestLength) {
  STATEMENT("MQTT311-4.7.3-3", "E21");
  const auto longest = repeat("0123456789abcde", 4369);
  ASSERT_EQ(longest.size(), 65535U);
  expect_match(longest, longest, true);
  expect_match("#", longest, true);
}

TEST_F(Mqtt311TopicFilter, TopicsMayHaveTheMostLevels) {
  STATEMENT("MQTT311-4.7.3-3", "E21");
  if (is_foreign())
    GTEST_SKIP() << "brokers may limit the levels, and do";
  expect_match("#", repeat("/", 65535), true);
  expect_match(repeat("/", 65534) + "+", repeat("/", 65534) + "x", true);
}

TEST_F(Mqtt311TopicFilter, NothingIsNormalised) {
  STATEMENT("MQTT311-4.7.3-4", "E20");
  const strings different{
    "\xC3\xA9", "e\xCC\x81", "A", "a", "a//b", "a/b", "/a", "a/", "a ", "a/./b"};
  for (const auto& filter : different)
    for (const auto& topic : different)
      expect_match(filter, topic, filter == topic);
}

TEST_F(Mqtt311TopicFilter, ByteOrderMarkIsACharacter) {
  STATEMENT("MQTT311-1.5.3-3", "E19");
  const auto marked = "EF BB BF 61"_hex;
  expect_match(marked, marked, true);
  expect_match("+", marked, true);
  expect_match("a", marked, false);
  expect_match(marked, "a", false);
}

} // namespace

} // namespace callboard::conformance
