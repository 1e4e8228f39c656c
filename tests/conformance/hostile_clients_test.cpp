#include "tests/conformance/hostile_test.hpp"

#include <algorithm>
#include <iostream>
#include <random>
#include <thread>

// Clients that connect in bad ways: too many, too slowly, too often. Those that
// send or read in bad ways are in hostile_floods_test.cpp.

namespace callboard::conformance {

namespace {

using HostileClients = HostileTest;
using namespace std::chrono_literals;

constexpr auto v5 = protocol_version::v5;

/// Whether the server closes within `time`, whatever it sends before.
bool is_closed(wire_client& any, milliseconds time = patience) {
  bytes ignored;
  const auto deadline = std::chrono::steady_clock::now() + time;
  auto result = tcp_stream::outcome::done;
  while (result == tcp_stream::outcome::done)
    result = any.stream().read(ignored, deadline);
  return result == tcp_stream::outcome::closed;
}

std::string name(int number) {
  return "client " + std::to_string(number);
}

TEST_F(HostileClients, ThousandWhoSayNothingAreSentAway) {
  STATEMENT("E13");
  NEEDS_SOCKETS(1000);
  NEEDS_SETTINGS("handshake_timeout=2");
  move_in();
  std::vector<wire_client> idle;
  for (int i = 0; i < 1000; ++i)
    idle.push_back(dial());
  for (auto& each : idle)
    each.expect_eof();
  expect_unharmed();
}

TEST_F(HostileClients, ThoseWhoSendAnOctetNowAndThenAreSentAway) {
  STATEMENT("E13", "E41");
  NEEDS_SETTINGS("handshake_timeout=2");
  move_in();
  std::vector<wire_client> slow;
  for (int i = 0; i < 50; ++i) // in the middle of their CONNECT
    slow.push_back(dial());
  for (int i = 0; i < 50; ++i) // in the middle of a PUBLISH
    slow.push_back(connect({.client_id = name(i), .keep_alive = 2}));
  const auto packet = publish_packet(v5, {.payload = repeat("x", 500)});
  const auto hello = connect_packet(v5, {.client_id = "never told in full"});
  for (std::size_t second = 0; second < 4; ++second) {
    for (std::size_t i = 0; i < slow.size(); ++i)
      slow[i].send_while_open((i < 50 ? hello : packet).substr(second, 1));
    std::this_thread::sleep_for(1s);
  }
  for (auto& each : slow)
    EXPECT_TRUE(is_closed(each));
  expect_unharmed();
}

TEST_F(HostileClients, ThousandsAtOnceAreAllServed) {
  NEEDS_SOCKETS(3000);
  NEEDS_OWN_BROKER();
  move_in();
  std::vector<wire_client> crowd;
  for (int i = 0; i < 3000; ++i) {
    crowd.push_back(dial());
    crowd.back().send(connect_packet(v5, {.client_id = name(i)}));
  }
  for (auto& each : crowd)
    EXPECT_EQ(each.expect(packet_type::connack).reason, 0U);
  for (auto& each : crowd)
    each.ping();
  crowd.clear(); // and all leave at once
  expect_unharmed(128);
}

TEST_F(HostileClients, CrowdBeyondTheLimitIsTurnedAwayAndMayComeLater) {
  NEEDS_SOCKETS(500);
  NEEDS_SETTINGS("maximum_connections=100");
  move_in();
  std::vector<wire_client> crowd;
  int served = 0;
  for (int i = 0; i < 500; ++i) {
    auto each = dial();
    each.send_while_open(connect_packet(v5, {.client_id = name(i)}));
    bytes answer;
    each.stream().read(answer, std::chrono::steady_clock::now() + patience);
    served += answer.starts_with("20"_hex) ? 1 : 0;
    crowd.push_back(std::move(each));
  }
  EXPECT_EQ(served, 98); // and the neighbours
  crowd.clear();
  std::this_thread::sleep_for(200ms);
  client("later").ping();
  expect_unharmed();
}

TEST_F(HostileClients, TenThousandConnectsInARow) {
  NEEDS_OWN_BROKER();
  move_in();
  for (int i = 0; i < 10'000; ++i) {
    auto each = dial();
    each.send(connect_packet(v5, {.client_id = name(i % 7)}) + "E0 00"_hex);
    if (i % 100 == 0)
      each.expect(packet_type::connack);
  }
  client("last").ping();
  expect_unharmed();
}

TEST_F(HostileClients, TenThousandSessionsThatNobodyResumes) {
  NEEDS_OWN_BROKER();
  move_in();
  for (int i = 0; i < 10'000; ++i) {
    auto each = dial();
    each.send(connect_packet(v5, lasting(name(i), 1)) + subscribe_packet(v5, 1, {{name(i), 1}}) +
              "E0 00"_hex);
  }
  std::this_thread::sleep_for(2s);
  auto last = dial();
  EXPECT_FALSE(last.connect(lasting(name(9'000), 1)).session_present());
  expect_unharmed(128);
}

TEST_F(HostileClients, TenThousandConnectsOnOneConnection) {
  STATEMENT("E14");
  NEEDS_OWN_BROKER();
  move_in();
  auto talker = dial();
  pour(talker, C5(), 10'000 * C5().size());
  EXPECT_TRUE(is_closed(talker));
  client("a").ping();
  expect_unharmed();
}

TEST_F(HostileClients, ManyOfOneNameLeaveOne) {
  STATEMENT("E81");
  NEEDS_SOCKETS(500);
  NEEDS_OWN_BROKER();
  move_in();
  std::vector<wire_client> crowd;
  for (int i = 0; i < 500; ++i) {
    crowd.push_back(dial());
    auto options = lasting("the same");
    options.clean_start = i % 3 == 0;
    crowd.back().send(connect_packet(v5, options));
  }
  // With several units, one that has to move to the session's may find that a
  // younger one was let in meanwhile.
  for (auto& each : crowd) {
    const auto reason = each.expect(packet_type::connack).reason;
    EXPECT_TRUE(reason == 0 || reason == 0x80) << reason;
  }
  auto last = connect(lasting("the same"));
  for (auto& each : crowd)
    EXPECT_TRUE(is_closed(each));
  last.ping();
  expect_unharmed();
}

TEST_F(HostileClients, ThousandWillsAtOnceAllArrive) {
  STATEMENT("E55");
  NEEDS_SOCKETS(1000);
  NEEDS_OWN_BROKER();
  move_in();
  auto watcher = subscriber("watcher", "will/#", 1);
  std::vector<wire_client> crowd;
  for (int i = 0; i < 1000; ++i)
    crowd.push_back(connect({.client_id = name(i),
      .will = will_options{.topic = "will/" + std::to_string(i), .qos = 1}}));
  crowd.clear();
  std::vector<bool> seen(1000);
  for (int i = 0; i < 1000; ++i) {
    const auto message = watcher.expect(packet_type::publish);
    watcher.acknowledge(message);
    seen.at(std::stoul(message.topic.substr(5))) = true;
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 1000);
  expect_unharmed();
}

TEST_F(HostileClients, ThoseWhoShutTheirEndOfTheStreamAreGone) {
  NEEDS_SOCKETS(200);
  NEEDS_OWN_BROKER();
  move_in();
  auto watcher = subscriber("watcher", "will");
  std::vector<wire_client> crowd;
  for (int i = 0; i < 100; ++i) {
    crowd.push_back(dial());
    crowd.push_back(connect({.client_id = name(i), .will = will_options{}}));
  }
  for (auto& each : crowd)
    each.finish_writing();
  for (auto& each : crowd)
    EXPECT_TRUE(is_closed(each));
  for (int i = 0; i < 100; ++i)
    watcher.expect_publish("will", "gone");
  expect_unharmed();
}

/// Octets that look like packets now and then.
bytes rubbish(std::mt19937& random) {
  bytes result;
  const auto length = random() % 200;
  for (std::size_t i = 0; i < length; ++i)
    result += u8(static_cast<unsigned>(random()));
  if (random() % 2 == 0 && length > 2) // a packet of some type, as long as it says
    return packet(static_cast<unsigned>(random()), result);
  return result;
}

TEST_F(HostileClients, ThoseWhoSendRubbish) {
  NEEDS_OWN_BROKER();
  const auto seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random{seed};
  move_in();
  const std::vector<bytes> hellos{"", C5(), C4(), C3()};
  for (int i = 0; i < 2000; ++i) {
    auto vandal = dial();
    auto octets = hellos[random() % hellos.size()];
    for (auto count = random() % 4; count > 0; --count)
      octets += rubbish(random);
    vandal.send_while_open(octets);
    vandal.finish_writing();
    EXPECT_TRUE(is_closed(vandal)) << show(octets, 1000);
  }
  expect_unharmed();
}

/// A good packet of any type, for a mutation to spoil.
bytes any_packet(std::mt19937& random) {
  const std::vector<bytes> good{C5(), connect_packet(v5, {.will = will_options{}}),
    publish_packet(v5, {.qos = 1, .packet_id = 1, .properties = user_property("k", "v")}),
    publish_packet(v5, {.qos = 2, .retain = true, .packet_id = 1}),
    subscribe_packet(v5, 1, {{"a/#", 1}, {"$share/g/+", 2}}, subscription_identifier(200)),
    unsubscribe_packet(v5, 2, {"a/#"}), "40 03 0001 10"_hex, "62 02 0001"_hex, pingreq(),
    disconnect_packet(4, reason_string("x")), auth_packet(0x19, authentication_method("x"))};
  return good[random() % good.size()];
}

TEST_F(HostileClients, ThoseWhosePacketsHaveSpoiledOctets) {
  NEEDS_OWN_BROKER();
  const auto seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random{seed};
  move_in();
  for (int i = 0; i < 2000; ++i) {
    auto vandal = dial();
    bytes octets = random() % 4 == 0 ? "" : C5();
    for (auto count = 1 + random() % 5; count > 0; --count) {
      auto spoiled = any_packet(random);
      spoiled.at(random() % spoiled.size()) = static_cast<char>(random());
      octets += spoiled;
    }
    vandal.send_while_open(octets);
    vandal.finish_writing();
    EXPECT_TRUE(is_closed(vandal)) << show(octets, 1000);
  }
  expect_unharmed();
}

} // namespace

} // namespace callboard::conformance
