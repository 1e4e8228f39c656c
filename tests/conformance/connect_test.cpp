#include "tests/conformance/conformance_test.hpp"

#include <set>

// What a server makes of a CONNECT (MQTT 5.0, 3.1). Sessions, wills and the keep
// alive have files of their own.

namespace callboard::conformance {

namespace {

using Mqtt5Connect = ConformanceTest;

/// A CONNECT of version 5.0 with these flags, and `payload` behind the properties.
bytes connect_of(unsigned flags, std::string_view payload, std::string_view properties = {}) {
  return packet(0x10, field("MQTT") + u8(5) + u8(flags) + u16(60) +
                        variable(static_cast<std::uint32_t>(properties.size())) +
                        bytes{properties} + bytes{payload});
}

/// A CONNECT that names this protocol and level, otherwise as version 5.0 has it.
bytes connect_to(std::string_view protocol, unsigned level) {
  return packet(0x10, field(protocol) + u8(level) + "02 003C 00"_hex + field("a"));
}

/// A will's fields: no properties, topic "will", payload "gone".
bytes will_fields() {
  return u8(0) + field("will") + field("gone");
}

/// Whether a server that knows no such version may answer so: not at all, or that
/// the version is unsupported, in the form of 5.0 or of 3.1.1.
bool refuses_version(const bytes& answer) {
  if (answer.empty() || answer == "20 02 00 01"_hex)
    return true;
  return answer.size() > 4 && answer.starts_with("20"_hex) && answer.substr(2, 2) == "00 84"_hex;
}

TEST_F(Mqtt5Connect, GoodConnectIsAccepted) {
  STATEMENT("MQTT5-3.1.4-5", "MQTT5-4.2.0-1");
  auto client = dial();
  client.send(C5());
  EXPECT_EQ(client.expect(packet_type::connack).reason, 0U);
  client.ping();
}

TEST_F(Mqtt5Connect, ArrivesInAnySegments) {
  STATEMENT("MQTT5-4.2.0-1");
  auto client = dial();
  client.send_bytewise(C5());
  EXPECT_EQ(client.expect(packet_type::connack).reason, 0U);
}

TEST_F(Mqtt5Connect, AnyOtherFirstPacketClosesInSilence) {
  STATEMENT("MQTT5-3.1.0-1", "MQTT5-3.14.0-1");
  const auto v5 = protocol_version::v5;
  for (const auto& first :
    {pingreq(), publish_packet(v5, {}), subscribe_packet(v5, 1, {{}}), disconnect_packet(),
      auth_packet(0x18, authentication_method("x")), "F0 00"_hex, "20 03 00 00 00"_hex}) {
    auto client = dial();
    client.send(first);
    client.expect_eof();
  }
}

TEST_F(Mqtt5Connect, SecondConnectEndsTheConnectionWithItsWill) {
  STATEMENT("MQTT5-3.1.0-2", "MQTT5-3.2.0-2");
  auto watcher = subscriber("watcher", "will");
  auto client = connect({.client_id = "a", .will = will_options{}});
  client.send(C5());
  client.expect_closed({0x82});
  watcher.expect_publish("will", "gone");
}

TEST_F(Mqtt5Connect, OtherProtocolNamesAreRefused) {
  STATEMENT("MQTT5-3.1.2-1");
  for (const auto* name : {"MQTX", "mqtt", "MQT", "", "MQTTT", "MQTT "}) {
    auto client = dial();
    client.send(connect_to(name, 5));
    EXPECT_PRED1(refuses_version, client.drain()) << name;
  }
}

TEST_F(Mqtt5Connect, UnknownVersionsAreRefused) {
  STATEMENT("MQTT5-3.1.2-2");
  for (const unsigned level : {0U, 1U, 2U, 6U, 7U, 0x7FU, 0xFFU}) {
    auto client = dial();
    client.send(connect_to("MQTT", level));
    EXPECT_PRED1(refuses_version, client.drain()) << level;
  }
}

TEST_F(Mqtt5Connect, ReservedFlagIsMalformed) {
  STATEMENT("MQTT5-3.1.2-3");
  each_refused({connect_of(0x03, field("a")), connect_of(0x01, field("a"))}, {0x81});
}

TEST_F(Mqtt5Connect, WillFlagRequiresPropertiesTopicAndPayload) {
  STATEMENT("MQTT5-3.1.2-9");
  each_refused({connect_of(0x06, field("a")), connect_of(0x06, field("a") + u8(0)),
                 connect_of(0x06, field("a") + u8(0) + field("will"))},
    {0x81});
}

TEST_F(Mqtt5Connect, WillQosWithoutWillIsMalformed) {
  STATEMENT("MQTT5-3.1.2-11");
  each_refused({connect_of(0x0A, field("a")), connect_of(0x12, field("a"))}, {0x81});
}

TEST_F(Mqtt5Connect, WillQosThreeIsMalformed) {
  STATEMENT("MQTT5-3.1.2-12");
  each_refused({connect_of(0x1E, field("a") + will_fields())}, {0x81});
}

TEST_F(Mqtt5Connect, WillRetainWithoutWillIsMalformed) {
  STATEMENT("MQTT5-3.1.2-13");
  each_refused({connect_of(0x22, field("a"))}, {0x81});
}

TEST_F(Mqtt5Connect, FieldsThatNoFlagAnnouncesAreMalformed) {
  STATEMENT("MQTT5-3.1.2-16", "MQTT5-3.1.2-18");
  each_refused({connect_of(0x02, field("a") + field("user")),
                 connect_of(0x02, field("a") + field("user") + field("password")),
                 connect_of(0x82, field("a") + field("user") + field("password"))},
    {0x81});
}

TEST_F(Mqtt5Connect, AnnouncedUserNameMustBeThere) {
  STATEMENT("MQTT5-3.1.2-17");
  each_refused({connect_of(0x82, field("a"))}, {0x81});
}

TEST_F(Mqtt5Connect, EmptyUserNameIsAUserName) {
  STATEMENT("MQTT5-3.1.2-17");
  connect({.user_name = ""}).ping();
}

TEST_F(Mqtt5Connect, AnnouncedPasswordMustBeThere) {
  STATEMENT("MQTT5-3.1.2-19");
  each_refused(
    {connect_of(0xC2, field("a") + field("user")), connect_of(0x42, field("a"))}, {0x81});
}

TEST_F(Mqtt5Connect, PasswordNeedsNoUserNameAndMayBeAnyOctets) {
  STATEMENT("MQTT5-3.1.2-19");
  connect({.password = "00 FF 01"_hex}).ping();
}

TEST_F(Mqtt5Connect, PayloadFieldsAreTakenInTheirOrder) {
  STATEMENT("MQTT5-3.1.3-1");
  auto watcher = subscriber("watcher", "#");
  auto client = connect({.client_id = "the-id",
    .will =
      will_options{
        .topic = "the-topic", .payload = "the-payload", .properties = content_type("the-type")},
    .user_name = "the-user",
    .password = "the-password"});
  client.cut();
  const auto will = watcher.expect_publish("the-topic", "the-payload");
  EXPECT_EQ(will.text(property_id::content_type), "the-type");
}

TEST_F(Mqtt5Connect, ClientIdentifierMustBeThere) {
  STATEMENT("MQTT5-3.1.3-3");
  each_refused({connect_of(0x02, ""), connect_of(0x02, u8(0))}, {0x81});
}

TEST_F(Mqtt5Connect, ClientIdentifierIsAString) {
  STATEMENT("MQTT5-3.1.3-4");
  each_refused(
    {connect_of(0x02, "0003 ED A0 80"_hex), connect_of(0x02, "0003 61 00 62"_hex)}, {0x81});
}

TEST_F(Mqtt5Connect, LettersAndDigitsMakeAnIdentifier) {
  STATEMENT("MQTT5-3.1.3-5");
  for (const auto* id :
    {"x", "0123456789abcdefghijklm", "nopqrstuvwxyzABCDEFGHIJ", "KLMNOPQRSTUVWXYZ0123456"})
    client(id).ping();
}

TEST_F(Mqtt5Connect, EmptyIdentifierGetsAUniqueOne) {
  STATEMENT("MQTT5-3.1.3-6", "MQTT5-3.1.3-7");
  std::set<std::string> assigned;
  std::vector<wire_client> clients;
  for (const bool clean_start : {true, true, false}) {
    clients.push_back(dial());
    const auto connack = clients.back().connect({.client_id = "", .clean_start = clean_start});
    assigned.insert(connack.text(property_id::assigned_client_identifier).value_or(""));
  }
  EXPECT_EQ(assigned.size(), 3U);
  EXPECT_FALSE(assigned.contains(""));
  for (auto& each : clients)
    each.ping();
}

TEST_F(Mqtt5Connect, AssignedIdentifierFindsTheSessionAgain) {
  STATEMENT("MQTT5-3.1.3-7");
  auto client = dial();
  const auto id = client.connect(lasting("")).text(property_id::assigned_client_identifier);
  client.cut();
  ASSERT_TRUE(id.has_value());
  auto again = dial();
  const auto connack = again.connect(lasting(*id));
  EXPECT_TRUE(connack.session_present());
  EXPECT_FALSE(connack.has(property_id::assigned_client_identifier));
}

TEST_F(Mqtt5Connect, AssignedIdentifiersDifferAlsoFromThoseOfSleepingSessions) {
  STATEMENT("MQTT5-3.2.2-16");
  std::set<std::string> assigned;
  for (int i = 0; i < 100; ++i) {
    auto client = dial();
    const auto connack = client.connect(lasting(""));
    EXPECT_FALSE(connack.session_present());
    assigned.insert(connack.text(property_id::assigned_client_identifier).value_or(""));
  }
  EXPECT_EQ(assigned.size(), 100U);
}

TEST_F(Mqtt5Connect, EmptyIdentifierCanBeForbidden) {
  STATEMENT("MQTT5-3.1.3-6", "MQTT5-3.1.3-8");
  NEEDS_SETTINGS("allow_empty_client_id=false");
  each_refused({connect_packet(protocol_version::v5, {.client_id = ""})}, {0x85});
}

TEST_F(Mqtt5Connect, IdentifierBeyondTheLimitIsRefused) {
  STATEMENT("MQTT5-3.1.3-8", "MQTT5-3.1.4-2", "MQTT5-3.2.2-7");
  NEEDS_SETTINGS("client_id_maximum_length=23");
  client("12345678901234567890123").ping();
  auto refused = dial();
  refused.send(connect_packet(protocol_version::v5, {.client_id = "123456789012345678901234"}));
  refused.expect_refused({0x85});
}

TEST_F(Mqtt5Connect, WillTopicIsAString) {
  STATEMENT("MQTT5-3.1.3-11");
  std::vector<bytes> connects;
  for (const auto& topic : {"ED A0 80"_hex, "61 00"_hex, "C0 AF"_hex})
    connects.push_back(
      connect_packet(protocol_version::v5, {.will = will_options{.topic = topic}}));
  each_refused(connects, {0x81});
}

TEST_F(Mqtt5Connect, UserNameIsAString) {
  STATEMENT("MQTT5-3.1.3-12");
  std::vector<bytes> connects;
  for (const auto& user : {"C3 28"_hex, "61 00 62"_hex, "ED BF BF"_hex})
    connects.push_back(connect_packet(protocol_version::v5, {.user_name = user}));
  each_refused(connects, {0x81});
}

TEST_F(Mqtt5Connect, OctetsBehindThePayloadAreMalformed) {
  STATEMENT("MQTT5-3.1.4-1");
  each_refused({connect_of(0x02, field("a") + "00 00"_hex)}, {0x81});
}

TEST_F(Mqtt5Connect, PropertiesThatReachBeyondThePacketAreMalformed) {
  STATEMENT("MQTT5-3.1.4-1");
  const auto head = field("MQTT") + "05 02 003C"_hex;
  each_refused({packet(0x10, head + u8(0x20) + field("a")), packet(0x10, head + "02 1100"_hex),
                 packet(0x10, head + "04 11000000"_hex + field("a"))},
    {0x81});
}

TEST_F(Mqtt5Connect, PropertiesOfOtherPacketsAreRefused) {
  STATEMENT("MQTT5-3.1.4-1");
  each_refused({connect_of(0x02, field("a"), topic_alias(1)),
                 connect_of(0x02, field("a"), "12"_hex + field("x")),
                 connect_of(0x02, field("a"), "24 01"_hex), connect_of(0x02, field("a"), "00"_hex),
                 connect_of(0x02, field("a"), "7F 00"_hex)},
    {0x81, 0x82});
}

TEST_F(Mqtt5Connect, PropertiesThatComeTwiceAreProtocolErrors) {
  STATEMENT("MQTT5-3.1.4-1");
  std::vector<bytes> connects;
  for (const auto& property :
    {session_expiry_interval(1), receive_maximum(9), maximum_packet_size(999),
      topic_alias_maximum(9), request_problem_information(1), request_response_information(1)})
    connects.push_back(connect_of(0x02, field("a"), property + property));
  each_refused(connects, {0x82});
}

TEST_F(Mqtt5Connect, LimitsOfZeroAreProtocolErrors) {
  STATEMENT("MQTT5-3.1.4-1", "MQTT5-3.1.2-24", "MQTT5-3.3.4-9");
  each_refused({connect_of(0x02, field("a"), receive_maximum(0)),
                 connect_of(0x02, field("a"), maximum_packet_size(0))},
    {0x82});
}

TEST_F(Mqtt5Connect, UserPropertiesMayRepeat) {
  STATEMENT("MQTT5-3.1.4-5");
  const auto twice = user_property("k", "v") + user_property("k", "v");
  connect({.properties = twice}).ping();
}

TEST_F(Mqtt5Connect, PropertyLengthMustBeThere) {
  STATEMENT("MQTT5-2.2.2-1");
  each_refused({packet(0x10, field("MQTT") + "05 02 003C"_hex)}, {0x81});
}

TEST_F(Mqtt5Connect, NewConnectionTakesTheSessionOver) {
  STATEMENT("MQTT5-3.1.4-3");
  auto first = client("same");
  auto second = client("same");
  first.expect_disconnect(0x8E);
  second.ping();
}

TEST_F(Mqtt5Connect, ConnectionsOfAllVersionsTakeOverFromEachOther) {
  STATEMENT("MQTT5-3.1.4-3");
  auto first = client("same");
  auto second = connect(protocol_version::v3_1_1, {.client_id = "same"});
  first.expect_disconnect(0x8E);
  auto third = connect(protocol_version::v3_1, {.client_id = "same"});
  second.expect_eof();
  auto fourth = client("same");
  third.expect_eof();
  fourth.ping();
}

TEST_F(Mqtt5Connect, RequestedResponseInformationIsGiven) {
  STATEMENT("MQTT5-3.1.2-28");
  NEEDS_SETTINGS("response_information=answers/");
  auto client = dial();
  const auto connack = client.connect({.properties = request_response_information(1)});
  EXPECT_TRUE(connack.text(property_id::response_information).value_or("").starts_with("answers/"));
}

TEST_F(Mqtt5Connect, ResponseInformationComesOnRequestOnly) {
  STATEMENT("MQTT5-3.1.2-28");
  if (!is_foreign())
    set({"response_information=answers/"});
  for (const auto& properties : {bytes{}, request_response_information(0)}) {
    auto client = dial();
    EXPECT_FALSE(client.connect({.properties = properties}).has(property_id::response_information));
  }
}

TEST_F(Mqtt5Connect, RequestsAreZeroOrOne) {
  STATEMENT("MQTT5-3.1.2-28", "MQTT5-3.1.2-29");
  each_refused({connect_of(0x02, field("a"), request_response_information(2)),
                 connect_of(0x02, field("a"), request_problem_information(2)),
                 connect_of(0x02, field("a"), request_problem_information(0xFF))},
    {0x82});
}

TEST_F(Mqtt5Connect, NothingBehindARefusedConnectIsProcessed) {
  STATEMENT("MQTT5-3.1.4-6", "MQTT5-3.1.2-30");
  auto watcher = subscriber("watcher", "#");
  const auto v5 = protocol_version::v5;
  auto refused = dial();
  refused.send(connect_packet(v5, {.properties = authentication_method("nobody-has-this")}) +
               publish_packet(v5, {.topic = "t", .payload = "live"}) +
               publish_packet(v5, {.topic = "kept", .payload = "kept", .retain = true}) +
               subscribe_packet(v5, 1, {{}}));
  refused.expect_refused({0x87, 0x8C});
  watcher.expect_silence();
  subscriber("late", "#").expect_silence();
}

} // namespace

} // namespace callboard::conformance
