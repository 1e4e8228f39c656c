#include "tests/conformance/edge_test.hpp"

#include <algorithm>
#include <thread>

// Keep alive and DISCONNECT: how a connection ends, by silence or by a word. Real
// seconds are waited for.

namespace callboard::conformance {

namespace {

using EdgeKeepAlive = EdgeTest;
using EdgeDisconnect = EdgeTest;
using namespace std::chrono_literals;

/// One and a half times a keep alive of 1 s is over by then; other brokers look at
/// their timers now and then only.
milliseconds at_the_latest(bool foreign) {
  return foreign ? 12000ms : 4000ms;
}

connect_options with_keep_alive(const std::string& id, unsigned seconds) {
  return {.client_id = id, .keep_alive = seconds, .will = will_options{.topic = "will/" + id}};
}

/// Whether the connection ends within `time`, whatever comes before.
bool ends(wire_client& any, milliseconds time) {
  bytes ignored;
  const auto deadline = std::chrono::steady_clock::now() + time;
  auto result = tcp_stream::outcome::done;
  while (result == tcp_stream::outcome::done)
    result = any.stream().read(ignored, deadline);
  return result == tcp_stream::outcome::closed;
}

/// Whether the node, told to stop, does so.
bool ends_itself(broker_process& broker) {
  const auto begin = std::chrono::steady_clock::now();
  while (broker.running() && since(begin) < patience)
    std::this_thread::sleep_for(5ms);
  return !broker.running();
}

// -- keep alive ------------------------------------------------------------------

TEST_F(EdgeKeepAlive, SilenceEndsTheConnectionAfterOneAndAHalfTimes) {
  STATEMENT("E41");
  auto watcher = subscriber("watcher", "will/#");
  const auto begin = std::chrono::steady_clock::now();
  std::vector<wire_client> silent;
  for (const auto version : all_versions)
    silent.push_back(
      connect(version, with_keep_alive(std::to_string(static_cast<int>(version)), 1)));
  for (auto& each : silent) {
    if (each.version() == v5)
      each.expect_closed({0x8D}, at_the_latest(is_foreign()));
    else
      each.expect_eof(at_the_latest(is_foreign()));
    EXPECT_GE(since(begin), 1450ms);
  }
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(watcher.expect(packet_type::publish).topic.starts_with("will/"));
}

TEST_F(EdgeKeepAlive, PacketsOfTheClientCountWhateverTheyAre) {
  STATEMENT("E41");
  auto talker = connect(with_keep_alive("talker", 1));
  const std::vector<bytes> any{publish_packet(v5, {}), "62 02 0007"_hex, "40 02 0007"_hex,
    subscribe_packet(v5, 1, {{"u", 0}}), pingreq(), unsubscribe_packet(v5, 2, {"u"}),
    "70 02 0007"_hex, publish_packet(v5, {})};
  for (const auto& packet : any) {
    std::this_thread::sleep_for(900ms);
    talker.send(packet);
  }
  talker.ping();
}

TEST_F(EdgeKeepAlive, PacketsToTheClientDoNotCount) {
  STATEMENT("E41");
  auto listener = connect(with_keep_alive("listener", 1));
  listener.subscribe("t");
  auto publisher = client("p");
  const auto begin = std::chrono::steady_clock::now();
  bool ended = false;
  while (!ended && since(begin) < at_the_latest(is_foreign())) {
    publisher.publish({});
    ended = ends(listener, 100ms);
  }
  EXPECT_TRUE(ended);
  EXPECT_GE(since(begin), 1450ms);
}

TEST_F(EdgeKeepAlive, PartsOfAPacketDoNotCount) {
  STATEMENT("E41");
  auto talker = connect(with_keep_alive("talker", 1));
  talker.send("30 7F"_hex); // a PUBLISH of 127 octets
  const auto begin = std::chrono::steady_clock::now();
  bool ended = false;
  while (!ended && since(begin) < at_the_latest(is_foreign())) {
    talker.send_while_open("\x01");
    ended = ends(talker, 200ms);
  }
  EXPECT_TRUE(ended);
}

TEST_F(EdgeKeepAlive, ZeroIsNoLimit) {
  STATEMENT("E42");
  std::vector<wire_client> silent;
  for (const auto version : all_versions)
    silent.push_back(
      connect(version, with_keep_alive(std::to_string(static_cast<int>(version)), 0)));
  std::this_thread::sleep_for(2500ms);
  for (auto& each : silent)
    each.ping();
}

TEST_F(EdgeKeepAlive, LongestKeepAliveIsNotTakenForAnother) {
  STATEMENT("E42");
  std::vector<wire_client> silent;
  for (const unsigned seconds : {43'690U, 43'691U, 65'535U}) // times 1.5: around 2^16
    silent.push_back(connect(with_keep_alive(std::to_string(seconds), seconds)));
  std::this_thread::sleep_for(2000ms);
  for (auto& each : silent)
    each.ping();
}

TEST_F(EdgeKeepAlive, ServersValueHoldsForThoseWhoAskedForMoreOrNone) {
  STATEMENT("E43");
  NEEDS_SETTINGS("server_keep_alive=1");
  const auto begin = std::chrono::steady_clock::now();
  std::vector<wire_client> silent;
  for (const unsigned asked : {0U, 2U, 65'535U}) {
    silent.push_back(dial());
    const auto connack = silent.back().connect(with_keep_alive(std::to_string(asked), asked));
    EXPECT_EQ(connack.number(property_id::server_keep_alive), 1U);
  }
  for (auto& each : silent)
    each.expect_closed({0x8D}, at_the_latest(is_foreign()));
  EXPECT_GE(since(begin), 1450ms);
}

TEST_F(EdgeKeepAlive, OlderClientsKeepTheirOwnForTheyCannotBeTold) {
  STATEMENT("E43");
  NEEDS_SETTINGS("server_keep_alive=1");
  auto older = connect(v3_1_1, with_keep_alive("older", 60));
  older.expect_silence(2200ms);
  older.ping();
}

// -- expiry in DISCONNECT --------------------------------------------------------

TEST_F(EdgeDisconnect, RaisingTheExpiryFromZeroIsAProtocolError) {
  STATEMENT("E44");
  auto watcher = subscriber("watcher", "will");
  for (const auto& properties : {bytes{}, session_expiry_interval(0)}) {
    for (const std::uint32_t raised : {1U, 300U, 0xFFFFFFFFU}) {
      auto talker =
        connect({.client_id = "talker", .properties = properties, .will = will_options{}});
      talker.send(disconnect_packet(0, session_expiry_interval(raised)));
      talker.expect_closed({0x82});
      watcher.expect_publish("will", "gone");
      EXPECT_FALSE(take_session("talker"));
    }
  }
}

TEST_F(EdgeDisconnect, ExpiryOfZeroMayBeSaidAgain) {
  STATEMENT("E44");
  auto watcher = subscriber("watcher", "will");
  auto talker = connect({.client_id = "talker", .will = will_options{}});
  talker.send(disconnect_packet(0, session_expiry_interval(0)));
  talker.expect_eof();
  expect_nothing_but_news(watcher, "will");
}

TEST_F(EdgeDisconnect, WhatTheClientAskedForCountsNotWhatItGot) {
  STATEMENT("E44");
  NEEDS_SETTINGS("session_expiry_maximum=0");
  auto watcher = subscriber("watcher", "will");
  auto talker = dial();
  auto options = lasting("talker");
  options.will = will_options{};
  EXPECT_EQ(talker.connect(options).number(property_id::session_expiry_interval), 0U);
  talker.send(disconnect_packet(0, session_expiry_interval(100)));
  talker.expect_eof();
  expect_nothing_but_news(watcher, "will");
}

TEST_F(EdgeDisconnect, ChangedExpiryIsApplied) {
  STATEMENT("E45");
  const auto leave = [&](const std::string& id, std::uint32_t first, const bytes& properties) {
    connect(lasting(id, first)).disconnect(0, properties);
  };
  leave("ended", 300, session_expiry_interval(0));
  leave("shortened", 300, session_expiry_interval(1));
  leave("extended", 1, session_expiry_interval(300));
  leave("for ever", 1, session_expiry_interval(0xFFFFFFFF));
  leave("kept", 300, {});
  leave("kept short", 1, {});
  EXPECT_FALSE(take_session("ended"));
  std::this_thread::sleep_for(2200ms);
  EXPECT_FALSE(take_session("shortened"));
  EXPECT_TRUE(take_session("extended"));
  EXPECT_TRUE(take_session("for ever"));
  EXPECT_TRUE(take_session("kept"));
  EXPECT_FALSE(take_session("kept short"));
}

TEST_F(EdgeDisconnect, ExpiryEndsAWaitingWillToo) {
  STATEMENT("E45");
  auto watcher = subscriber("watcher", "will");
  auto options = lasting("talker");
  options.will = will_options{.properties = will_delay_interval(60)};
  auto talker = connect(options);
  talker.send(disconnect_packet(4, session_expiry_interval(0)));
  talker.expect_eof();
  watcher.expect_publish("will", "gone"); // with the session, not after its delay
}

// -- codes -----------------------------------------------------------------------

TEST_F(EdgeDisconnect, AnyCodeButZeroSendsTheWill) {
  STATEMENT("E46");
  auto watcher = subscriber("watcher", "will");
  for (const unsigned code :
    {0x04U, 0x80U, 0x81U, 0x82U, 0x83U, 0x90U, 0x93U, 0x94U, 0x95U, 0x96U, 0x97U, 0x98U, 0x99U}) {
    auto talker = connect({.client_id = "talker", .will = will_options{}});
    talker.send(disconnect_packet(code));
    talker.expect_eof();
    watcher.expect_publish("will", "gone");
  }
}

TEST_F(EdgeDisconnect, CodeFourRespectsTheWillDelay) {
  STATEMENT("E46");
  auto watcher = subscriber("watcher", "will");
  auto options = lasting("talker");
  options.will = will_options{.properties = will_delay_interval(1)};
  auto talker = connect(options);
  const auto begin = std::chrono::steady_clock::now();
  talker.disconnect(4);
  watcher.expect_publish("will", "gone");
  EXPECT_GE(since(begin), 950ms);
}

TEST_F(EdgeDisconnect, ShortFormsOfDisconnectMeanWhatTheLongOnesDo) {
  STATEMENT("E47");
  auto watcher = subscriber("watcher", "will");
  for (const auto& octets :
    {"E0 00"_hex, "E0 01 00"_hex, "E0 02 00 00"_hex, "E0 01 04"_hex, "E0 02 04 00"_hex}) {
    auto talker = connect({.client_id = "talker", .will = will_options{}});
    talker.send(octets);
    talker.expect_eof();
    if (octets.size() > 2 && octets[2] == 4)
      watcher.expect_publish("will", "gone");
  }
  watcher.expect_silence();
}

TEST_F(EdgeDisconnect, ShortFormsOfPubackAcknowledge) {
  STATEMENT("E47");
  auto publisher = client("p");
  for (const auto& rest : {""_hex, "00"_hex, "00 00"_hex, "10"_hex, "10 00"_hex, "80"_hex}) {
    auto taker = connect(lasting("taker"));
    taker.subscribe("t", 1);
    publisher.publish({.qos = 1});
    const auto id = taker.expect_publish("t", "m").packet_id;
    taker.send(packet(0x40, u16(id) + rest));
    taker.ping();
    taker.cut();
    connect(lasting("taker")).expect_silence(milliseconds{100});
  }
}

TEST_F(EdgeDisconnect, ShortFormsOfTheOtherAcknowledgementsDoTheSame) {
  STATEMENT("E47");
  auto publisher = client("p");
  auto taker = subscriber("taker", "t", 2);
  for (const auto& rest : {""_hex, "00"_hex, "00 00"_hex}) {
    publisher.send_publish({.qos = 2, .packet_id = 7});
    EXPECT_EQ(publisher.expect(packet_type::pubrec).reason, 0U);
    publisher.send(packet(0x62, "0007"_hex + rest));
    EXPECT_EQ(publisher.expect(packet_type::pubcomp).reason, 0U);
    const auto id = taker.expect_publish("t", "m").packet_id;
    taker.send(packet(0x50, u16(id) + rest));
    EXPECT_EQ(taker.expect(packet_type::pubrel).packet_id, id);
    taker.send(packet(0x70, u16(id) + rest));
    taker.ping();
  }
}

TEST_F(EdgeDisconnect, NothingBehindDisconnectCounts) {
  STATEMENT("E48");
  auto watcher = subscriber("watcher", "#");
  for (const auto version : all_versions) {
    auto talker = connect(version, {.client_id = "talker", .will = will_options{}});
    talker.send("E0 00"_hex + publish_packet(version, {.qos = 1, .retain = true, .packet_id = 1}) +
                subscribe_packet(version, 2, {{"#", 0}}) + pingreq());
    EXPECT_EQ(talker.drain(), "");
  }
  for (const auto& rubbish : {"FF FF FF FF FF FF"_hex, "36 00"_hex, C5(), "E0 01 04"_hex}) {
    auto talker = connect({.client_id = "talker", .will = will_options{}});
    talker.send("E0 00"_hex + rubbish);
    EXPECT_EQ(talker.drain(), "");
  }
  expect_nothing_but_news(watcher, "x");
  subscriber("late", "#").expect_silence();
}

TEST_F(EdgeDisconnect, WhatCameBeforeDisconnectCounts) {
  STATEMENT("E48");
  auto watcher = subscriber("watcher", "t");
  for (const auto version : all_versions) {
    auto talker = dial(version);
    talker.send(
      connect_packet(version, {.client_id = "talker"}) + publish_packet(version, {}) + "E0 00"_hex);
    talker.finish_writing();
    talker.drain();
    watcher.expect_publish("t", "m");
  }
}

TEST_F(EdgeDisconnect, ServerClosesIfTheClientDoesNot) {
  STATEMENT("E48");
  for (const auto version : all_versions) {
    auto talker = client_of(version, "talker");
    talker.send("E0 00"_hex);
    talker.expect_eof();
  }
}

TEST_F(EdgeDisconnect, UndefinedCodesAreProtocolErrors) {
  STATEMENT("E49");
  each_ends(v5,
    {"40 03 0001 01"_hex, "40 04 0001 7F 00"_hex, "40 03 0001 92"_hex, "50 03 0001 02"_hex,
      "50 04 0001 92 00"_hex, "62 03 0001 10"_hex, "62 03 0001 80"_hex, "70 03 0001 01"_hex,
      "70 04 0001 91 00"_hex, "E0 01 01"_hex, "E0 01 7F"_hex, "E0 02 FF 00"_hex, "E0 01 18"_hex},
    {0x81, 0x82});
}

TEST_F(EdgeDisconnect, CodesOfServersEndTheConnectionAllTheSame) {
  STATEMENT("E49");
  auto watcher = subscriber("watcher", "will");
  for (const unsigned code : {0x87U, 0x89U, 0x8BU, 0x8DU, 0x8EU, 0x8FU, 0x9AU, 0x9BU, 0x9CU, 0x9DU,
         0x9EU, 0x9FU, 0xA0U, 0xA1U, 0xA2U}) {
    auto talker = connect({.client_id = "talker", .will = will_options{}});
    talker.send(disconnect_packet(code));
    talker.expect_closed({0x81, 0x82});
    watcher.expect_publish("will", "gone");
  }
}

TEST_F(EdgeDisconnect, StoppingServerSaysSo) {
  STATEMENT("E50");
  NEEDS_OWN_BROKER();
  auto newer = client("newer");
  auto older = client_of(v3_1_1, "older");
  auto silent = dial();
  broker().terminate();
  newer.expect_disconnect(0x8B);
  older.expect_eof();
  silent.expect_eof();
  EXPECT_TRUE(ends_itself(broker()));
}

TEST_F(EdgeDisconnect, StoppingServerSendsNoWillsOfItsOwnMaking) {
  STATEMENT("E50");
  NEEDS_OWN_BROKER();
  auto watcher = subscriber("watcher", "will/#");
  std::vector<wire_client> others;
  for (int i = 0; i < 20; ++i)
    others.push_back(connect(with_keep_alive(std::to_string(i), 60)));
  broker().terminate();
  // A will may be sent or kept back (MQTT5-3.1.2.5), but none comes twice.
  std::vector<std::string> seen;
  for (auto packet = watcher.receive(); packet.type == packet_type::publish;
       packet = watcher.receive())
    seen.push_back(packet.topic);
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
  watcher.expect_eof();
  EXPECT_TRUE(ends_itself(broker()));
}

} // namespace

} // namespace callboard::conformance
