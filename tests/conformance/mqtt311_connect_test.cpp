#include "tests/conformance/mqtt3_fixture.hpp"

// What a server makes of a CONNECT (MQTT 3.1.1, 3.1): the name, the flags, the
// fields behind them, and what follows a refusal. Sessions, wills and the keep
// alive have files of their own.

namespace callboard::conformance {

namespace {

using Mqtt311Connect = Mqtt311Test;

constexpr auto v4 = protocol_version::v3_1_1;

/// A CONNECT that names this protocol and level, otherwise as 3.1.1 has it.
bytes connect_to(std::string_view protocol, unsigned level) {
  return packet(0x10, field(protocol) + u8(level) + "02 003C"_hex + field("a"));
}

/// A will's fields: topic "will", payload "gone".
bytes will_fields() {
  return field("will") + field("gone");
}

TEST_F(Mqtt311Connect, ValidConnectIsAcceptedWithCodeZero) {
  STATEMENT("MQTT311-3.1.4-4");
  auto client = dial();
  client.send(C4());
  client.expect_octets("20 02 00 00"_hex);
  client.ping();
}

TEST_F(Mqtt311Connect, ArrivesInAnySegments) {
  STATEMENT("MQTT311-3.1.4-4", "E04");
  auto client = dial();
  client.send_bytewise(C4() + subscribe_packet(v4, 7, {{"t", 0}}) + publish_packet(v4, {}));
  client.expect_octets("20 02 00 00"_hex);
  client.await(packet_type::suback);
  client.expect_publish("t", "m");
}

TEST_F(Mqtt311Connect, PacketsMayFollowInTheSameWrite) {
  STATEMENT("MQTT311-3.1.4-4", "MQTT311-3.2.0-1", "E04");
  auto client = dial();
  client.send(C4() + subscribe_packet(v4, 7, {{"t", 0}}) + publish_packet(v4, {}) + pingreq());
  client.expect_octets("20 02 00 00"_hex);
  client.await(packet_type::suback);
  client.await(packet_type::pingresp);
  client.expect_publish("t", "m");
}

TEST_F(Mqtt311Connect, AnyOtherFirstPacketClosesInSilence) {
  STATEMENT("MQTT311-3.1.0-1", "E12");
  each_refused_in_silence({pingreq(), publish_packet(v4, {}), publish_packet(v4, {.qos = 1}),
    subscribe_packet(v4, 1, {{}}), unsubscribe_packet(v4, 1, {"t"}), disconnect_packet(),
    "40 02 0001"_hex, "20 02 00 00"_hex, "F0 00"_hex, "00 00"_hex});
}

TEST_F(Mqtt311Connect, SecondConnectEndsTheConnectionWithItsWill) {
  STATEMENT("MQTT311-3.1.0-2", "E14");
  auto watcher = subscriber("watcher", "will");
  auto client = connect({.client_id = "a", .will = will_options{}});
  client.send(C4());
  client.expect_eof();
  watcher.expect_publish("will", "gone");
}

TEST_F(Mqtt311Connect, OtherProtocolNamesAreRefused) {
  STATEMENT("MQTT311-3.1.2-1", "E24");
  for (const auto* name : {"MQTX", "mqtt", "MQT", "", "MQTTT", "MQTT ", "MQISDP"})
    EXPECT_FALSE(answer_before_close(connect_to(name, 4)).ends_with("00 00"_hex)) << name;
}

TEST_F(Mqtt311Connect, NameOfOneVersionDoesNotGoWithTheLevelOfAnother) {
  STATEMENT("MQTT311-3.1.2-1", "E24");
  for (const auto& connect : {connect_to("MQIsdp", 4), connect_to("MQTT", 3)}) {
    const auto answer = answer_before_close(connect);
    EXPECT_TRUE(answer.empty() || answer == "20 02 00 01"_hex) << show(answer);
  }
}

TEST_F(Mqtt311Connect, LowerLevelsGetCodeOne) {
  STATEMENT("MQTT311-3.1.2-2", "E23");
  for (const unsigned level : {0U, 1U, 2U})
    EXPECT_EQ(answer_before_close(connect_to("MQTT", level)), "20 02 00 01"_hex) << level;
}

TEST_F(Mqtt311Connect, HigherLevelsAreToldTheLevelIsUnsupported) {
  STATEMENT("MQTT311-3.1.2-2", "E23");
  // In the form of 3.1.1, or in the one that a client of a later version may read.
  for (const unsigned level : {6U, 7U, 0x7FU, 0xFFU}) {
    const auto answer = answer_before_close(connect_to("MQTT", level));
    const bool later = answer.size() > 4 && answer.substr(2, 2) == "00 84"_hex;
    EXPECT_TRUE(answer == "20 02 00 01"_hex || (answer.starts_with("20"_hex) && later))
      << level << ": " << show(answer);
  }
}

TEST_F(Mqtt311Connect, LevelsMarkedForBridgesAreRefused) {
  STATEMENT("MQTT311-3.1.2-2", "E26");
  if (is_foreign())
    GTEST_SKIP() << "no standard says so: some brokers take it as level 4";
  EXPECT_EQ(answer_before_close(connect_to("MQTT", 0x84)), "20 02 00 01"_hex);
}

TEST_F(Mqtt311Connect, ReservedFlagIsRefusedInSilence) {
  STATEMENT("MQTT311-3.1.2-3", "E30");
  each_refused_in_silence({connect_of(0x03, field("a")), connect_of(0x01, field("a"))});
}

TEST_F(Mqtt311Connect, WillFlagRequiresTopicAndMessage) {
  STATEMENT("MQTT311-3.1.2-9", "E27", "E29");
  each_refused_in_silence(
    {connect_of(0x06, field("a")), connect_of(0x06, field("a") + field("will"))});
}

TEST_F(Mqtt311Connect, WillFieldsRequireTheWillFlag) {
  STATEMENT("MQTT311-3.1.2-11", "E29");
  each_refused_in_silence({connect_of(0x02, field("a") + will_fields())});
}

TEST_F(Mqtt311Connect, WillQosRequiresTheWillFlag) {
  STATEMENT("MQTT311-3.1.2-11", "MQTT311-3.1.2-13", "E27");
  each_refused_in_silence(
    {connect_of(0x0A, field("a")), connect_of(0x12, field("a")), connect_of(0x1A, field("a"))});
}

TEST_F(Mqtt311Connect, WillRetainRequiresTheWillFlag) {
  STATEMENT("MQTT311-3.1.2-11", "MQTT311-3.1.2-15", "E27");
  each_refused_in_silence({connect_of(0x22, field("a"))});
}

TEST_F(Mqtt311Connect, WillQosThreeIsRefusedInSilence) {
  STATEMENT("MQTT311-3.1.2-14", "E09");
  each_refused_in_silence({connect_of(0x1E, field("a") + will_fields())});
}

TEST_F(Mqtt311Connect, UserNameRequiresItsFlag) {
  STATEMENT("MQTT311-3.1.2-18", "E29");
  each_refused_in_silence({connect_of(0x02, field("a") + field("user"))});
}

TEST_F(Mqtt311Connect, AnnouncedUserNameMustBeThere) {
  STATEMENT("MQTT311-3.1.2-19", "E29");
  each_refused_in_silence({connect_of(0x82, field("a"))});
}

TEST_F(Mqtt311Connect, EmptyUserNameIsAUserName) {
  STATEMENT("MQTT311-3.1.2-19");
  connect({.user_name = ""}).ping();
}

TEST_F(Mqtt311Connect, PasswordRequiresItsFlag) {
  STATEMENT("MQTT311-3.1.2-20", "E29");
  each_refused_in_silence({connect_of(0x82, field("a") + field("user") + field("password"))});
}

TEST_F(Mqtt311Connect, AnnouncedPasswordMustBeThere) {
  STATEMENT("MQTT311-3.1.2-21", "E29");
  each_refused_in_silence({connect_of(0xC2, field("a") + field("user"))});
}

TEST_F(Mqtt311Connect, PasswordMayBeAnyOctets) {
  STATEMENT("MQTT311-3.1.2-21", "MQTT311-1.5.3-2", "E16");
  for (const auto& password : {bytes{}, "00"_hex, "00 FF C3 28"_hex})
    connect({.user_name = "user", .password = password}).ping();
}

TEST_F(Mqtt311Connect, PasswordRequiresAUserName) {
  STATEMENT("MQTT311-3.1.2-22", "E28");
  each_refused_in_silence({connect_of(0x42, field("a") + field("password")),
    connect_of(0x42, field("a") + field("user") + field("password"))});
}

TEST_F(Mqtt311Connect, PayloadFieldsAreTakenInTheirOrder) {
  STATEMENT("MQTT311-3.1.3-1");
  auto watcher = subscriber("watcher", "#");
  auto first = connect({.client_id = "the-id",
    .will = will_options{.topic = "the-topic", .payload = "the-payload"},
    .user_name = "the-user",
    .password = "the-password"});
  auto second = client("the-id"); // it was the id: the first connection ends
  first.expect_eof();
  watcher.expect_publish("the-topic", "the-payload");
}

TEST_F(Mqtt311Connect, FieldsThatDoNotFitThePacketAreRefusedInSilence) {
  STATEMENT("MQTT311-3.1.3-1", "E06");
  each_refused_in_silence({connect_of(0x02, "0005 61"_hex), connect_of(0x02, "00"_hex),
    connect_of(0x06, field("a") + field("will") + "0009 61"_hex),
    connect_of(0x82, field("a") + "00FF 75"_hex)});
}

TEST_F(Mqtt311Connect, ClientIdentifierMustBeThere) {
  STATEMENT("MQTT311-3.1.3-3");
  each_refused_in_silence({"10 0A 0004 4D515454 04 02 000A"_hex});
}

TEST_F(Mqtt311Connect, ClientIdentifierIsAString) {
  STATEMENT("MQTT311-3.1.3-4", "MQTT311-1.5.3-1", "MQTT311-1.5.3-2", "E15", "E16", "E17");
  each_refused_in_silence({connect_of(0x02, "0003 ED A0 80"_hex),
    connect_of(0x02, "0003 61 00 62"_hex), connect_of(0x02, "0002 C0 AF"_hex)});
}

TEST_F(Mqtt311Connect, OneTo23LettersAndDigitsMakeAnIdentifier) {
  STATEMENT("MQTT311-3.1.3-5");
  for (const auto* id :
    {"x", "0123456789abcdefghijklm", "nopqrstuvwxyzABCDEFGHIJ", "KLMNOPQRSTUVWXYZ0123456"})
    client(id).ping();
}

TEST_F(Mqtt311Connect, ClientsWithoutIdentifierAreTakenForDifferentOnes) {
  STATEMENT("MQTT311-3.1.3-6", "E31");
  auto first = client("");
  auto second = client("");
  first.subscribe("t");
  second.ping();
  first.ping();
  second.publish({});
  first.expect_publish("t", "m");
  second.expect_silence();
}

TEST_F(Mqtt311Connect, EmptyIdentifierCanBeForbidden) {
  STATEMENT("MQTT311-3.1.3-6", "MQTT311-3.1.3-9");
  NEEDS_SETTINGS("allow_empty_client_id=false");
  EXPECT_EQ(answer_before_close(connect_packet(v4, {.client_id = ""})), "20 02 00 02"_hex);
}

TEST_F(Mqtt311Connect, EmptyIdentifierWithoutCleanSessionGetsCodeTwo) {
  STATEMENT("MQTT311-3.1.3-7", "MQTT311-3.1.3-8", "E31");
  EXPECT_EQ(answer_before_close("10 0C 0004 4D515454 04 00 000A 0000"_hex), "20 02 00 02"_hex);
}

TEST_F(Mqtt311Connect, RejectedIdentifierGetsCodeTwo) {
  STATEMENT("MQTT311-3.1.3-9");
  NEEDS_SETTINGS("client_id_maximum_length=23");
  client("12345678901234567890123").ping();
  EXPECT_EQ(answer_before_close(connect_packet(v4, {.client_id = "123456789012345678901234"})),
    "20 02 00 02"_hex);
}

TEST_F(Mqtt311Connect, WillTopicIsAString) {
  STATEMENT("MQTT311-3.1.3-10", "MQTT311-1.5.3-1", "MQTT311-1.5.3-2", "E15", "E16", "E17");
  std::vector<bytes> connects;
  for (const auto& topic : {"ED A0 80"_hex, "61 00"_hex, "C0 AF"_hex})
    connects.push_back(connect_packet(v4, {.will = will_options{.topic = topic}}));
  each_refused_in_silence(connects);
}

TEST_F(Mqtt311Connect, UserNameIsAString) {
  STATEMENT("MQTT311-3.1.3-11", "MQTT311-1.5.3-1", "MQTT311-1.5.3-2", "E15", "E16", "E17");
  std::vector<bytes> connects;
  for (const auto& user : {"C3 28"_hex, "61 00 62"_hex, "ED BF BF"_hex})
    connects.push_back(connect_packet(v4, {.user_name = user}));
  each_refused_in_silence(connects);
}

TEST_F(Mqtt311Connect, CutOffAndOverlongConnectsAreRefusedInSilence) {
  STATEMENT("MQTT311-3.1.4-1", "E05", "E32");
  const auto body = C4().substr(2);
  std::vector<bytes> connects{packet(0x10, body + "00 00"_hex), packet(0x10, body + "78"_hex)};
  for (std::size_t length = 0; length < body.size(); ++length)
    connects.push_back(packet(0x10, body.substr(0, length)));
  each_refused_in_silence(connects);
}

TEST_F(Mqtt311Connect, FlagsOfTheFixedHeaderAreRefusedInSilence) {
  STATEMENT("MQTT311-3.1.4-1", "MQTT311-2.2.2-2", "E07");
  std::vector<bytes> connects;
  for (const unsigned first : {0x11U, 0x12U, 0x14U, 0x18U, 0x1FU})
    connects.push_back(packet(first, C4().substr(2)));
  each_refused_in_silence(connects);
}

TEST_F(Mqtt311Connect, NewConnectionDisconnectsTheOldOneOfTheSameId) {
  STATEMENT("MQTT311-3.1.4-2", "E53");
  auto watcher = subscriber("watcher", "will");
  auto first = connect({.client_id = "same", .will = will_options{}});
  auto second = client("same");
  first.expect_eof();
  watcher.expect_publish("will", "gone");
  second.ping();
}

TEST_F(Mqtt311Connect, ConnectionsTakeOverInAChain) {
  STATEMENT("MQTT311-3.1.4-2");
  auto last = client("same");
  for (int i = 0; i < 20; ++i) {
    auto next = client("same");
    last.expect_eof();
    last = std::move(next);
  }
  last.ping();
}

TEST_F(Mqtt311Connect, NothingBehindARefusedConnectIsProcessed) {
  STATEMENT("MQTT311-3.1.4-5", "E33");
  auto watcher = subscriber("watcher", "#");
  const auto answer =
    answer_before_close(connect_packet(v4, {.client_id = "", .clean_start = false}) +
                        publish_packet(v4, {.payload = "live"}) +
                        publish_packet(v4, {.payload = "kept", .retain = true}) +
                        subscribe_packet(v4, 1, {{}}) + pingreq());
  EXPECT_EQ(answer, "20 02 00 02"_hex);
  watcher.expect_silence();
  subscriber("late", "#").expect_silence();
}

} // namespace

} // namespace callboard::conformance
