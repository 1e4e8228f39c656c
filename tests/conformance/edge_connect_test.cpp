#include "tests/conformance/edge_test.hpp"

#include <thread>

// CONNECT: versions, flags, identifiers and the session that follows from them.
// Properties of CONNECT are in edge_property_test.cpp.

namespace callboard::conformance {

namespace {

using EdgeConnect = EdgeTest;
using namespace std::chrono_literals;

const bytes refused_version = "20 02 00 01"_hex;
const bytes refused_identifier = "20 02 00 02"_hex;

/// A CONNECT of this name and level, otherwise as 3.1 and 3.1.1 have it.
bytes connect_to(std::string_view name, unsigned level) {
  return packet(0x10, field(name) + u8(level) + "02 003C"_hex + field("a"));
}

/// A CONNECT of this version with these flags, and `payload` behind the keep alive
/// (and no properties).
bytes connect_of(protocol_version version, unsigned flags, std::string_view payload) {
  bytes body = field(version == v3_1 ? "MQIsdp" : "MQTT");
  body += u8(static_cast<unsigned>(version)) + u8(flags) + u16(60);
  if (version == v5)
    body += u8(0);
  return packet(0x10, body + bytes{payload});
}

/// The fields of a will, and before them no properties where the version has some.
bytes will_of(protocol_version version, std::string_view topic, std::string_view payload) {
  return (version == v5 ? u8(0) : bytes{}) + field(topic) + field(payload);
}

/// Whether it is a CONNACK of version 5.0 with this code.
bool is_v5_refusal(const bytes& answer, unsigned code) {
  return answer.size() >= 5 && answer.starts_with("20"_hex) &&
         answer.substr(2, 2) == "00"_hex + u8(code);
}

/// Whether a server that does not know the version may answer so.
bool refuses_version(const bytes& answer) {
  return answer.empty() || answer == refused_version || is_v5_refusal(answer, 0x84);
}

// -- versions --------------------------------------------------------------------

TEST_F(EdgeConnect, UnknownLevelsAreRefusedInAFormThatTheClientMayKnow) {
  STATEMENT("E23");
  for (const unsigned level : {0U, 1U, 2U, 3U, 6U, 7U, 0x20U, 0x7FU, 0x80U, 0xFEU, 0xFFU}) {
    auto stranger = dial();
    stranger.send(connect_to("MQTT", level));
    const auto answer = stranger.drain();
    EXPECT_PRED1(refuses_version, answer) << level;
    if (is_foreign())
      continue;
    EXPECT_EQ(answer == refused_version, level < 5) << level;
    EXPECT_EQ(is_v5_refusal(answer, 0x84), level > 5) << level;
  }
  client("good").ping();
}

TEST_F(EdgeConnect, NewerConnectsAreRefusedWhateverTheirFields) {
  STATEMENT("E23");
  for (const auto& rest : {"FF FFFF FF FFFF"_hex, ""_hex, "02 003C 05 1100000010 0001 61"_hex}) {
    auto stranger = dial();
    stranger.send(packet(0x10, field("MQTT") + u8(6) + rest));
    EXPECT_PRED1(refuses_version, stranger.drain());
  }
}

TEST_F(EdgeConnect, WrongProtocolNamesAreRefused) {
  STATEMENT("E24");
  for (const auto& connect :
    {connect_to("MQTT", 3), connect_to("MQIsdp", 4), connect_to("MQIsdp", 5), connect_to("", 4),
      connect_to("", 5), connect_to("MQT", 4), connect_to("MQTTT", 4), connect_to("mqtt", 4),
      connect_to("MQIsd", 3), connect_to("MQIsdpp", 3), connect_to("mqisdp", 3),
      connect_to("HTTP", 4), connect_to(repeat("MQTT", 1000), 4)}) {
    auto stranger = dial();
    stranger.send(connect);
    EXPECT_PRED1(refuses_version, stranger.drain()) << show(connect);
  }
  each_is_refused(
    v3_1_1, {"10 00"_hex, "10 01 00"_hex, "10 02 0000"_hex, "10 06 0004 4D515454"_hex});
}

TEST_F(EdgeConnect, OldestVersionIsServed) {
  STATEMENT("E25");
  auto old = dial(v3_1);
  old.send(C3());
  old.expect_octets("20 02 00 00"_hex);
  for (const unsigned qos : {0U, 1U, 2U}) {
    old.subscribe("t" + std::to_string(qos), qos);
    old.publish({.topic = "t" + std::to_string(qos), .qos = qos});
    EXPECT_EQ(old.receive_message("t" + std::to_string(qos), "m").qos(), qos);
  }
  old.unsubscribe({"t0"});
  old.ping();
  old.disconnect();
}

TEST_F(EdgeConnect, OldestVersionHasNoSessionPresent) {
  STATEMENT("E25");
  for (int i = 0; i < 3; ++i) {
    auto old = dial(v3_1);
    old.send(connect_packet(v3_1, {.client_id = "kept", .clean_start = false}));
    old.expect_octets("20 02 00 00"_hex);
  }
}

TEST_F(EdgeConnect, OldestVersionWantsAnIdentifier) {
  STATEMENT("E25", "E31");
  for (const bool clean : {true, false}) {
    auto nameless = dial(v3_1);
    nameless.send(connect_packet(v3_1, {.client_id = "", .clean_start = clean}));
    EXPECT_EQ(nameless.drain(), refused_identifier);
  }
}

TEST_F(EdgeConnect, OldestVersionMayHaveLongIdentifiers) {
  STATEMENT("E25");
  client_of(v3_1, repeat("x", 23)).ping();
  client_of(v3_1, repeat("x", 24)).ping();
  client_of(v3_1, repeat("x", 500)).ping();
}

TEST_F(EdgeConnect, LongIdentifiersOfTheOldestVersionCanBeForbidden) {
  STATEMENT("E25");
  NEEDS_SETTINGS("strict_mqtt31_client_ids=true");
  client_of(v3_1, repeat("x", 23)).ping();
  auto refused = dial(v3_1);
  refused.send(connect_packet(v3_1, {.client_id = repeat("x", 24)}));
  EXPECT_EQ(refused.drain(), refused_identifier);
  client_of(v3_1_1, repeat("x", 24)).ping();
}

TEST_F(EdgeConnect, OldestVersionIgnoresTheFlagsOfConnect) {
  STATEMENT("E25", "E07");
  for (unsigned first = 0x10; first <= 0x1F; ++first) {
    auto connect = C3();
    connect.replace(0, 1, u8(first));
    auto old = dial(v3_1);
    old.send(connect);
    old.expect_octets("20 02 00 00"_hex);
  }
}

TEST_F(EdgeConnect, BridgeBitIsNoLevel) {
  STATEMENT("E26");
  for (const auto& connect : {connect_to("MQTT", 0x84), connect_to("MQIsdp", 0x83)}) {
    auto bridge = dial(v3_1_1);
    bridge.send(connect + pingreq());
    bytes answer;
    bridge.stream().read(answer, std::chrono::steady_clock::now() + patience);
    if (is_foreign() && answer.starts_with("20 02 00 00"_hex))
      continue; // it speaks that convention
    EXPECT_EQ(answer, refused_version);
    bridge.expect_eof();
  }
}

// -- flags and fields ------------------------------------------------------------

TEST_F(EdgeConnect, WillQosAndWillRetainNeedAWill) {
  STATEMENT("E27");
  for (const auto version : {v3_1_1, v5})
    for (const unsigned flags : {0x0AU, 0x12U, 0x1AU, 0x22U, 0x2AU, 0x32U})
      each_is_refused(version,
        {connect_of(version, flags, field("a")),
          connect_of(version, flags, field("a") + will_of(version, "will", "gone"))},
        {0x81});
}

TEST_F(EdgeConnect, WillNeedsItsFields) {
  STATEMENT("E27", "E29");
  for (const auto version : {v3_1_1, v5})
    each_is_refused(version,
      {connect_of(version, 0x06, field("a")),
        connect_of(version, 0x06, field("a") + will_of(version, "will", "").substr(0, 4)),
        connect_of(version, 0x06, field("a") + (version == v5 ? u8(0) : "") + field("will"))},
      {0x81});
}

TEST_F(EdgeConnect, WillFieldsNeedTheirFlag) {
  STATEMENT("E27", "E29");
  for (const auto version : {v3_1_1, v5})
    each_is_refused(
      version, {connect_of(version, 0x02, field("a") + will_of(version, "will", "gone"))}, {0x81});
}

TEST_F(EdgeConnect, WillMayBeEmptyButNotItsTopic) {
  STATEMENT("E27");
  auto watcher = subscriber("watcher", "will");
  for (const auto version : all_versions) {
    auto talker = connect(version, {.client_id = "talker", .will = will_options{.payload = ""}});
    talker.cut();
    watcher.expect_publish("will", "");
    each_is_refused(
      version, {connect_packet(version, {.will = will_options{.topic = ""}})}, {0x81, 0x82, 0x90});
  }
}

TEST_F(EdgeConnect, PasswordWithoutUserNameIsForNewClientsOnly) {
  STATEMENT("E28");
  connect({.client_id = "new", .password = "secret"}).ping();
  each_is_refused(v3_1_1, {connect_packet(v3_1_1, {.client_id = "old", .password = "secret"})});
}

TEST_F(EdgeConnect, CredentialsAreThereAsTheirFlagsSay) {
  STATEMENT("E29");
  for (const auto version : {v3_1_1, v5})
    each_is_refused(version,
      {connect_of(version, 0x82, field("a")),                  // no user name
        connect_of(version, 0xC2, field("a") + field("user")), // no password
        connect_of(version, 0x02, field("a") + field("user")), // no flag
        connect_of(version, 0x82, field("a") + field("user") + field("secret")),
        connect_of(version, 0xC6, field("a") + will_of(version, "will", "gone") + field("user"))},
      {0x81});
  for (const auto version : all_versions)
    connect(version, {.client_id = "a", .user_name = "user", .password = "secret"}).ping();
}

TEST_F(EdgeConnect, OldestVersionGoesByTheLengthNotByTheFlags) {
  STATEMENT("E29", "E25");
  for (const unsigned flags : {0x82U, 0xC2U}) {
    auto old = dial(v3_1);
    old.send(connect_of(v3_1, flags, field("a")));
    old.expect_octets("20 02 00 00"_hex);
  }
}

TEST_F(EdgeConnect, ReservedFlagIsMalformed) {
  STATEMENT("E30");
  for (const auto version : {v3_1_1, v5})
    for (const unsigned flags : {0x01U, 0x03U})
      each_is_refused(version, {connect_of(version, flags, field("a"))}, {0x81});
}

TEST_F(EdgeConnect, ClientWithoutIdentifierNeedsACleanSessionBefore5) {
  STATEMENT("E31");
  auto refused = dial(v3_1_1);
  refused.send(connect_packet(v3_1_1, {.client_id = "", .clean_start = false}));
  EXPECT_EQ(refused.drain(), refused_identifier);
  auto first = connect(v3_1_1, {.client_id = ""});
  auto second = connect(v3_1_1, {.client_id = ""});
  first.ping(); // they are two clients
  second.ping();
}

TEST_F(EdgeConnect, AssignedIdentifierIsToldAndCanBeUsed) {
  STATEMENT("E31");
  for (const bool clean_start : {true, false}) {
    auto nameless = dial();
    const auto connack = nameless.connect(
      {.client_id = "", .clean_start = clean_start, .properties = session_expiry_interval(300)});
    const auto id = connack.text(property_id::assigned_client_identifier).value_or("");
    ASSERT_NE(id, "");
    EXPECT_FALSE(connack.session_present());
    nameless.subscribe("t", 1);
    nameless.disconnect();
    client("p").publish({.payload = id, .qos = 1});
    connect(lasting(id)).receive_message("t", id);
  }
}

TEST_F(EdgeConnect, CutOffConnectGetsNoOctet) {
  STATEMENT("E32");
  for (const auto& whole : {C4(), C3(),
         connect_packet(
           v3_1_1, {.will = will_options{}, .user_name = "user", .password = "secret"})}) {
    const auto body = whole.substr(2);
    for (std::size_t size = 0; size < body.size(); ++size) {
      auto stranger = dial(v3_1_1);
      stranger.send(packet(0x10, body.substr(0, size)));
      EXPECT_EQ(stranger.drain(), "") << size;
    }
  }
}

TEST_F(EdgeConnect, MalformedConnectGetsNoOctetBefore5) {
  STATEMENT("E32");
  each_is_refused(
    v3_1_1, {connect_of(v3_1_1, 0x02, "0003 ED A0 80"_hex), connect_of(v3_1_1, 0x03, field("a")),
              connect_of(v3_1_1, 0x42, field("a") + field("secret")),
              connect_of(v3_1_1, 0x1E, field("a") + will_of(v3_1_1, "will", "gone")),
              connect_of(v3_1_1, 0x06, field("a") + will_of(v3_1_1, "a/#", "gone"))});
}

TEST_F(EdgeConnect, NothingBehindARefusedConnectCounts) {
  STATEMENT("E33");
  auto watcher = subscriber("watcher", "#", 1);
  const std::vector<std::pair<protocol_version, bytes>> refused{
    {v5, connect_packet(v5, {.properties = authentication_method("nobody has this")})},
    {v5, connect_packet(v5, {.properties = receive_maximum(0)})},
    {v3_1_1, connect_packet(v3_1_1, {.client_id = "", .clean_start = false})},
    {v3_1, connect_packet(v3_1, {.client_id = ""})}, {v3_1_1, connect_to("MQTT", 6)}};
  for (const auto& [version, connect] : refused) {
    auto stranger = dial(version);
    stranger.send(connect + publish_packet(version, {.payload = "kept", .retain = true}) +
                  publish_packet(version, {.qos = 1, .packet_id = 1}) +
                  subscribe_packet(version, 2, {{"#", 0}}) + pingreq());
    const auto answer = stranger.drain();
    EXPECT_TRUE(answer.empty() || answer.size() == 2U + static_cast<unsigned char>(answer[1]))
      << "more than a CONNACK: " << show(answer);
  }
  expect_nothing_but_news(watcher, "x");
  subscriber("late", "#").expect_silence();
}

// -- sessions --------------------------------------------------------------------

TEST_F(EdgeConnect, CleanStartZeroWithoutExpiryResumesAndThenEnds) {
  STATEMENT("E38");
  auto before = connect(lasting("s"));
  before.subscribe("t", 1);
  before.disconnect();
  auto resumed = dial();
  EXPECT_TRUE(resumed.connect({.client_id = "s", .clean_start = false}).session_present());
  client("p").publish({.qos = 1});
  resumed.receive_message("t", "m");
  resumed.disconnect();
  auto after = dial();
  EXPECT_FALSE(after.connect({.client_id = "s", .clean_start = false}).session_present());
  client("p").publish({.qos = 1});
  after.expect_silence();
}

TEST_F(EdgeConnect, CleanSessionZeroKeepsTheSession) {
  STATEMENT("E39");
  for (const auto version : versions_before_5) {
    const connect_options options{.client_id = "s", .clean_start = false};
    auto before = connect(version, options);
    before.subscribe("t", 1);
    before.cut();
    client("p").publish({.qos = 1});
    auto after = dial(version);
    EXPECT_EQ(after.connect(options).session_present(), version == v3_1_1);
    after.receive_message("t", "m");
    after.cut();
    connect(version, {.client_id = "s"}).disconnect();
    EXPECT_FALSE(take_session("s"));
  }
}

TEST_F(EdgeConnect, CleanSessionOneKeepsNothing) {
  STATEMENT("E39");
  for (const auto version : versions_before_5) {
    auto before = connect(lasting("s"));
    before.subscribe("t", 1);
    before.cut();
    auto clean = connect(version, {.client_id = "s"});
    client("p").publish({.qos = 1});
    clean.expect_silence();
    clean.subscribe("t", 1);
    clean.disconnect();
    EXPECT_FALSE(take_session("s"));
  }
}

TEST_F(EdgeConnect, ExpiryOfSessionsBefore5CanBeCapped) {
  STATEMENT("E39");
  NEEDS_SETTINGS("session_expiry_maximum=1");
  const connect_options options{.client_id = "s", .clean_start = false};
  connect(v3_1_1, options).disconnect();
  auto in_time = dial(v3_1_1);
  EXPECT_TRUE(in_time.connect(options).session_present());
  in_time.disconnect();
  std::this_thread::sleep_for(2200ms);
  auto late = dial(v3_1_1);
  EXPECT_FALSE(late.connect(options).session_present());
}

TEST_F(EdgeConnect, OlderClientResumesASessionOfVersion5) {
  STATEMENT("E39");
  auto newer = connect({.client_id = "s",
    .clean_start = false,
    .properties =
      session_expiry_interval(300) + topic_alias_maximum(10) + maximum_packet_size(100)});
  newer.subscribe("own", 1 | no_local);
  newer.subscribe("kept", 1 | retain_as_published, subscription_identifier(7));
  newer.disconnect();
  auto publisher = client("p");
  const auto large = repeat("x", 200);
  publisher.publish({.topic = "kept",
    .payload = large,
    .qos = 1,
    .retain = true,
    .properties = user_property("key", "value")});
  auto older = dial(v3_1_1);
  EXPECT_TRUE(older.connect({.client_id = "s", .clean_start = false}).session_present());
  EXPECT_TRUE(older.receive_message("kept", large).retain()); // limits were the connection's
  older.publish({.topic = "own", .qos = 1});                  // options are the subscription's
  older.expect_silence();
}

TEST_F(EdgeConnect, Version5ResumesASessionOfAnOlderClient) {
  STATEMENT("E39");
  auto older = connect(v3_1_1, {.client_id = "s", .clean_start = false});
  older.subscribe("t", 2);
  older.disconnect();
  client("p").publish({.qos = 2, .properties = content_type("type")});
  auto newer = dial();
  EXPECT_TRUE(newer.connect(lasting("s")).session_present());
  EXPECT_EQ(newer.receive_message("t", "m").text(property_id::content_type), "type");
}

TEST_F(EdgeConnect, SessionPresentTellsTheTruth) {
  STATEMENT("E40");
  const auto present = [&](const connect_options& options, unsigned disconnect_code) {
    auto any = dial();
    const bool result = any.connect(options).session_present();
    any.send(disconnect_packet(disconnect_code));
    any.drain();
    return result;
  };
  auto clean = lasting("s");
  clean.clean_start = true;
  EXPECT_FALSE(present(lasting("s"), 0));
  EXPECT_TRUE(present(lasting("s"), 4));
  EXPECT_FALSE(present(clean, 0));
  EXPECT_TRUE(present({.client_id = "s", .clean_start = false}, 0)); // which ends it
  EXPECT_FALSE(present(lasting("s"), 0));
  EXPECT_FALSE(present(lasting("S"), 0)); // another client
}

TEST_F(EdgeConnect, SessionPresentIsZeroBesideAnError) {
  STATEMENT("E40");
  connect(lasting("s")).disconnect();
  auto options = lasting("s");
  options.properties += authentication_method("nobody has this");
  auto refused = dial();
  refused.send(connect_packet(v5, options));
  const auto connack = refused.expect_refused({0x87, 0x8C});
  EXPECT_TRUE(!connack || connack->acknowledge_flags == 0);
  EXPECT_TRUE(take_session("s")); // the refusal did it no harm
}

TEST_F(EdgeConnect, TakenOverSessionIsPresent) {
  STATEMENT("E40");
  auto first = connect(lasting("s"));
  auto second = dial();
  EXPECT_TRUE(second.connect(lasting("s")).session_present());
  first.drain();
}

} // namespace

} // namespace callboard::conformance
