#include "protocol/codec/inbound_aliases.hpp"

#include "tests/protocol/codec/bytes.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace callboard::protocol {

namespace {

publication with(std::string_view topic, std::uint16_t alias) {
  publication made;
  made.topic = topic;
  made.topic_alias = alias;
  return made;
}

std::optional<reason_code> fault(
  inbound_aliases& aliases, std::uint16_t alias, std::string_view topic = {}) {
  auto publication = with(topic, alias);
  const auto resolved = aliases.resolve(publication);
  return resolved ? std::nullopt : std::optional{resolved.error().code};
}

/// The topic that an alias stands for.
std::string topic_of(inbound_aliases& aliases, std::uint16_t alias) {
  auto publication = with({}, alias);
  const auto holder = aliases.resolve(publication);
  return holder ? std::string{publication.topic} : "none";
}

} // namespace

TEST(InboundAliases, GiveATopicToPublicationsThatHaveNone) { // MQTT5-3.3.2-12
  inbound_aliases aliases{10};
  EXPECT_EQ(fault(aliases, 1, "a/b"), std::nullopt);
  EXPECT_EQ(fault(aliases, 10, "c/d"), std::nullopt);
  EXPECT_EQ(topic_of(aliases, 1), "a/b");
  EXPECT_EQ(topic_of(aliases, 10), "c/d");
  EXPECT_EQ(topic_of(aliases, 1), "a/b");
}

TEST(InboundAliases, CanBeLearntAnew) { // E60
  inbound_aliases aliases{10};
  fault(aliases, 1, "a/b");
  fault(aliases, 1, "c/d");
  EXPECT_EQ(topic_of(aliases, 1), "c/d");
}

TEST(InboundAliases, KeepATopicThatWasGivenWhenTheyAreLearntAnew) {
  inbound_aliases aliases{10};
  const std::string old_topic(100, 'a');
  fault(aliases, 1, old_topic);
  auto first = with({}, 1);
  const auto holder = aliases.resolve(first);
  fault(aliases, 1, std::string(100, 'b'));
  EXPECT_EQ(first.topic, old_topic);
  EXPECT_EQ(topic_of(aliases, 1), std::string(100, 'b'));
}

TEST(InboundAliases, AreRefusedAboveTheMaximum) { // MQTT5-3.3.2-9, MQTT5-3.2.2-17, E59
  inbound_aliases aliases{10};
  EXPECT_EQ(fault(aliases, 11, "a"), reason_code::topic_alias_invalid);
  EXPECT_EQ(fault(aliases, 0xFFFF), reason_code::topic_alias_invalid);
  EXPECT_EQ(fault(aliases, 10, "a"), std::nullopt);
}

TEST(InboundAliases, AreRefusedIfNoneWereAllowed) { // MQTT5-3.2.2-18
  inbound_aliases aliases;
  EXPECT_EQ(fault(aliases, 1, "a"), reason_code::topic_alias_invalid);
}

TEST(InboundAliases, AreRefusedIfNothingWasSaidAboutThem) { // MQTT5-3.3.2-7, E59
  inbound_aliases aliases{10};
  EXPECT_EQ(fault(aliases, 1), reason_code::protocol_error);
  fault(aliases, 5, "a");
  EXPECT_EQ(fault(aliases, 4), reason_code::protocol_error);
  EXPECT_EQ(fault(aliases, 6), reason_code::protocol_error);
  EXPECT_EQ(fault(aliases, 5), std::nullopt);
}

TEST(InboundAliases, LeavePublicationsWithoutAliasAlone) {
  inbound_aliases aliases;
  auto publication = with("a", 0);
  const auto resolved = aliases.resolve(publication);
  ASSERT_TRUE(resolved);
  EXPECT_FALSE(*resolved);
  EXPECT_EQ(publication.topic, "a");
}

TEST(InboundAliases, TakeTheLargestAlias) {
  inbound_aliases aliases{0xFFFF};
  EXPECT_EQ(fault(aliases, 0xFFFF, "a"), std::nullopt);
  EXPECT_EQ(topic_of(aliases, 0xFFFF), "a");
}

TEST(InboundAliases, CostNextToNothingWhileUnused) {
  EXPECT_LE(sizeof(inbound_aliases), 16);
}

} // namespace callboard::protocol
