#include "tests/conformance/mqtt3_fixture.hpp"

// CONNECT and CONNACK, sessions, wills and the keep alive of MQTT 3.1: what differs
// from 3.1.1, and what a 3.1 client relies on. The ids are in tables/mqtt31.csv.

namespace callboard::conformance {

namespace {

using Mqtt31Connect = Mqtt31Test;
using namespace std::chrono_literals;

constexpr auto v3 = protocol_version::v3_1;

/// A CONNECT that names this protocol and level, otherwise as 3.1 has it.
bytes connect_to(std::string_view protocol, unsigned level) {
  return packet(0x10, field(protocol) + u8(level) + "02 003C"_hex + field("a"));
}

/// Whether a CONNECT was refused: without a word, or with return code 1.
bool refused_as_unknown(const bytes& answer) {
  return answer.empty() || answer == "20 02 00 01"_hex;
}

TEST_F(Mqtt31Connect, NameAndLevelOf31AreAccepted) {
  STATEMENT("MQTT31-connect-name", "E25");
  auto client = dial();
  client.send(C3());
  client.expect_octets("20 02 00 00"_hex);
  client.ping();
}

TEST_F(Mqtt31Connect, NameWithAnotherLevelIsRefused) {
  STATEMENT("MQTT31-connect-name", "E24");
  for (const unsigned level : {0U, 1U, 2U, 4U, 5U, 6U, 0xFFU})
    EXPECT_PRED1(refused_as_unknown, answer_before_close(connect_to("MQIsdp", level))) << level;
}

TEST_F(Mqtt31Connect, LevelWithAnotherNameIsRefused) {
  STATEMENT("MQTT31-connect-name", "E24");
  for (const auto* name : {"MQTT", "MQIsdq", "mqisdp", "MQIsd", "MQIsdpp", ""})
    EXPECT_PRED1(refused_as_unknown, answer_before_close(connect_to(name, 3))) << name;
}

TEST_F(Mqtt31Connect, MarkForBridgesIsRefused) {
  STATEMENT("MQTT31-connect-name", "E26");
  if (is_foreign())
    GTEST_SKIP() << "no standard says so: some brokers take it as level 3";
  EXPECT_PRED1(refused_as_unknown, answer_before_close(connect_to("MQIsdp", 0x83)));
}

TEST_F(Mqtt31Connect, FlagsOfTheFixedHeaderDoNotMatter) {
  STATEMENT("MQTT31-connect-fixed-header", "E25");
  for (const unsigned first : {0x11U, 0x12U, 0x14U, 0x18U, 0x1FU}) {
    auto client = dial();
    client.send(packet(first, C3().substr(2)));
    client.expect_octets("20 02 00 00"_hex);
  }
}

TEST_F(Mqtt31Connect, ReservedConnectFlagDoesNotMatter) {
  STATEMENT("MQTT31-connect-reserved-flag");
  connect({.flags = 0x03}).ping();
}

TEST_F(Mqtt31Connect, WillQosAndRetainAreDisregardedWithoutAWill) {
  STATEMENT("MQTT31-connect-will-flags");
  auto watcher = subscriber("watcher", "#");
  for (const unsigned flags : {0x0AU, 0x12U, 0x22U, 0x3AU}) {
    auto client = connect({.client_id = "a", .flags = flags});
    client.ping();
    client.cut();
  }
  watcher.expect_silence();
}

TEST_F(Mqtt31Connect, AnnouncedUserNameMayBeMissing) {
  STATEMENT("MQTT31-connect-user-name");
  connect({.flags = 0x82}).ping();
  connect({.flags = 0xC2}).ping();
  connect({.user_name = "user", .flags = 0xC2}).ping();
}

TEST_F(Mqtt31Connect, UserNameAndPasswordAreAccepted) {
  STATEMENT("MQTT31-connect-user-name");
  connect({.user_name = "user", .password = "password"}).ping();
}

TEST_F(Mqtt31Connect, PasswordRequiresAUserName) {
  STATEMENT("MQTT31-connect-password");
  each_refused_in_silence({connect_of(0x42, field("a") + field("password"))});
}

TEST_F(Mqtt31Connect, CutOffConnectIsRefusedInSilence) {
  STATEMENT("MQTT31-connect-malformed");
  std::vector<bytes> connects;
  const auto body = C3().substr(2);
  for (std::size_t length = 0; length < body.size(); ++length)
    connects.push_back(packet(0x10, body.substr(0, length)));
  connects.push_back(connect_of(0x06, field("a")));
  connects.push_back(connect_of(0x06, field("a") + field("will")));
  each_refused_in_silence(connects);
}

TEST_F(Mqtt31Connect, AnyOtherFirstPacketClosesInSilence) {
  STATEMENT("MQTT31-connect-first");
  each_refused_in_silence(
    {pingreq(), publish_packet(v3, {}), subscribe_packet(v3, 1, {{}}), disconnect_packet()});
}

TEST_F(Mqtt31Connect, OneTo23CharactersMakeAnIdentifier) {
  STATEMENT("MQTT31-client-id");
  for (const auto* id : {"x", "0123456789abcdefghijklm", "with space", "\xC3\xA9"})
    client(id).ping();
}

TEST_F(Mqtt31Connect, EmptyIdentifierGetsCodeTwo) {
  STATEMENT("MQTT31-client-id-empty", "E25", "E31");
  for (const bool clean_session : {true, false})
    EXPECT_EQ(
      answer_before_close(connect_packet(v3, {.client_id = "", .clean_start = clean_session})),
      "20 02 00 02"_hex);
}

TEST_F(Mqtt31Connect, LongerIdentifiersAreTakenUnlessStrict) {
  STATEMENT("MQTT31-client-id-long", "E25");
  if (is_foreign())
    GTEST_SKIP() << "the specification of 3.1 refuses them";
  client("123456789012345678901234").ping();
}

TEST_F(Mqtt31Connect, LongerIdentifiersGetCodeTwoIfStrict) {
  STATEMENT("MQTT31-client-id-long", "E25");
  NEEDS_SETTINGS("strict_mqtt31_client_ids=true");
  client("12345678901234567890123").ping();
  EXPECT_EQ(answer_before_close(connect_packet(v3, {.client_id = "123456789012345678901234"})),
    "20 02 00 02"_hex);
  connect(protocol_version::v3_1_1, {.client_id = "123456789012345678901234"}).ping();
}

TEST_F(Mqtt31Connect, ConnackDoesNotSayWhetherASessionIsPresent) {
  STATEMENT("MQTT31-connack-reserved", "E25");
  for (int i = 0; i < 2; ++i) {
    auto each = dial();
    each.send(connect_packet(v3, lasting("s")));
    each.expect_octets("20 02 00 00"_hex);
    each.disconnect();
  }
}

TEST_F(Mqtt31Connect, NewConnectionDisconnectsTheOldOneOfTheSameId) {
  STATEMENT("MQTT31-takeover");
  auto first = client("same");
  auto second = client("same");
  first.expect_eof();
  second.ping();
}

TEST_F(Mqtt31Connect, SessionIsKeptWithoutCleanSession) {
  STATEMENT("MQTT31-clean-session", "E39");
  leave_session("s", "t", 2);
  auto publisher = client("p");
  publisher.publish({.payload = "one", .qos = 1});
  publisher.publish({.payload = "two", .qos = 2});
  auto again = connect(lasting("s"));
  again.receive_message("t", "one");
  again.receive_message("t", "two");
  publisher.publish({.payload = "live", .qos = 1});
  again.receive_message("t", "live");
}

TEST_F(Mqtt31Connect, CleanSessionDiscardsTheKeptOne) {
  STATEMENT("MQTT31-clean-session", "E39");
  leave_session("s", "t", 1);
  client("p").publish({.qos = 1});
  client("s").disconnect();
  auto again = connect(lasting("s"));
  client("p").publish({.qos = 1});
  again.expect_silence();
}

TEST_F(Mqtt31Connect, SessionPassesFromVersionToVersion) {
  STATEMENT("MQTT31-clean-session", "E39");
  leave_session("s", "t", 1);
  auto middle = ConformanceTest::dial(protocol_version::v3_1_1);
  EXPECT_TRUE(middle.connect(lasting("s")).session_present());
  middle.disconnect();
  client("p").publish({.qos = 1});
  auto newest = ConformanceTest::dial(protocol_version::v5);
  EXPECT_TRUE(newest.connect(ConformanceTest::lasting("s")).session_present());
  newest.receive_message("t", "m");
  newest.cut();
  client("p").publish({.payload = "last", .qos = 1});
  connect(lasting("s")).receive_message("t", "last");
}

TEST_F(Mqtt31Connect, WillIsPublishedWhenTheConnectionBreaks) {
  STATEMENT("MQTT31-will");
  auto watcher = subscriber("watcher", "will", 2);
  for (const unsigned qos : {0U, 1U, 2U}) {
    connect({.client_id = "w", .will = will_options{.qos = qos}}).cut();
    EXPECT_EQ(watcher.receive_message("will", "gone").qos(), qos);
  }
}

TEST_F(Mqtt31Connect, WillIsRetainedIfAsked) {
  STATEMENT("MQTT31-will");
  auto watcher = subscriber("watcher", "will", 1);
  connect({.client_id = "w", .will = will_options{.qos = 1, .retain = true}}).cut();
  watcher.receive_message("will", "gone");
  settle();
  EXPECT_TRUE(subscriber("late", "will", 1).receive_message("will", "gone").retain());
}

TEST_F(Mqtt31Connect, WillIsDiscardedByDisconnect) {
  STATEMENT("MQTT31-will", "MQTT31-disconnect");
  auto watcher = subscriber("watcher", "will");
  connect({.client_id = "w", .will = will_options{}}).disconnect();
  watcher.expect_silence();
}

TEST_F(Mqtt31Connect, WillQosThreeIsRefused) {
  STATEMENT("MQTT31-will", "E09");
  each_refused_in_silence({connect_of(0x1E, field("a") + field("will") + field("gone"))});
}

TEST_F(Mqtt31Connect, SilenceForOneAndAHalfTimesEndsTheConnectionWithItsWill) {
  STATEMENT("MQTT31-keep-alive", "E41");
  auto watcher = subscriber("watcher", "will");
  auto silent = connect({.client_id = "c", .keep_alive = 1, .will = will_options{}});
  silent.expect_silence(1300ms);
  silent.expect_eof(12s);
  watcher.expect_publish("will", "gone");
}

TEST_F(Mqtt31Connect, KeepAliveZeroNeverEndsTheConnection) {
  STATEMENT("MQTT31-keep-alive", "E42");
  auto quiet = connect({.keep_alive = 0});
  quiet.expect_silence(2500ms);
  quiet.ping();
}

} // namespace

} // namespace callboard::conformance
