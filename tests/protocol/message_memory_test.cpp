#include "protocol/message_memory.hpp"

#include "protocol/message.hpp"

#include <gtest/gtest.h>

#include <barrier>
#include <cstring>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace callboard::protocol {

namespace {

message_ptr message_of(std::size_t bytes) {
  return message::make({}, "t", "", std::string(bytes, 'x'));
}

} // namespace

TEST(MessageMemory, GivesWhatItGotAgain) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "AddressSanitizer wants to see each end of a message";
#endif
  auto* place = message_memory::take(200);
  message_memory::give_back(place, 200);
  EXPECT_EQ(message_memory::take(230), place); // of the same size, rounded up
  message_memory::give_back(place, 230);
}

TEST(MessageMemory, IsTheWholeSizeAtEverySize) {
  std::vector<std::pair<char*, std::size_t>> all;
  for (std::size_t bytes = 1; bytes < 5'000; bytes += 7) {
    all.emplace_back(static_cast<char*>(message_memory::take(bytes)), bytes);
    std::memset(all.back().first, static_cast<int>(bytes % 251), bytes);
  }
  for (const auto& [place, bytes] : all) {
    for (std::size_t at = 0; at < bytes; ++at)
      ASSERT_EQ(static_cast<unsigned char>(place[at]), bytes % 251);
    message_memory::give_back(place, bytes);
  }
}

/// One thread makes messages, another one ends them: the KEEPER, for a unit.
TEST(MessageMemory, GoesFromThreadToThread) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "AddressSanitizer wants to see each end of a message";
#endif
  constexpr std::size_t size = 1'500;
  constexpr std::size_t many = 500;
  constexpr std::size_t rounds = 20;
  std::vector<void*> under_way;
  std::set<void*> places;
  std::barrier turn{2};
  std::thread other{[&] {
    for (std::size_t round = 0; round < rounds; ++round) {
      turn.arrive_and_wait();
      for (auto* place : std::exchange(under_way, {}))
        message_memory::give_back(place, size);
      turn.arrive_and_wait();
    }
  }};
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < many; ++i)
      under_way.push_back(message_memory::take(size));
    places.insert(under_way.begin(), under_way.end());
    turn.arrive_and_wait();
    turn.arrive_and_wait();
  }
  other.join();
  // Those of one round, those that both threads keep, and what others have left behind.
  EXPECT_LT(places.size(), rounds * many / 4);
}

TEST(MessageMemory, OfMessagesMayEndOnAnotherThread) {
  std::vector<message_ptr> all;
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < 20'000; ++i) // more than a thread keeps
      all.push_back(message_of(i % 300));
    std::thread{[mine = std::exchange(all, {})]() mutable { mine.clear(); }}.join();
  }
  EXPECT_EQ(message_of(10)->payload(), "xxxxxxxxxx");
}

} // namespace callboard::protocol
