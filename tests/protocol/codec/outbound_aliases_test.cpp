#include "protocol/codec/outbound_aliases.hpp"

#include "protocol/codec/decode.hpp"
#include "protocol/codec/encode.hpp"
#include "protocol/codec/inbound_aliases.hpp"
#include "tests/protocol/codec/bytes.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <string>
#include <tuple>

namespace callboard::protocol {

namespace {

using testing::bytes;
using testing::frame_of;
using testing::packet_bytes;
using testing::v5;

std::string publish_on(std::string_view topic) {
  std::string out;
  EXPECT_TRUE(encode_publish(out, v5, {.topic = topic, .payload = "load"}));
  return out;
}

/// What is written for a packet.
std::string sent(outbound_aliases& aliases, std::string_view publish, std::uint32_t maximum = 0) {
  std::string out;
  if (aliases.rewrite(publish, out, maximum))
    return out;
  EXPECT_EQ(out, "");
  return std::string{publish};
}

/// The alias in what is written for a packet on this topic; 0: none.
int alias_for(outbound_aliases& aliases, std::string_view topic) {
  const auto written = sent(aliases, publish_on(topic));
  arena rest;
  return decode_publish(frame_of(written), v5, sender::server, rest)->topic_alias;
}

} // namespace

TEST(OutboundAliases, ShortenATopicThatIsUsedAgain) {
  outbound_aliases aliases{10};
  const auto publish = packet_bytes(R"(30 "sensors/a" {} 'load')");
  EXPECT_EQ(sent(aliases, publish), publish);
  EXPECT_EQ(sent(aliases, publish), packet_bytes(R"(30 "sensors/a" {23 0001} 'load')"));
  EXPECT_EQ(sent(aliases, publish), packet_bytes(R"(30 "" {23 0001} 'load')"));
  EXPECT_EQ(sent(aliases, publish), packet_bytes(R"(30 "" {23 0001} 'load')"));
}

TEST(OutboundAliases, KeepFlagsIdentifierAndProperties) {
  outbound_aliases aliases{10};
  sent(aliases, publish_on("sensors/a"));
  sent(aliases, publish_on("sensors/a"));
  const auto publish = packet_bytes(
    R"(3D "sensors/a" 1234 {02 00000009 26 "b" "1" 01 01 26 "a" "2" 0B 05 0B 06} 'load')");
  EXPECT_EQ(sent(aliases, publish),
    packet_bytes(
      R"(3D "" 1234 {23 0001 02 00000009 26 "b" "1" 01 01 26 "a" "2" 0B 05 0B 06} 'load')"));
}

TEST(OutboundAliases, DoNothingForAReceiverThatWantsNone) { // MQTT5-3.1.2-27
  outbound_aliases aliases{0};
  EXPECT_FALSE(aliases.enabled());
  for (int use = 0; use < 5; ++use)
    EXPECT_EQ(alias_for(aliases, "sensors/a"), 0);
  EXPECT_FALSE(outbound_aliases(10, 0).enabled());
}

TEST(OutboundAliases, StayWithinBothLimits) { // MQTT5-3.1.2-26, MQTT5-3.3.2-11
  for (auto [receiver, ours, expected] :
    {std::tuple{2, 64, 2}, std::tuple{100, 3, 3}, std::tuple{65'535, 65'535, 40}}) {
    outbound_aliases aliases{
      static_cast<std::uint16_t>(receiver), static_cast<std::uint16_t>(ours)};
    int highest = 0;
    for (int round = 0; round < 20; ++round)
      for (int topic = 0; topic < 40; ++topic)
        highest = std::max(highest, alias_for(aliases, "sensors/" + std::to_string(topic)));
    EXPECT_EQ(highest, expected);
  }
}

TEST(OutboundAliases, LeaveShortAndVeryLongTopicsAlone) {
  outbound_aliases aliases{10};
  const std::string longest(512, 'a');
  for (int use = 0; use < 5; ++use) {
    EXPECT_EQ(alias_for(aliases, "abcd"), 0);
    EXPECT_EQ(alias_for(aliases, longest + "a"), 0);
  }
  alias_for(aliases, "abcde");
  EXPECT_EQ(alias_for(aliases, "abcde"), 1);
  alias_for(aliases, longest);
  EXPECT_EQ(alias_for(aliases, longest), 2);
}

TEST(OutboundAliases, NeverMakeAPacketLonger) {
  outbound_aliases aliases{10};
  alias_for(aliases, "abcde");
  alias_for(aliases, "abcde");
  for (std::size_t size = 0; size < 300; ++size) {
    const std::string text(size, 'v');
    const auto properties = bytes(R"(26 "k")") + bytes("\"" + text + "\"");
    std::string publish;
    encode_publish(publish, v5, {.topic = "abcde", .properties = properties});
    EXPECT_LE(sent(aliases, publish).size(), publish.size()) << size;
  }
}

TEST(OutboundAliases, LeavePacketsAloneThatHaveAnAlias) {
  outbound_aliases aliases{10};
  const auto publish = packet_bytes(R"(30 "sensors/a" {26 "k" "v" 23 0007} 'load')");
  for (int use = 0; use < 5; ++use)
    EXPECT_EQ(sent(aliases, publish), publish);
}

TEST(OutboundAliases, LeaveAloneWhatIsNoPublish) {
  outbound_aliases aliases{10};
  for (const auto* text : {"C0", "40 0001", R"(30 "sensors/a")", "30", R"(30 "sensors/a" 7F)"})
    for (int use = 0; use < 3; ++use)
      EXPECT_EQ(sent(aliases, packet_bytes(text)), packet_bytes(text)) << text;
  EXPECT_EQ(sent(aliases, ""), "");
}

TEST(OutboundAliases, AreNotGivenInAPacketThatWouldBeTooLarge) { // MQTT5-3.1.2-24, E62
  outbound_aliases aliases{10};
  const auto publish = publish_on("sensors/a");
  const auto size = static_cast<std::uint32_t>(publish.size());
  for (int use = 0; use < 5; ++use)
    EXPECT_EQ(sent(aliases, publish, size + 2), publish);
  EXPECT_EQ(sent(aliases, publish, size + 3),
    packet_bytes(R"(30 "sensors/a" {23 0001} 'load')")); // only now it is given
  EXPECT_EQ(sent(aliases, publish, size), packet_bytes(R"(30 "" {23 0001} 'load')"));
}

TEST(OutboundAliases, GoToATopicThatKeepsComingWhenAllAreTaken) {
  outbound_aliases aliases{2};
  for (int use = 0; use < 3; ++use) {
    alias_for(aliases, "sensors/old");
    alias_for(aliases, "sensors/new");
  }
  EXPECT_EQ(alias_for(aliases, "sensors/old"), 1);
  EXPECT_EQ(alias_for(aliases, "sensors/new"), 2);
  EXPECT_EQ(alias_for(aliases, "sensors/guest"), 0);
  EXPECT_EQ(alias_for(aliases, "sensors/guest"), 0);
  EXPECT_EQ(alias_for(aliases, "sensors/guest"), 0);
  const auto taking = sent(aliases, publish_on("sensors/guest"));
  EXPECT_EQ(taking, packet_bytes(R"(30 "sensors/guest" {23 0001} 'load')"))
    << "the alias that was not used for the longest time, with its new topic";
  EXPECT_EQ(sent(aliases, publish_on("sensors/guest")), packet_bytes(R"(30 "" {23 0001} 'load')"));
  EXPECT_EQ(alias_for(aliases, "sensors/old"), 0);
  EXPECT_EQ(alias_for(aliases, "sensors/new"), 2);
}

TEST(OutboundAliases, AreNotLostToTopicsThatComeOnce) {
  outbound_aliases aliases{1};
  alias_for(aliases, "sensors/a");
  alias_for(aliases, "sensors/a");
  for (int topic = 0; topic < 10'000; ++topic) {
    EXPECT_EQ(alias_for(aliases, "once/" + std::to_string(topic)), 0);
    ASSERT_EQ(alias_for(aliases, "sensors/a"), 1);
  }
}

/// Whatever happens, the receiver knows the topic that was meant (E60, E62).
TEST(OutboundAliases, AreUnderstoodByTheReceiver) {
  const auto seed = std::random_device{}();
  std::cout << "seed " << seed << '\n';
  std::mt19937 random{seed};
  outbound_aliases outbound{8};
  inbound_aliases inbound{8};
  std::size_t saved = 0;
  for (int round = 0; round < 20'000; ++round) {
    const auto spread = round % 2'000 < 1'000 ? 8U : 40U;
    const auto topic = "sensors/" + std::to_string(random() % spread + round / 5'000);
    const auto publish = publish_on(topic);
    const auto maximum = random() % 4 == 0 ? publish.size() : 0;
    const auto written = sent(outbound, publish, static_cast<std::uint32_t>(maximum));
    arena rest;
    auto read = decode_publish(frame_of(written), v5, sender::server, rest);
    ASSERT_TRUE(read);
    const auto holder = inbound.resolve(*read);
    ASSERT_TRUE(holder);
    ASSERT_EQ(read->topic, topic);
    ASSERT_EQ(read->payload, "load");
    ASSERT_LE(written.size(), maximum != 0 ? maximum : written.size());
    saved += read->topic_alias != 0 && written.size() < publish.size() ? 1 : 0;
  }
  EXPECT_GT(saved, 5'000);
}

TEST(OutboundAliases, CostNextToNothingWhileUnused) {
  EXPECT_LE(sizeof(outbound_aliases), 16);
}

} // namespace callboard::protocol
