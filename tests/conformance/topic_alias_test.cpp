#include "tests/conformance/conformance_test.hpp"

#include <map>

// Topic aliases in both directions (MQTT 5.0, 3.3.2.3.4).

namespace callboard::conformance {

namespace {

constexpr auto v5 = protocol_version::v5;

class Mqtt5TopicAlias : public ConformanceTest {
protected:
  /// What the server announces to a client.
  std::uint32_t maximum() {
    auto probe = dial();
    return probe.connect({.client_id = "probe"})
      .number(property_id::topic_alias_maximum)
      .value_or(0);
  }
};

/// Learns the aliases of a server as a client does.
class alias_map {
public:
  /// The topic that the packet means; empty if it means none.
  std::string resolve(const received_packet& message) {
    const auto alias = message.number(property_id::topic_alias);
    used_ += message.topic.empty() ? 1 : 0;
    if (alias && !message.topic.empty())
      topics_[*alias] = message.topic;
    return message.topic.empty() ? topics_[alias.value_or(0)] : message.topic;
  }

  /// How many messages came without their topic's name.
  int used() const { return used_; }

private:
  int used_ = 0;
  std::map<std::uint32_t, std::string> topics_;
};

TEST_F(Mqtt5TopicAlias, ServerKeepsToTheClientsMaximum) {
  STATEMENT("MQTT5-3.1.2-26", "MQTT5-3.3.2-11");
  auto listener = connect({.client_id = "s", .properties = topic_alias_maximum(2)});
  listener.subscribe("many/#", 1);
  auto publisher = client("p");
  alias_map aliases;
  for (int i = 0; i < 25; ++i) {
    const auto topic = "many/" + std::to_string(i % 5);
    publisher.publish({.topic = topic, .qos = 1});
    const auto message = listener.expect(packet_type::publish);
    listener.acknowledge(message);
    EXPECT_LE(message.number(property_id::topic_alias).value_or(0), 2U);
    EXPECT_EQ(aliases.resolve(message), topic);
  }
  EXPECT_TRUE(aliases.used() > 0 || is_foreign());
}

TEST_F(Mqtt5TopicAlias, ServerUsesNoneUnlessTheClientAllows) {
  STATEMENT("MQTT5-3.1.2-27", "MQTT5-3.3.2-11");
  auto absent = subscriber("absent", "t");
  auto zero = connect({.client_id = "zero", .properties = topic_alias_maximum(0)});
  zero.subscribe("t");
  const bool may_use = maximum() > 0;
  auto publisher = client("p");
  for (int i = 0; i < 5; ++i) {
    publisher.publish({.properties = may_use ? topic_alias(1) : bytes{}});
    for (auto* each : {&absent, &zero})
      EXPECT_FALSE(each->expect_publish("t", "m").has(property_id::topic_alias));
  }
}

TEST_F(Mqtt5TopicAlias, ServersAliasesBeginAnewWithTheConnection) {
  STATEMENT("MQTT5-3.3.2-7");
  auto options = lasting("s");
  options.properties += topic_alias_maximum(10);
  auto before = connect(options);
  before.subscribe("a/longer/topic", 1);
  auto publisher = client("p");
  alias_map aliases;
  for (int i = 0; i < 4; ++i) {
    publisher.publish({.topic = "a/longer/topic", .qos = 1});
    const auto message = before.expect(packet_type::publish);
    before.acknowledge(message);
    EXPECT_EQ(aliases.resolve(message), "a/longer/topic");
  }
  EXPECT_TRUE(aliases.used() > 0 || is_foreign());
  before.ping();
  before.cut();
  publisher.publish({.topic = "a/longer/topic", .payload = "queued", .qos = 1});
  auto after = connect(options);
  after.receive_message("a/longer/topic", "queued"); // with its topic
}

TEST_F(Mqtt5TopicAlias, AliasesWithinTheMaximumAreTaken) {
  STATEMENT("MQTT5-3.3.2-12");
  const auto limit = maximum();
  if (limit == 0)
    GTEST_SKIP() << "the server takes no aliases";
  auto listener = subscriber("s", "+");
  auto publisher = client("p");
  for (const auto alias : {1U, limit}) {
    publisher.publish({.topic = "x", .properties = topic_alias(alias)});
    listener.expect_publish("x", "m");
    publisher.publish({.topic = "", .payload = "again", .properties = topic_alias(alias)});
    listener.expect_publish("x", "again");
  }
}

TEST_F(Mqtt5TopicAlias, AliasMayBeMappedAnew) {
  STATEMENT("MQTT5-3.3.2-12");
  if (maximum() == 0)
    GTEST_SKIP() << "the server takes no aliases";
  auto listener = subscriber("s", "+");
  auto publisher = client("p");
  for (const auto* topic : {"x", "y", "x"}) {
    publisher.publish({.topic = topic, .properties = topic_alias(1)});
    listener.expect_publish(topic, "m");
    publisher.publish({.topic = "", .payload = "again", .properties = topic_alias(1)});
    listener.expect_publish(topic, "again");
  }
}

TEST_F(Mqtt5TopicAlias, ClientsAliasesDoNotSurviveTheConnection) {
  STATEMENT("MQTT5-3.3.2-7");
  if (maximum() == 0)
    GTEST_SKIP() << "the server takes no aliases";
  auto before = connect(lasting("p"));
  before.publish({.properties = topic_alias(1)});
  before.ping();
  before.cut();
  auto after = connect(lasting("p"));
  after.send_publish({.topic = "", .properties = topic_alias(1)});
  after.expect_closed({0x82});
}

TEST_F(Mqtt5TopicAlias, AliasesOfOneClientAreNotThoseOfAnother) {
  STATEMENT("MQTT5-3.3.2-12");
  if (maximum() == 0)
    GTEST_SKIP() << "the server takes no aliases";
  auto listener = subscriber("s", "+");
  auto one = client("one");
  auto two = client("two");
  one.publish({.topic = "x", .properties = topic_alias(1)});
  two.publish({.topic = "y", .properties = topic_alias(1)});
  one.ping();
  two.ping();
  listener.receive();
  listener.receive();
  one.publish({.topic = "", .properties = topic_alias(1)});
  listener.expect_publish("x", "m");
  two.publish({.topic = "", .properties = topic_alias(1)});
  listener.expect_publish("y", "m");
}

TEST_F(Mqtt5TopicAlias, AliasBeyondTheMaximumEndsTheConnection) {
  STATEMENT("MQTT5-3.2.2-17", "MQTT5-3.3.2-9");
  NEEDS_SETTINGS("topic_alias_maximum=5");
  EXPECT_EQ(maximum(), 5U);
  client("p").publish({.properties = topic_alias(5)});
  each_closes({publish_packet(v5, {.properties = topic_alias(6)}),
                publish_packet(v5, {.properties = topic_alias(65535)})},
    {0x94});
}

TEST_F(Mqtt5TopicAlias, AnyAliasEndsTheConnectionIfNoneIsAllowed) {
  STATEMENT("MQTT5-3.2.2-18");
  NEEDS_SETTINGS("topic_alias_maximum=0");
  EXPECT_EQ(maximum(), 0U);
  each_closes({publish_packet(v5, {.properties = topic_alias(1)})}, {0x94});
}

TEST_F(Mqtt5TopicAlias, AliasZeroEndsTheConnection) {
  STATEMENT("MQTT5-3.3.2-8");
  each_closes({publish_packet(v5, {.properties = topic_alias(0)})}, {0x94});
}

} // namespace

} // namespace callboard::conformance
