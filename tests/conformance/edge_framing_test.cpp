#include "tests/conformance/edge_test.hpp"

#include <thread>

// Bytes and framing: what a server makes of packets that are cut, joined, too
// long or of a form that nobody may send.

namespace callboard::conformance {

namespace {

using EdgeFraming = EdgeTest;
using namespace std::chrono_literals;

/// A CONNECT of this version whose first octet is another.
bytes connect_with_first_octet(protocol_version version, unsigned first) {
  auto connect = connect_packet(version, {.client_id = "bad"});
  connect.replace(0, 1, u8(first));
  return connect;
}

/// A whole conversation in one direction: CONNECT, SUBSCRIBE, three PUBLISHes to
/// "watched", PINGREQ.
bytes conversation(protocol_version version) {
  bytes all = connect_packet(version, {.client_id = "talker"});
  all += subscribe_packet(version, 1, {{"any", 1}});
  for (const auto* payload : {"1", "2", "3"})
    all += publish_packet(version, {.topic = "watched", .payload = payload});
  return all + pingreq();
}

/// The answers to that conversation.
void expect_answers(wire_client& talker) {
  EXPECT_EQ(talker.expect(packet_type::connack).reason, 0U);
  talker.await(packet_type::suback);
  talker.await(packet_type::pingresp);
}

void expect_three_messages(wire_client& watcher) {
  for (const auto* payload : {"1", "2", "3"})
    watcher.expect_publish("watched", payload);
}

// -- variable byte integers ------------------------------------------------------

TEST_F(EdgeFraming, OverlongRemainingLengthIsMalformed) {
  STATEMENT("E01");
  each_ends(v5, {"C0 80 00"_hex, "C0 80 80 00"_hex, "30 84 00 0001 74 00"_hex}, {0x81});
}

TEST_F(EdgeFraming, OverlongRemainingLengthHarmsNobodyBefore5) {
  STATEMENT("E01");
  for (const auto version : versions_before_5) { // where no rule forbids it
    auto any = client_of(version, "any");
    any.send("C0 80 00"_hex);
    bytes answer;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    EXPECT_NE(any.stream().read(answer, deadline), tcp_stream::outcome::timeout);
    EXPECT_TRUE(answer.empty() || answer == "D0 00"_hex) << show(answer);
    client_of(version, "good").ping();
  }
}

TEST_F(EdgeFraming, OverlongPropertyLengthIsMalformed) {
  STATEMENT("E01");
  each_ends(v5,
    {"30 06 0001 74 80 00 78"_hex, "82 08 0001 80 00 0001 61 00"_hex,
      "A2 07 0001 80 00 0001 61"_hex, "E0 03 00 80 00"_hex},
    {0x81});
  each_is_refused(v5, {"10 0F 0004 4D515454 05 02 003C 80 00 0001 61"_hex}, {0x81});
}

TEST_F(EdgeFraming, OverlongSubscriptionIdentifierIsMalformed) {
  STATEMENT("E01");
  each_ends(
    v5, {"82 0A 0001 03 0B 81 00 0001 61 00"_hex, "82 0A 0001 03 0B 80 00 0001 61 00"_hex}, {0x81});
}

TEST_F(EdgeFraming, FiveOctetsOfLengthCloseWithoutWaitingForMore) {
  STATEMENT("E02");
  for (const auto version : all_versions)
    each_ends(version, {"30 FF FF FF FF"_hex, "82 80 80 80 80 01"_hex}, {0x81});
  each_refused_in_silence({"10 FF FF FF FF 7F"_hex, "10 80 80 80 80 00"_hex}); // of no version
}

TEST_F(EdgeFraming, AnnouncedPacketAboveTheLimitIsRefusedFromItsHeader) {
  STATEMENT("E03");
  NEEDS_SETTINGS("maximum_packet_size=1048576");
  auto talker = dial();
  EXPECT_EQ(talker.connect().number(property_id::maximum_packet_size), 1'048'576U);
  talker.send("30 FF FF FF 7F"_hex);
  talker.expect_disconnect(0x95);
  for (const auto version : versions_before_5)
    each_ends(version, {"30 FF FF FF 7F"_hex});
}

TEST_F(EdgeFraming, PacketOfTheLargestSizeIsTakenAndNoLargerOne) {
  STATEMENT("E03");
  NEEDS_SETTINGS("maximum_packet_size=128");
  for (const auto version : all_versions) {
    auto watcher = subscriber_of(version, "watcher", "t");
    const std::size_t around = version == v5 ? 6 : 5; // header, topic, properties
    publication message{.payload = repeat("x", 128 - around)};
    client_of(version, "p").publish(message);
    watcher.expect_publish("t", message.payload);
    message.payload += "x";
    each_ends(version, {publish_packet(version, message)}, {0x95});
    watcher.expect_silence();
  }
}

TEST_F(EdgeFraming, ConnectHasALowerLimitOfItsOwn) {
  STATEMENT("E03");
  NEEDS_SETTINGS("maximum_packet_size=268435460");
  each_refused_in_silence({"10 FF FF FF 7F"_hex}); // of which version nobody can say
}

// -- cut and joined --------------------------------------------------------------

TEST_F(EdgeFraming, PacketsMayComeOctetByOctet) {
  STATEMENT("E04");
  for (const auto version : all_versions) {
    auto watcher = subscriber("watcher", "watched");
    auto talker = dial(version);
    talker.send_bytewise(conversation(version));
    expect_answers(talker);
    expect_three_messages(watcher);
  }
}

TEST_F(EdgeFraming, PacketsMayComeInOneWriteBehindConnect) {
  STATEMENT("E04");
  for (const auto version : all_versions) {
    auto watcher = subscriber("watcher", "watched");
    auto talker = dial(version);
    talker.send(conversation(version));
    expect_answers(talker);
    expect_three_messages(watcher);
  }
}

TEST_F(EdgeFraming, PacketsMayBeCutAnywhere) {
  STATEMENT("E04");
  auto watcher = subscriber("watcher", "watched");
  const auto all = conversation(v5);
  for (std::size_t cut = 1; cut < all.size(); ++cut) {
    auto talker = dial();
    talker.send(all.substr(0, cut));
    std::this_thread::sleep_for(2ms); // that the server reads what is there
    talker.send(all.substr(cut));
    expect_answers(talker);
    expect_three_messages(watcher);
  }
}

TEST_F(EdgeFraming, LargePacketsMayComeInSmallParts) {
  STATEMENT("E04");
  auto watcher = subscriber("watcher", "t");
  auto talker = client("talker");
  const publication message{.payload = repeat("0123456789", 100'000)};
  const auto packet = publish_packet(v5, message);
  constexpr std::size_t part = 7919;
  for (std::size_t at = 0; at < packet.size(); at += part)
    talker.send(packet.substr(at, part));
  watcher.expect_publish("t", message.payload);
}

// -- lengths that do not fit -----------------------------------------------------

TEST_F(EdgeFraming, OctetsBehindTheLastFieldAreMalformed) {
  STATEMENT("E05");
  each_ends(v5,
    {"C0 01 00"_hex, "40 05 0001 00 00 00"_hex, "50 05 0001 00 00 00"_hex,
      "62 05 0001 00 00 00"_hex, "70 05 0001 00 00 00"_hex, "E0 03 00 00 00"_hex},
    {0x81, 0x82});
  each_ends(v3_1_1, {"C0 01 00"_hex, "40 03 0001 00"_hex, "50 03 0001 00"_hex, "62 03 0001 00"_hex,
                      "70 03 0001 00"_hex, "E0 01 00"_hex});
}

TEST_F(EdgeFraming, OctetsBehindTheLastFieldOfConnectAreMalformed) {
  STATEMENT("E05");
  each_is_refused(v5, {"10 10 0004 4D515454 05 02 003C 00 0001 61 0000"_hex}, {0x81});
  each_is_refused(v3_1_1, {"10 0F 0004 4D515454 04 02 003C 0001 61 0000"_hex});
}

TEST_F(EdgeFraming, MalformedDisconnectIsNoGoodbye) {
  STATEMENT("E05", "E07");
  auto watcher = subscriber("watcher", "will");
  for (const auto version : {v3_1_1, v5}) {
    for (const auto& octets : {"E1 00"_hex, "E0 03 00 00 00"_hex}) {
      auto talker = connect(version, {.client_id = "talker", .will = will_options{}});
      talker.send(octets);
      talker.drain();
      watcher.expect_publish("will", "gone");
    }
  }
}

TEST_F(EdgeFraming, FieldsLongerThanTheirPacketAreMalformed) {
  STATEMENT("E06");
  for (const auto version : all_versions)
    each_ends(version,
      {"30 05 00FF 61 62 63"_hex, "30 01 00"_hex, "30 00"_hex, "32 04 0001 74 00"_hex,
        "40 01 00"_hex, "40 00"_hex, "82 01 00"_hex, "A2 00"_hex},
      {0x81, 0x82});
  for (const auto version : versions_before_5)
    each_ends(version, {"82 06 0001 00FF 61 00"_hex, "A2 05 0001 00FF 61"_hex});
  each_ends(v5, {"82 07 0001 00 00FF 61 00"_hex, "A2 06 0001 00 00FF 61"_hex, "82 02 0001"_hex},
    {0x81, 0x82});
}

TEST_F(EdgeFraming, PropertiesLongerThanTheirPacketAreMalformed) {
  STATEMENT("E06");
  each_ends(v5,
    {"30 05 0001 74 7F 78"_hex, "82 07 0001 7F 0001 61 00"_hex, "A2 06 0001 7F 0001 61"_hex,
      "40 04 0001 00 05"_hex, "E0 02 00 05"_hex, "30 04 0001 74 80"_hex},
    {0x81});
}

TEST_F(EdgeFraming, PropertiesThatEndInTheMiddleAreMalformed) {
  STATEMENT("E06");
  each_ends(v5,
    {"30 08 0001 74 03 02 0000 78"_hex,        // half of a number
      "30 05 0001 74 01 03"_hex,               // an identifier alone
      "30 0A 0001 74 04 03 0005 61 62 63"_hex, // a string beyond the properties
      "30 09 0001 74 05 26 0001 61 00"_hex,    // a key without its value
      "82 08 0001 02 0B FF 0001 61"_hex},
    {0x81});
}

TEST_F(EdgeFraming, FieldsLongerThanConnectAreMalformed) {
  STATEMENT("E06");
  each_is_refused(v5,
    {"10 0E 0004 4D515454 05 02 003C 00 00FF 61"_hex,
      "10 0E 0004 4D515454 05 02 003C 7F 0001 61"_hex,
      "10 0E 0004 4D515454 05 02 003C 00 0002 61"_hex},
    {0x81});
  each_refused_in_silence({"10 05 00FF 4D5154"_hex}); // of which version nobody can say
  each_is_refused(v3_1_1, {"10 0D 0004 4D515454 04 02 003C 00FF 61"_hex});
  each_is_refused(v3_1, {"10 0F 0006 4D5149736470 03 02 003C 00FF 61"_hex});
}

// -- flags and types -------------------------------------------------------------

TEST_F(EdgeFraming, ReservedFlagsAreMalformed) {
  STATEMENT("E07");
  for (const auto version : {v3_1_1, v5})
    each_ends(version,
      {"C1 00"_hex, "C8 00"_hex, "41 02 0001"_hex, "48 02 0001"_hex, "51 02 0001"_hex,
        "52 02 0001"_hex, "60 02 0001"_hex, "63 02 0001"_hex, "71 02 0001"_hex, "E1 00"_hex,
        "E8 00"_hex},
      {0x81});
  each_ends(v5,
    {"80 07 0001 00 0001 61 00"_hex, "83 07 0001 00 0001 61 00"_hex, "A0 06 0001 00 0001 61"_hex,
      "AF 06 0001 00 0001 61"_hex},
    {0x81});
  each_ends(v3_1_1, {"80 06 0001 0001 61 00"_hex, "A0 05 0001 0001 61"_hex});
}

TEST_F(EdgeFraming, ReservedFlagsOfConnectAreMalformed) {
  STATEMENT("E07");
  for (const auto version : {v3_1_1, v5})
    for (const unsigned first : {0x11U, 0x12U, 0x14U, 0x18U, 0x1FU})
      each_is_refused(version, {connect_with_first_octet(version, first)}, {0x81});
}

TEST_F(EdgeFraming, TypeZeroIsForbidden) {
  STATEMENT("E08");
  for (const auto version : all_versions)
    each_ends(version, {"00 00"_hex, "00 02 0001"_hex, "0F 00"_hex}, {0x81, 0x82});
}

TEST_F(EdgeFraming, TypeFifteenIsForbiddenBefore5) {
  STATEMENT("E08");
  for (const auto version : versions_before_5)
    each_ends(version, {"F0 00"_hex, "F0 02 18 00"_hex});
}

TEST_F(EdgeFraming, PacketsOfServersAreProtocolErrors) {
  STATEMENT("E08");
  each_ends(v5, {"20 03 00 00 00"_hex, "90 04 0001 00 00"_hex, "B0 04 0001 00 00"_hex, "D0 00"_hex},
    {0x81, 0x82});
  for (const auto version : versions_before_5)
    each_ends(version, {"20 02 00 00"_hex, "90 03 0001 00"_hex, "B0 02 0001"_hex, "D0 00"_hex});
}

TEST_F(EdgeFraming, ThereIsNoQosThree) {
  STATEMENT("E09");
  for (const auto version : all_versions)
    each_ends(version,
      {publish_packet(version, {.qos = 3, .packet_id = 1}),
        publish_packet(version, {.qos = 3, .retain = true, .dup = true, .packet_id = 1}),
        subscribe_packet(version, 1, {{"t", 3}}),
        subscribe_packet(version, 1, {{"u", 0}, {"t", 3}})},
      {0x81, 0x82});
}

TEST_F(EdgeFraming, ThereIsNoWillQosThree) {
  STATEMENT("E09", "E27");
  for (const auto version : all_versions)
    each_is_refused(version, {connect_packet(version, {.will = will_options{.qos = 3}})}, {0x81});
}

TEST_F(EdgeFraming, QosZeroIsNeverARepeat) {
  STATEMENT("E10");
  auto watcher = subscriber("watcher", "t");
  for (const auto version : {v3_1_1, v5})
    each_ends(version,
      {publish_packet(version, {.dup = true}),
        publish_packet(version, {.retain = true, .dup = true})},
      {0x81});
  expect_nothing_but_news(watcher, "t");
}

TEST_F(EdgeFraming, PacketIdentifierZeroEndsTheConnection) {
  STATEMENT("E11");
  auto watcher = subscriber("watcher", "t");
  for (const auto version : all_versions)
    each_ends(version,
      {publish_packet(version, {.qos = 1}), publish_packet(version, {.qos = 2}),
        subscribe_packet(version, 0, {{}}), unsubscribe_packet(version, 0, {"t"}), "40 02 0000"_hex,
        "50 02 0000"_hex, "62 02 0000"_hex, "70 02 0000"_hex},
      {0x81, 0x82});
  expect_nothing_but_news(watcher, "t");
}

// -- before and after CONNECT ----------------------------------------------------

TEST_F(EdgeFraming, AnyOtherFirstPacketClosesInSilence) {
  STATEMENT("E12");
  auto watcher = subscriber("watcher", "#");
  for (const auto& first :
    {pingreq(), publish_packet(v5, {}), publish_packet(v3_1_1, {.qos = 1, .packet_id = 1}),
      "40 02 0001"_hex, "50 02 0001"_hex, "62 02 0001"_hex, "70 02 0001"_hex,
      subscribe_packet(v5, 1, {{}}), unsubscribe_packet(v5, 1, {"t"}), "E0 00"_hex, "F0 00"_hex,
      "20 02 00 00"_hex, "D0 00"_hex, "00 00"_hex,
      bytes{"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n"} + repeat("\r\n", 40)}) {
    auto stranger = dial();
    stranger.send_while_open(first + C5());
    EXPECT_EQ(stranger.drain(), "") << show(first);
  }
  expect_nothing_but_news(watcher, "x");
}

TEST_F(EdgeFraming, ConnectThatNeverComesEndsTheConnection) {
  STATEMENT("E13");
  NEEDS_SETTINGS("handshake_timeout=1");
  std::vector<wire_client> silent;
  for (int i = 0; i < 20; ++i)
    silent.push_back(dial());
  const auto begin = std::chrono::steady_clock::now();
  for (auto& each : silent)
    each.expect_eof();
  EXPECT_GE(since(begin), 700ms);
  client("good").ping();
}

TEST_F(EdgeFraming, HalfAConnectLeavesNeitherWillNorSession) {
  STATEMENT("E13");
  NEEDS_SETTINGS("handshake_timeout=1");
  auto watcher = subscriber("watcher", "#");
  auto options = lasting("half");
  options.will = will_options{};
  const auto whole = connect_packet(v5, options);
  for (std::size_t size = 1; size < whole.size(); size += 9) {
    auto half = dial();
    half.send(whole.substr(0, size));
    if (size % 2 == 0)
      half.cut();
    else
      half.expect_eof();
  }
  expect_nothing_but_news(watcher, "x");
  EXPECT_FALSE(take_session("half"));
}

TEST_F(EdgeFraming, SecondConnectEndsTheConnectionAndSendsItsWill) {
  STATEMENT("E14");
  auto watcher = subscriber("watcher", "will");
  for (const auto version : all_versions) {
    auto talker = connect(version, {.client_id = "talker", .will = will_options{}});
    talker.send(connect_packet(version, {.client_id = "talker"}));
    if (version == v5)
      talker.expect_closed({0x82});
    else
      talker.expect_eof();
    watcher.expect_publish("will", "gone");
  }
}

TEST_F(EdgeFraming, SecondConnectTakesNoSessionOver) {
  STATEMENT("E14");
  auto other = client("other");
  auto talker = dial();
  talker.send(connect_packet(v5, {.client_id = "talker"}) +
              connect_packet(v5, {.client_id = "other"}) +
              publish_packet(v5, {.qos = 1, .packet_id = 1}));
  EXPECT_EQ(talker.expect(packet_type::connack).reason, 0U);
  talker.expect_closed({0x82});
  other.ping();
}

} // namespace

} // namespace callboard::conformance
