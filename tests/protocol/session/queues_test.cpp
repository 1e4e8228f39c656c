#include "protocol/session/fifo.hpp"
#include "protocol/session/ring.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>
#include <vector>

namespace callboard::protocol {

namespace {

std::vector<int> content(const fifo<int, 4>& queue) {
  std::vector<int> all;
  queue.for_each([&](int one) { all.push_back(one); });
  return all;
}

TEST(Fifo, GivesInTheOrderInWhichItTook) {
  fifo<int, 4> queue;
  for (int n = 0; n < 10; ++n)
    queue.push(int{n});
  EXPECT_EQ(queue.size(), 10U);
  for (int n = 0; n < 10; ++n) {
    EXPECT_EQ(queue.front(), n);
    EXPECT_EQ(queue.pop(), n);
  }
  EXPECT_TRUE(queue.empty());
}

TEST(Fifo, IsADequeWhateverHappens) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  fifo<int, 4> actual;
  std::deque<int> expected;
  for (int step = 0; step < 20'000; ++step) {
    const bool grow = (step / 100) % 2 == 0;
    if (expected.empty() || (random() % 10 < 7) == grow) {
      actual.push(int{step});
      expected.push_back(step);
    } else {
      ASSERT_EQ(actual.pop(), expected.front());
      expected.pop_front();
    }
    ASSERT_EQ(actual.size(), expected.size());
    if (step % 50 == 0) {
      ASSERT_EQ(content(actual), std::vector<int>(expected.begin(), expected.end()));
    }
  }
}

TEST(Fifo, LetsGoOfWhatIsPopped) {
  fifo<std::shared_ptr<int>, 4> queue;
  const auto watched = std::make_shared<int>(1);
  queue.push(std::shared_ptr<int>{watched});
  queue.pop();
  EXPECT_EQ(watched.use_count(), 1);
}

TEST(Fifo, ForgetsALongQueueWithoutRecursion) {
  fifo<int, 4> queue;
  for (int n = 0; n < 2'000'000; ++n)
    queue.push(int{n});
  queue.clear();
  EXPECT_TRUE(queue.empty());
  queue.push(1);
  EXPECT_EQ(queue.pop(), 1);
}

TEST(Ring, IsADequeWhateverHappens) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  ring<int> actual;
  std::deque<int> expected;
  for (int step = 0; step < 20'000; ++step) {
    const bool grow = (step / 500) % 2 == 0;
    if (expected.empty() || (random() % 10 < 7) == grow) {
      actual.push_back(step);
      expected.push_back(step);
    } else {
      ASSERT_EQ(actual[0], expected.front());
      actual.pop_front();
      expected.pop_front();
    }
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t at = 0; step % 100 == 0 && at < expected.size(); ++at)
      ASSERT_EQ(actual[at], expected[at]);
  }
}

} // namespace

} // namespace callboard::protocol
