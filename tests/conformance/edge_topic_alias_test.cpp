#include "tests/conformance/edge_test.hpp"

#include <map>
#include <stdexcept>

// Topic aliases, in both directions.

namespace callboard::conformance {

namespace {

using EdgeTopicAlias = EdgeTest;

/// What a client knows of the server's aliases. Lives as long as its connection.
class server_aliases {
public:
  explicit server_aliases(unsigned maximum) : maximum_{maximum} {}

  /// The message's topic. Throws if its alias is out of range or was never set.
  std::string topic_of(const received_packet& message) {
    const auto alias = message.number(property_id::topic_alias);
    if (!alias)
      return message.topic;
    if (*alias == 0 || *alias > maximum_)
      throw std::runtime_error{"topic alias out of range: " + std::to_string(*alias)};
    if (!message.topic.empty())
      topics_[*alias] = message.topic;
    else
      ++used_;
    if (!topics_.contains(*alias))
      throw std::runtime_error{"topic alias never set: " + std::to_string(*alias)};
    return topics_.at(*alias);
  }

  /// How many messages came without their topic's name.
  int used() const { return used_; }

private:
  unsigned maximum_;
  int used_ = 0;
  std::map<std::uint32_t, std::string> topics_;
};

/// The next message must have this topic, by name or by alias.
received_packet expect_message(
  wire_client& any, server_aliases& aliases, std::string_view topic, std::string_view payload) {
  auto message = any.expect(packet_type::publish);
  EXPECT_EQ(aliases.topic_of(message), topic);
  EXPECT_EQ(message.payload, payload);
  any.acknowledge(message);
  return message;
}

publication with_alias(const std::string& topic, unsigned alias, const std::string& payload = "m") {
  return {.topic = topic, .payload = payload, .properties = topic_alias(alias)};
}

bytes publish_with(const std::string& topic, unsigned alias) {
  return publish_packet(v5, with_alias(topic, alias));
}

/// How many aliases the server takes.
unsigned maximum_of(wire_client& fresh) {
  return fresh.connect({.client_id = "p"}).number(property_id::topic_alias_maximum).value_or(0);
}

// -- from the client -------------------------------------------------------------

TEST_F(EdgeTopicAlias, StandsForItsTopic) {
  STATEMENT("E59");
  auto watcher = subscriber("watcher", "#");
  auto publisher = dial();
  const auto maximum = maximum_of(publisher);
  ASSERT_GE(maximum, 2U);
  for (const unsigned alias : {1U, maximum}) {
    const auto topic = "t" + std::to_string(alias);
    publisher.publish(with_alias(topic, alias, "1"));
    publisher.publish(with_alias("", alias, "2"));
    watcher.expect_publish(topic, "1");
    watcher.expect_publish(topic, "2");
  }
}

TEST_F(EdgeTopicAlias, OutOfRangeIsRefused) {
  STATEMENT("E59");
  auto watcher = subscriber("watcher", "#");
  auto asking = dial();
  const auto maximum = maximum_of(asking);
  each_ends(v5, {publish_with("t", 0), publish_with("", 0)}, {0x94, 0x82, 0x81});
  each_ends(v5,
    {publish_with("t", maximum + 1), publish_with("", maximum + 1), publish_with("t", 0xFFFF)},
    {0x94});
  expect_nothing_but_news(watcher, "x");
}

TEST_F(EdgeTopicAlias, NeverSetIsAProtocolError) {
  STATEMENT("E59");
  auto watcher = subscriber("watcher", "#");
  each_ends(v5, {publish_with("", 1), publish_with("t", 1) + publish_with("", 2)}, {0x82, 0x94});
  watcher.expect_publish("t", "m");
  watcher.expect_silence();
}

TEST_F(EdgeTopicAlias, CanBeForbidden) {
  STATEMENT("E59");
  NEEDS_SETTINGS("topic_alias_maximum=0");
  auto publisher = dial();
  EXPECT_EQ(maximum_of(publisher), 0U);
  each_ends(v5, {publish_with("t", 1), publish_with("t", 0)}, {0x94});
}

TEST_F(EdgeTopicAlias, CanBeSetAnew) {
  STATEMENT("E60");
  auto watcher = subscriber("watcher", "#");
  auto publisher = client("p");
  publisher.publish(with_alias("first", 1));
  watcher.expect_publish("first", "m");
  publisher.publish(with_alias("second", 1));
  watcher.expect_publish("second", "m");
  publisher.publish(with_alias("", 1));
  watcher.expect_publish("second", "m");
}

TEST_F(EdgeTopicAlias, SeveralMayStandForOneTopic) {
  STATEMENT("E60");
  auto watcher = subscriber("watcher", "#");
  auto publisher = client("p");
  const std::vector<std::pair<publication, std::string>> sent{{with_alias("t", 1), "t"},
    {with_alias("t", 2), "t"}, {with_alias("other", 1), "other"}, {with_alias("", 2), "t"},
    {with_alias("", 1), "other"}};
  for (const auto& [message, topic] : sent) {
    publisher.publish(message);
    watcher.expect_publish(topic, "m");
  }
}

TEST_F(EdgeTopicAlias, IsForgottenWithItsConnection) {
  STATEMENT("E60");
  auto before = connect(lasting("p"));
  before.publish(with_alias("t", 1));
  before.ping();
  before.cut();
  auto after = dial();
  EXPECT_TRUE(after.connect(lasting("p")).session_present());
  after.send(publish_with("", 1));
  after.expect_closed({0x82, 0x94});
}

TEST_F(EdgeTopicAlias, BelongsToOneClient) {
  STATEMENT("E60");
  auto watcher = subscriber("watcher", "#");
  auto one = client("one");
  auto two = client("two");
  one.publish(with_alias("of one", 1));
  watcher.expect_publish("of one", "m");
  two.publish(with_alias("of two", 1));
  watcher.expect_publish("of two", "m");
  one.publish(with_alias("", 1));
  watcher.expect_publish("of one", "m");
}

TEST_F(EdgeTopicAlias, IsSetByRetainedAndAcknowledgedMessagesToo) {
  STATEMENT("E60");
  auto watcher = subscriber("watcher", "#", 2);
  auto publisher = client("p");
  auto message = with_alias("t", 3, "first");
  message.qos = 2;
  message.retain = true;
  publisher.publish(message);
  message.topic = "";
  message.payload = "second";
  message.packet_id = 0;
  publisher.publish(message);
  watcher.receive_message("t", "first");
  watcher.receive_message("t", "second");
  subscriber("late", "t", 2).receive_message("t", "second");
}

// -- from the server -------------------------------------------------------------

TEST_F(EdgeTopicAlias, OfThePublisherGoesNoFurther) {
  STATEMENT("E61");
  for (const unsigned qos : {0U, 1U, 2U}) {
    auto newer = subscriber("newer", "t", qos);
    auto older = subscriber_of(v3_1_1, "older", "t", qos);
    auto publisher = client("p");
    for (const auto* topic : {"t", "", ""}) {
      auto message = with_alias(topic, 5);
      message.qos = qos;
      publisher.publish(message);
      EXPECT_FALSE(newer.receive_message("t", "m").has(property_id::topic_alias));
      older.receive_message("t", "m");
    }
  }
}

TEST_F(EdgeTopicAlias, OfTheServerStaysBelowTheReceiversMaximum) {
  STATEMENT("E61");
  for (const unsigned maximum : {1U, 2U, 3U}) {
    auto reader = connect({.client_id = "reader", .properties = topic_alias_maximum(maximum)});
    reader.subscribe("#", 1);
    server_aliases aliases{maximum};
    auto publisher = client("p");
    for (int i = 0; i < 40; ++i) {
      const auto topic = "a/rather/long/topic/" + std::to_string(i % 5);
      publisher.publish(
        {.topic = topic, .payload = std::to_string(i), .qos = i % 2 == 0 ? 0U : 1U});
      expect_message(reader, aliases, topic, std::to_string(i));
    }
    EXPECT_TRUE(aliases.used() > 0 || is_foreign()) << maximum;
  }
}

TEST_F(EdgeTopicAlias, OfTheServerIsSetAnewForAResumedSession) {
  STATEMENT("E60");
  auto options = lasting("reader");
  options.properties += topic_alias_maximum(10);
  auto publisher = client("p");
  for (int round = 0; round < 3; ++round) {
    auto reader = connect(options);
    server_aliases aliases{10};
    if (round == 0)
      reader.subscribe("#", 1);
    else // what was queued meanwhile
      for (int i = 0; i < 3; ++i)
        expect_message(reader, aliases, "a/rather/long/topic", "queued");
    for (int i = 0; i < 5; ++i) {
      publisher.publish({.topic = "a/rather/long/topic", .qos = 1});
      expect_message(reader, aliases, "a/rather/long/topic", "m");
    }
    EXPECT_TRUE(aliases.used() > 0 || is_foreign());
    reader.ping();
    reader.cut();
    for (int i = 0; i < 3; ++i)
      publisher.publish({.topic = "a/rather/long/topic", .payload = "queued", .qos = 1});
  }
}

TEST_F(EdgeTopicAlias, RedeliveredMessageHasNoStaleAlias) {
  STATEMENT("E60");
  auto options = lasting("reader");
  options.properties += topic_alias_maximum(10);
  auto before = connect(options);
  before.subscribe("#", 1);
  auto publisher = client("p");
  for (int i = 0; i < 4; ++i)
    publisher.publish({.topic = "a/rather/long/topic", .payload = std::to_string(i), .qos = 1});
  server_aliases aliases{10};
  for (int i = 0; i < 4; ++i)
    aliases.topic_of(before.expect(packet_type::publish));
  EXPECT_TRUE(aliases.used() > 0 || is_foreign());
  before.cut();
  auto plain = connect(lasting("reader")); // knows no aliases at all
  for (int i = 0; i < 4; ++i)
    EXPECT_FALSE(plain.receive_message("a/rather/long/topic", std::to_string(i))
                   .has(property_id::topic_alias));
}

TEST_F(EdgeTopicAlias, OfTheServerIsNotUsedIfItsFirstMessageWasDropped) {
  STATEMENT("E62");
  for (const unsigned qos : {0U, 1U, 2U}) {
    auto reader = connect(
      {.client_id = "reader", .properties = topic_alias_maximum(10) + maximum_packet_size(100)});
    reader.subscribe("#", qos);
    server_aliases aliases{10};
    auto publisher = client("p");
    for (int i = 0; i < 10; ++i) {
      const auto topic = "a/rather/long/topic/" + std::to_string(i % 2);
      publisher.publish({.topic = topic, .payload = repeat("x", 200), .qos = qos}); // too large
      publisher.publish({.topic = topic, .payload = std::to_string(i), .qos = qos});
      expect_message(reader, aliases, topic, std::to_string(i));
    }
    EXPECT_TRUE(aliases.used() > 0 || is_foreign());
  }
}

TEST_F(EdgeTopicAlias, OfTheServerFitsWhenTopicAndAliasTogetherDoNot) {
  STATEMENT("E62", "E70");
  constexpr unsigned limit = 60;
  auto reader = connect(
    {.client_id = "reader", .properties = topic_alias_maximum(10) + maximum_packet_size(limit)});
  reader.subscribe("#", 1);
  server_aliases aliases{10};
  auto publisher = client("p");
  const std::string topic = "a/rather/long/topic";
  for (std::size_t size = 20; size < 60; ++size) {
    const auto payload = repeat("x", size);
    publisher.publish({.topic = topic, .payload = payload, .qos = 1});
    const auto packet_size = 2 + 2 + topic.size() + 2 + 1 + size; // without an alias
    if (packet_size <= limit) {
      EXPECT_LE(expect_message(reader, aliases, topic, payload).raw.size(), limit);
    }
  }
  publisher.publish({.topic = topic, .payload = "end", .qos = 1});
  auto message = reader.expect(packet_type::publish);
  while (message.payload != "end") { // larger ones may have come by alias
    EXPECT_EQ(aliases.topic_of(message), topic);
    EXPECT_LE(message.raw.size(), limit);
    reader.acknowledge(message);
    message = reader.expect(packet_type::publish);
  }
  EXPECT_EQ(aliases.topic_of(message), topic);
  EXPECT_TRUE(aliases.used() > 0 || is_foreign());
}

} // namespace

} // namespace callboard::conformance
