#include "protocol/message_memory.hpp"

#include "protocol/message.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <latch>
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
  std::set<void*> places;
  for (std::size_t i = 0; i < many; ++i)
    places.insert(message_memory::take(size));
  std::latch given{1};
  std::latch over{1};
  std::thread other{[&] {
    for (auto* place : places)
      message_memory::give_back(place, size);
    given.count_down();
    over.wait(); // the end of a thread would give all of it away
  }};
  given.wait();
  std::size_t again = 0;
  std::vector<void*> taken;
  for (std::size_t i = 0; i < many; ++i) {
    taken.push_back(message_memory::take(size));
    again += places.contains(taken.back()) ? 1 : 0;
  }
  EXPECT_GT(again, many - 50);
  over.count_down();
  other.join();
  for (auto* place : taken)
    message_memory::give_back(place, size);
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
