#include "protocol/codec/decode.hpp"
#include "protocol/codec/encode.hpp"
#include "protocol/codec/message_properties.hpp"
#include "tests/protocol/codec/any_packet.hpp"
#include "tests/protocol/codec/bytes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace callboard::protocol {

namespace {

using testing::any_packet;
using testing::frame_of;
using testing::v31;
using testing::v311;
using testing::v5;

constexpr int rounds = 300;

/// What goes in comes out: the bytes of a packet are read as a packet that has
/// these bytes.
class RoundTripTest : public ::testing::TestWithParam<version> {
protected:
  void SetUp() override { std::cout << "seed " << seed << '\n'; }

  void expect_round_trip(const packet& sent, sender from) {
    std::string bytes;
    ASSERT_TRUE(encode(bytes, version, sent));
    arena rest;
    const auto read = decode(frame_of(bytes), version, from, rest);
    ASSERT_TRUE(read) << read.error().phrase;
    EXPECT_EQ(read->index(), sent.index());
    std::string again;
    ASSERT_TRUE(encode(again, version, *read));
    EXPECT_EQ(again, bytes);
  }

  protocol::version version = GetParam();
  std::uint32_t seed = std::random_device{}();
  any_packet any{seed};
};

INSTANTIATE_TEST_SUITE_P(EveryVersion, RoundTripTest, ::testing::Values(v31, v311, v5),
  [](const auto& version) { return "Level" + std::to_string(static_cast<int>(version.param)); });

/// The packets that 5.0 brought.
class RoundTripSince5Test : public RoundTripTest {};

INSTANTIATE_TEST_SUITE_P(Version5, RoundTripSince5Test, ::testing::Values(v5));

} // namespace

TEST_P(RoundTripTest, OfPackets) {
  for (int round = 0; round < rounds; ++round) {
    expect_round_trip(any.make_acknowledgement(version), sender::client);
    expect_round_trip(any.make_acknowledgement(version), sender::server);
    expect_round_trip(any.make_subscribe(version), sender::client);
    expect_round_trip(any.make_unsubscribe(version), sender::client);
    expect_round_trip(any.make_disconnect(version, false), sender::client);
    expect_round_trip(any.make_connack(version), sender::server);
    expect_round_trip(any.make_suback(version), sender::server);
    expect_round_trip(any.make_unsuback(version), sender::server);
  }
  expect_round_trip(pingreq{}, sender::client);
  expect_round_trip(pingresp{}, sender::server);
}

TEST_P(RoundTripSince5Test, OfPackets) {
  for (int round = 0; round < rounds; ++round) {
    expect_round_trip(any.make_disconnect(version, true), sender::server);
    expect_round_trip(any.make_auth(false), sender::client);
    expect_round_trip(any.make_auth(true), sender::server);
  }
}

TEST_P(RoundTripTest, OfConnect) {
  for (int round = 0; round < rounds; ++round) {
    std::string bytes;
    ASSERT_TRUE(encode_connect(bytes, *any.make_connect(version)));
    const auto read = decode_connect(frame_of(bytes));
    ASSERT_TRUE(read) << read.error().error.phrase;
    EXPECT_EQ((*read)->version, version);
    std::string again;
    ASSERT_TRUE(encode_connect(again, **read));
    EXPECT_EQ(again, bytes);
  }
}

TEST_P(RoundTripTest, OfPublish) { // MQTT5-3.3.2-4, -15, -16, -17, -18, -20
  for (int round = 0; round < rounds; ++round) {
    const auto properties = any.properties();
    const auto encoded_properties = encode(properties);
    const auto topic = any.text(1);
    const auto payload = any.binary();
    std::vector<std::uint32_t> identifiers(any.number(0, 2), any.number(1, 268'435'455));
    outgoing_publication sent;
    sent.qos = any.level();
    sent.dup = sent.qos != qos::at_most_once && any.coin();
    sent.retain = any.coin();
    sent.packet_id = sent.qos == qos::at_most_once ? packet_id{0} : any.id();
    sent.message_expiry_interval = any.coin() ? forever : any.number(0, 1'000);
    sent.topic_alias = any.coin() ? std::uint16_t{0} : any.two_bytes(1);
    sent.subscription_identifiers = identifiers;
    sent.topic = topic;
    sent.properties = encoded_properties;
    sent.payload = payload;
    std::string bytes;
    ASSERT_TRUE(encode_publish(bytes, version, sent));
    arena rest;
    const auto read = decode_publish(frame_of(bytes), version, sender::server, rest);
    ASSERT_TRUE(read) << read.error().phrase;
    EXPECT_EQ(read->topic, topic);
    EXPECT_EQ(read->payload, payload);
    EXPECT_EQ(read->qos, sent.qos);
    EXPECT_EQ(read->dup, sent.dup);
    EXPECT_EQ(read->retain, sent.retain);
    EXPECT_EQ(read->packet_id, sent.packet_id);
    if (version == v5) {
      EXPECT_EQ(read->message_expiry_interval, sent.message_expiry_interval);
      EXPECT_EQ(read->topic_alias, sent.topic_alias);
      EXPECT_EQ(decode_message_properties(read->properties), properties);
      EXPECT_EQ(subscription_identifiers(bytes), identifiers);
    }
  }
}

/// Properties in any order, as other implementations may write them.
TEST(RoundTrip, OfPropertiesInAnyOrder) {
  const auto seed = std::random_device{}();
  std::cout << "seed " << seed << '\n';
  any_packet any{seed};
  std::mt19937 random{seed};
  std::vector<std::string> blocks = {testing::bytes("0101"), testing::bytes("02 00000007"),
    testing::bytes(R"(03 "c")"), testing::bytes(R"(08 "r")"), testing::bytes(R"(09 "d")"),
    testing::bytes("0B 05"), testing::bytes("23 0003"), testing::bytes(R"(26 "a" "1")"),
    testing::bytes(R"(26 "b" "2")"), testing::bytes("0B 8001")};
  for (int round = 0; round < rounds; ++round) {
    std::shuffle(blocks.begin(), blocks.end(), random);
    std::string all;
    std::string kept;
    for (auto count = any.number(0, static_cast<std::uint32_t>(blocks.size())); count > 0;
         --count) {
      const auto& block = blocks[count - 1];
      all += block;
      if (block[0] != 0x02 && block[0] != 0x0B && block[0] != 0x23)
        kept += block;
    }
    const auto body =
      testing::bytes(R"("t")") + testing::notation::length(all.size()) + all + "load";
    const auto whole = testing::bytes("30") + testing::notation::length(body.size()) + body;
    arena rest;
    const auto read = decode_publish(frame_of(whole), v5, sender::server, rest);
    ASSERT_TRUE(read) << read.error().phrase;
    EXPECT_EQ(read->properties, kept);
    EXPECT_EQ(read->payload, "load");
  }
}

TEST(RoundTrip, OfManyPacketsCutAtEveryByte) { // E04
  any_packet any{7};
  std::string stream;
  for (int round = 0; round < 10; ++round) {
    encode_subscribe(stream, v5, *any.make_subscribe(v5));
    encode_ack(stream, v5, any.make_acknowledgement(v5));
    encode_publish(stream, v5, {.topic = "t", .payload = "x"});
    encode_pingreq(stream);
  }
  const auto packets_in = [](std::string_view bytes) {
    std::vector<std::string> found;
    for (auto next = next_frame(bytes); next.status == frame_result::status::complete;
         next = next_frame(bytes)) {
      found.emplace_back(next.frame.packet);
      bytes.remove_prefix(next.packet_size);
    }
    return std::pair{found, bytes};
  };
  const auto whole = packets_in(stream).first;
  ASSERT_EQ(whole.size(), 40);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    auto [found, left] = packets_in(std::string_view{stream}.substr(0, cut));
    const auto second = packets_in(std::string{left} + stream.substr(cut)).first;
    found.insert(found.end(), second.begin(), second.end());
    ASSERT_EQ(found, whole) << cut;
  }
}

} // namespace callboard::protocol
