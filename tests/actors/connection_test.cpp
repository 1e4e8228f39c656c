#include "actors/connection.hpp"

#include "tests/actors/player.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;
using callboard::testing::pipe;
using callboard::testing::pipe_stream;
using callboard::testing::player;
using callboard::testing::playhouse;
using protocol::qos;
using protocol::reason_code;
using protocol::version;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view pingreq{"\xC0\x00", 2};
constexpr std::string_view pingresp{"\xD0\x00", 2};
constexpr char connack_type = 0x20;
constexpr char disconnect_type = '\xE0';

std::string connect_bytes(
  const std::string& client_id, std::uint16_t keep_alive = 0, version which = version::mqtt_5_0) {
  protocol::connect packet;
  packet.version = which;
  packet.client_id = client_id;
  packet.keep_alive = keep_alive;
  std::string bytes;
  protocol::encode_connect(bytes, packet);
  return bytes;
}

std::string subscribe_bytes(std::string filter) {
  protocol::subscribe packet;
  packet.packet_id = 1;
  packet.requests.push_back({std::move(filter), {.maximum_qos = qos::at_least_once}});
  std::string bytes;
  protocol::encode_subscribe(bytes, version::mqtt_5_0, packet);
  return bytes;
}

std::string publish_bytes(std::string_view topic, std::string_view payload) {
  std::string bytes;
  protocol::encode_publish(bytes, version::mqtt_5_0,
    {.qos = qos::at_least_once, .packet_id = 7, .topic = topic, .payload = payload});
  return bytes;
}

/// A client's end of a connection that says octets, not packets.
class wire {
public:
  explicit wire(playhouse& house, std::size_t unit = 0)
      : house_{house}, stream_{house.connect(ends_, unit)} {}

  ~wire() {
    ends_->client_gone = true;
    stream_->latest()->look();
    house_.play();
  }

  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;

  void send(std::string_view bytes) {
    ends_->to_node.append(bytes);
    look();
  }

  void look() {
    stream_->latest()->look();
    house_.play();
  }

  /// What came since the last time.
  std::string heard() { return std::exchange(ends_->to_client, {}); }

  bool was_closed() const { return ends_->node_gone; }
  pipe& ends() { return *ends_; }

private:
  playhouse& house_;
  std::shared_ptr<pipe> ends_ = std::make_shared<pipe>();
  std::shared_ptr<pipe_stream> stream_;
};

settings with_handshake_timeout(std::uint16_t seconds) {
  settings rules;
  rules.handshake_timeout = seconds;
  return rules;
}

// -- framing ---------------------------------------------------------------------

/// All that one client says in its life, and each answer follows from the order.
std::string conversation() {
  return connect_bytes("talker") + subscribe_bytes("t") + publish_bytes("t", "hello") +
         std::string{pingreq};
}

TEST(Connection, PacketsMayBeSplitAtEveryByte) {
  const auto whole = conversation();
  std::string wanted;
  for (std::size_t split = 0; split < whole.size(); ++split) {
    playhouse house;
    wire client{house};
    client.send(whole.substr(0, split));
    client.send(whole.substr(split));
    const auto answers = client.heard();
    if (split == 0)
      wanted = answers;
    EXPECT_EQ(answers.size(), wanted.size()) << "split at " << split;
    EXPECT_THAT(answers, StartsWith(std::string{connack_type})) << "split at " << split;
    EXPECT_THAT(answers, HasSubstr("hello")) << "split at " << split;
    EXPECT_THAT(answers, HasSubstr(std::string{pingresp})) << "split at " << split;
  }
}

TEST(Connection, PacketsMayComeByteByByte) {
  playhouse house;
  wire client{house};
  for (const char byte : conversation())
    client.send({&byte, 1});
  const auto answers = client.heard();
  EXPECT_THAT(answers, HasSubstr("hello"));
  EXPECT_THAT(answers, EndsWith(std::string{pingresp}));
}

TEST(Connection, ManyPacketsMayComeInOneRead) {
  playhouse house;
  wire client{house};
  client.send(
    connect_bytes("talker") + std::string{pingreq} + std::string{pingreq} + std::string{pingreq});
  const auto answers = client.heard();
  EXPECT_THAT(answers, StartsWith(std::string{connack_type}));
  EXPECT_THAT(
    answers, EndsWith(std::string{pingresp} + std::string{pingresp} + std::string{pingresp}));
}

TEST(Connection, NothingIsSaidBeforeTheFirstPacketIsWhole) {
  playhouse house;
  wire client{house};
  const auto whole = connect_bytes("talker");
  client.send(whole.substr(0, whole.size() - 1));
  EXPECT_EQ(client.heard(), "");
  EXPECT_FALSE(client.was_closed());
}

TEST(Connection, LargePacketsComeInPiecesAndWhatFollowsThemIsRead) {
  for (const std::size_t size : {16'384U, 65'000U, 65'408U, 65'536U, 200'000U, 1'000'000U}) {
    playhouse house;
    player reader{house, "reader"};
    reader.connect();
    reader.settle();
    reader.subscribe("large", qos::at_least_once);
    reader.settle();
    wire client{house};
    client.send(connect_bytes("talker"));
    client.heard();
    std::string payload(size, 'x');
    payload.front() = 'a';
    payload.back() = 'z';
    const auto bytes = publish_bytes("large", payload) + std::string{pingreq};
    for (std::size_t at = 0; at < bytes.size(); at += 10'000)
      client.send(std::string_view{bytes}.substr(at, 10'000));
    EXPECT_THAT(client.heard(), HasSubstr(std::string{pingresp})) << size;
    EXPECT_THAT(reader.payloads(), ElementsAre(payload)) << size;
  }
}

TEST(Connection, PacketAboveTheLimitIsRefusedByItsHeader) {
  settings rules;
  rules.maximum_packet_size = 1000;
  playhouse house{1, rules};
  wire client{house};
  client.send(connect_bytes("talker"));
  client.heard();
  client.send({"\x30\xE8\x07", 3}); // 1,000 bytes behind the header
  const auto last = client.heard();
  ASSERT_GE(last.size(), 3U);
  EXPECT_EQ(last[0], disconnect_type);
  EXPECT_EQ(last[2], static_cast<char>(reason_code::packet_too_large));
}

TEST(Connection, WhatCameBeforeAFaultStillCounts) {
  playhouse house;
  player reader{house, "reader"};
  reader.connect();
  reader.settle();
  reader.subscribe("t", qos::at_least_once);
  reader.settle();
  wire client{house};
  client.send(connect_bytes("talker") + publish_bytes("t", "good") + std::string{"\x00\x00", 2} +
              publish_bytes("t", "late"));
  const auto answers = client.heard();
  EXPECT_EQ(answers.find(pingresp), std::string::npos);
  EXPECT_THAT(reader.payloads(), ElementsAre("good"));
}

TEST(Connection, NothingCountsBehindADisconnect) {
  playhouse house;
  player reader{house, "reader"};
  reader.connect();
  reader.settle();
  reader.subscribe("t", qos::at_least_once);
  reader.settle();
  wire client{house};
  client.send(connect_bytes("talker") + std::string{"\xE0\x00", 2} + publish_bytes("t", "late"));
  EXPECT_TRUE(reader.payloads().empty());
  house.play_for(10s, 1s);
  EXPECT_TRUE(client.was_closed());
}

TEST(Connection, AnyOtherFirstPacketEndsItWithoutAWord) {
  for (const auto& first : {std::string{pingreq}, publish_bytes("t", "x"),
         std::string{"\x00\x00", 2}, "GET / HTTP/1.1\r\n" + std::string(80, 'x') + "\r\n\r\n"}) {
    playhouse house;
    wire client{house};
    client.send(first);
    EXPECT_EQ(client.heard(), "");
    EXPECT_TRUE(client.was_closed()) << first;
  }
}

// -- time ------------------------------------------------------------------------

TEST(Connection, SilentClientIsClosedAfterTheHandshakeTimeout) {
  for (const auto& said : {std::string{}, connect_bytes("slow").substr(0, 5)}) {
    playhouse house{1, with_handshake_timeout(10)};
    wire client{house};
    client.send(said);
    house.play_for(9900ms);
    EXPECT_FALSE(client.was_closed());
    house.play_for(200ms);
    EXPECT_TRUE(client.was_closed());
    EXPECT_EQ(client.heard(), "");
  }
}

TEST(Connection, BytesNowAndThenDoNotProlongTheHandshake) {
  playhouse house{1, with_handshake_timeout(10)};
  wire client{house};
  const auto whole = connect_bytes("a-client-with-a-long-identifier");
  for (std::size_t at = 0; at < 11; ++at) {
    client.send(whole.substr(at, 1));
    house.play_for(1s);
  }
  EXPECT_TRUE(client.was_closed());
}

TEST(Connection, KeepAliveGivesOneAndAHalfOfItsTime) {
  playhouse house;
  wire client{house};
  client.send(connect_bytes("talker", 10));
  client.heard();
  house.play_for(14'800ms);
  EXPECT_EQ(client.heard(), "");
  EXPECT_FALSE(client.was_closed());
  house.play_for(400ms);
  const auto last = client.heard();
  ASSERT_GE(last.size(), 3U);
  EXPECT_EQ(last[0], disconnect_type);
  EXPECT_EQ(last[2], static_cast<char>(reason_code::keep_alive_timeout));
}

TEST(Connection, WholePacketsKeepItAliveAndPartsOfThemDoNot) {
  playhouse house;
  wire client{house};
  client.send(connect_bytes("talker", 10));
  for (int i = 0; i < 5; ++i) {
    house.play_for(14s);
    client.send(pingreq);
  }
  EXPECT_THAT(client.heard(), EndsWith(std::string{pingresp}));
  const auto never_whole = publish_bytes("t", std::string(100, 'x'));
  for (std::size_t i = 0; i < 4; ++i) {
    client.send(never_whole.substr(i, 1));
    house.play_for(4s);
  }
  const auto last = client.heard();
  ASSERT_GE(last.size(), 3U);
  EXPECT_EQ(last[0], disconnect_type);
}

TEST(Connection, KeepAliveOfZeroNeverEnds) {
  playhouse house;
  wire client{house};
  client.send(connect_bytes("talker", 0));
  house.play_for(48h, 1h);
  client.send(pingreq);
  EXPECT_THAT(client.heard(), EndsWith(std::string{pingresp}));
}

TEST(Connection, ClientThatDoesNotCloseAfterOurLastWordIsClosed) {
  playhouse house;
  wire client{house};
  client.send(connect_bytes("talker") + std::string{"\x00\x00", 2});
  EXPECT_FALSE(client.was_closed()) << "it may still read why";
  house.play_for(900ms);
  EXPECT_FALSE(client.was_closed());
  house.play_for(200ms);
  EXPECT_TRUE(client.was_closed());
}

TEST(Connection, ClientThatNeverReadsOurLastWordIsClosedToo) {
  playhouse house;
  wire client{house};
  client.send(connect_bytes("talker"));
  client.ends().room = 0;
  client.send({"\x00\x00", 2});
  house.play_for(4900ms);
  EXPECT_FALSE(client.was_closed());
  house.play_for(1300ms);
  EXPECT_TRUE(client.was_closed());
}

// -- back pressure and moves -----------------------------------------------------

TEST(Connection, WhoDoesNotReadIsNotReadEither) {
  playhouse house;
  wire client{house};
  client.send(connect_bytes("talker"));
  client.heard();
  client.ends().room = 0;
  std::string pings;
  while (pings.size() < 1'000'000)
    pings += pingreq;
  client.send(pings);
  EXPECT_GT(client.ends().to_node.size(), 100'000U) << "it rests";
  client.ends().room = SIZE_MAX;
  client.look();
  EXPECT_EQ(client.ends().to_node.size(), 0U);
  EXPECT_EQ(client.heard().size(), pings.size()) << "no answer is lost";
}

TEST(Connection, MovesToTheUnitOfItsSessionWithWhatItHadRead) {
  playhouse house{2};
  player sleeper{house, "mover"};
  sleeper.resume(60, 0);
  sleeper.settle();
  sleeper.subscribe("t", qos::at_least_once);
  sleeper.settle();
  sleeper.vanish();
  house.play();
  protocol::connect packet;
  packet.client_id = "mover";
  packet.clean_start = false;
  packet.session_expiry_interval = 60;
  std::string bytes;
  protocol::encode_connect(bytes, packet);
  bytes += publish_bytes("t", "carried along");
  bytes += pingreq;
  wire client{house, 1};
  client.send(bytes + std::string{pingreq.substr(0, 1)});
  client.send(pingreq.substr(1));
  const auto answers = client.heard();
  ASSERT_GE(answers.size(), 3U);
  EXPECT_EQ(answers[0], connack_type);
  EXPECT_EQ(answers[2], 1) << "the session is present";
  EXPECT_THAT(answers, HasSubstr("carried along"));
  EXPECT_THAT(answers, HasSubstr(std::string{pingresp}));
  EXPECT_THAT(answers, EndsWith(std::string{pingresp}));
}

TEST(Connection, CountsThoseThatComeAndGo) {
  playhouse house;
  const auto& counts = house.company().houses.front()->counts;
  {
    wire first{house};
    wire second{house};
    first.send(connect_bytes("a"));
    EXPECT_EQ(counts.connections_closed.value(), 0U);
  }
  EXPECT_EQ(counts.connections_opened.value(), 2U);
  EXPECT_EQ(counts.connections_closed.value(), 2U);
}

} // namespace

} // namespace callboard::actors
