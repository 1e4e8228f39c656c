#include "tests/conformance/hostile_test.hpp"

#include <thread>

// Clients whose requests are small for them and much work for the server. Neighbours
// must not wait for it: neither while it is worked off nor when it is not.

namespace callboard::conformance {

namespace {

using HostileRequests = HostileTest;
using namespace std::literals;

constexpr auto v5 = protocol_version::v5;
constexpr std::size_t mebibyte = 1'048'576;

/// Mebibytes. What subscriptions take while they are there is no harm.
constexpr std::size_t roomy = 256;

/// No neighbour waits for longer, whatever a client asks for.
constexpr auto prompt = 2s;

std::uint16_t id_of(int number) {
  return static_cast<std::uint16_t>(1 + number % 60'000);
}

/// A SUBSCRIBE to each of `count` filters, all different.
bytes subscribes(const std::string& before, const std::string& behind, int count) {
  bytes all;
  for (int i = 0; i < count; ++i)
    all += subscribe_packet(v5, id_of(i), {{before + std::to_string(i) + behind, 1}});
  return all;
}

TEST_F(HostileRequests, SubscribesToDifferentFilters) {
  NEEDS_OWN_BROKER();
  move_in();
  auto greedy = client("greedy");
  flood(greedy, subscribes("a/", "/+/#", 100'000), 100'000, 40s);
  expect_unharmed(roomy, prompt);
}

TEST_F(HostileRequests, SubscribesWhoseAnswersNobodyReads) {
  NEEDS_OWN_BROKER();
  move_in();
  auto deaf = client("deaf");
  pour(deaf, subscribes("a/", "/+/#", 100'000), 40 * mebibyte);
  expect_unharmed(roomy, prompt);
}

TEST_F(HostileRequests, SubscribesToManyShareGroups) {
  NEEDS_OWN_BROKER();
  move_in();
  auto greedy = client("greedy");
  flood(greedy, subscribes("$share/", "/t", 30'000), 30'000, 40s);
  expect_unharmed(roomy, prompt);
}

TEST_F(HostileRequests, UnsubscribesFromWhatIsNotThere) {
  NEEDS_OWN_BROKER();
  move_in();
  bytes all;
  for (int i = 0; i < 200'000; ++i)
    all += unsubscribe_packet(v5, id_of(i), {"a/" + std::to_string(i)});
  auto confused = client("confused");
  flood(confused, all, 200'000, 40s);
  auto deaf = client("deaf");
  pour(deaf, all, 40 * mebibyte);
  expect_unharmed(64, prompt);
}

TEST_F(HostileRequests, SubscribesAndUnsubscribesInTurn) {
  NEEDS_OWN_BROKER();
  move_in();
  bytes all;
  for (int i = 0; i < 50'000; ++i) {
    const auto filter = "a/" + std::to_string(i) + "/#";
    all += subscribe_packet(v5, id_of(2 * i), {{filter, 1}}) +
           unsubscribe_packet(v5, id_of(2 * i + 1), {filter});
  }
  auto restless = client("restless");
  flood(restless, all, 100'000, 40s);
  expect_unharmed(roomy, prompt);
}

/// SUBSCRIBE to 1.8 million filters of six characters: 16.2 million octets.
bytes subscribe_to_millions() {
  constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
  bytes body = u16(1) + u8(0);
  for (unsigned i = 0; i < 1'800'000; ++i) {
    bytes filter(6, 'x');
    for (unsigned at = 6, rest = i; at-- > 0; rest /= 36)
      filter[at] = digits[rest % 36];
    body += field(filter) + u8(0);
  }
  return packet(0x82, body);
}

TEST_F(HostileRequests, OneSubscribeToMillionsOfFilters) {
  NEEDS_OWN_BROKER();
  const auto millions = subscribe_to_millions();
  move_in();
  auto greedy = client("greedy");
  flood(greedy, millions, 1, 40s);
  greedy.cut(); // now they are all taken back
  std::this_thread::sleep_for(500ms);
  expect_unharmed(1536, prompt);
}

TEST_F(HostileRequests, RetainedMessagesAskedForAgainAndAgain) {
  NEEDS_OWN_BROKER();
  auto publisher = client("publisher");
  for (int i = 0; i < 50; ++i)
    publisher.publish({.topic = "kept/" + std::to_string(i), .qos = 1, .retain = true});
  move_in();
  bytes all;
  for (int i = 0; i < 20'000; ++i)
    all += subscribe_packet(v5, id_of(i), {{"kept/#", 0}});
  auto reader = client("reader");
  flood(reader, all, 20'000, 40s);
  auto deaf = client("deaf");
  deaf.stream().limit_receive_buffer(4096);
  pour(deaf, all, all.size());
  std::this_thread::sleep_for(500ms);
  expect_unharmed(roomy, prompt);
}

} // namespace

} // namespace callboard::conformance
