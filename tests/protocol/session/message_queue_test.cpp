#include "protocol/session/message_queue.hpp"

#include "tests/protocol/session/deliveries.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace callboard::protocol {

namespace {

using ::testing::ElementsAre;

std::vector<std::string> content(const message_queue& queue) {
  std::vector<std::string> all;
  queue.for_each([&](const delivery& one) { all.push_back(payload_of(one)); });
  return all;
}

TEST(MessageQueue, CountsMessagesAndTheirBytes) {
  message_queue queue;
  const auto size = make_message("four")->size();
  queue.push(make_delivery("four"));
  queue.push(make_delivery("four"));
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue.bytes(), 2 * size);
  EXPECT_EQ(payload_of(queue.pop()), "four");
  EXPECT_EQ(queue.bytes(), size);
}

TEST(MessageQueue, TakesOutWhatIsSharedAndKeepsTheOrderOfBoth) {
  message_queue queue;
  queue.push(make_delivery("a"));
  queue.push(make_shared_delivery("b", 1, qos_1));
  queue.push(make_delivery("c"));
  queue.push(make_shared_delivery("d", 2, qos_1));
  const auto taken = queue.take_shared();
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(payload_of(taken[0]), "b");
  EXPECT_EQ(payload_of(taken[1]), "d");
  EXPECT_THAT(content(queue), ElementsAre("a", "c"));
}

TEST(MessageQueue, IsEqualIfItsContentIs) {
  const auto what = make_delivery("x");
  message_queue left;
  message_queue right;
  left.push(delivery{what});
  EXPECT_FALSE(left == right);
  right.push(make_delivery("gone"));
  right.push(delivery{what});
  right.pop();
  EXPECT_TRUE(left == right);
}

} // namespace

} // namespace callboard::protocol
