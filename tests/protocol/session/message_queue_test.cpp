#include "protocol/session/message_queue.hpp"

#include "tests/protocol/session/deliveries.hpp"

#include <gmock/gmock.h>

#include <cstdint>
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

// -- what rests in the store -----------------------------------------------------------

constexpr queue_portion two{2, UINT64_MAX};

/// With these payloads.
void fill(message_queue& queue, const std::vector<std::string>& payloads) {
  for (const auto& one : payloads)
    queue.push(make_delivery(one));
}

std::vector<delivery> deliveries(const std::vector<std::string>& payloads) {
  std::vector<delivery> all;
  for (const auto& one : payloads)
    all.push_back(make_delivery(one));
  return all;
}

TEST(MessageQueue, CountsWhatRests) {
  message_queue queue;
  fill(queue, {"a", "b", "c", "d"});
  const auto bytes = queue.bytes();
  queue.rest(two);
  EXPECT_THAT(content(queue), ElementsAre("a", "b"));
  EXPECT_EQ(queue.size(), 4U);
  EXPECT_EQ(queue.bytes(), bytes);
  EXPECT_EQ(queue.resting().count, 2U);
  EXPECT_EQ(queue.in_memory().count, 2U);
}

TEST(MessageQueue, RestsBeyondSoManyBytes) {
  message_queue queue;
  fill(queue, {"a", "b", "c"});
  queue.rest({100, make_message("a")->size() + 1});
  EXPECT_THAT(content(queue), ElementsAre("a", "b"));
}

TEST(MessageQueue, KeepsOrderWhenWhatRestsComesBack) {
  message_queue queue;
  fill(queue, {"a", "b", "c", "d"});
  queue.rest(two);
  fill(queue, {"e"});
  queue.wake(deliveries({"c"}));
  EXPECT_THAT(content(queue), ElementsAre("a", "b", "c", "e"));
  EXPECT_EQ(queue.resting().count, 1U);
  EXPECT_EQ(queue.size_in_front(), 3U);
  queue.wake(deliveries({"d"}));
  EXPECT_THAT(content(queue), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_EQ(queue.size_in_front(), 5U);
  EXPECT_EQ(queue.size(), 5U);
}

TEST(MessageQueue, LetsWhatCameSinceRestToo) {
  message_queue queue;
  fill(queue, {"a", "b", "c"});
  queue.rest(two);
  fill(queue, {"d", "e"});
  queue.rest(two);
  EXPECT_THAT(content(queue), ElementsAre("a", "b"));
  EXPECT_EQ(queue.resting().count, 3U);
}

TEST(MessageQueue, HasNoFrontWhileThatRests) {
  message_queue queue;
  fill(queue, {"a", "b", "c"});
  queue.rest(two);
  queue.pop();
  queue.pop();
  EXPECT_TRUE(queue.front_rests());
  EXPECT_FALSE(queue.empty());
  queue.wake(deliveries({"c"}));
  EXPECT_FALSE(queue.front_rests());
  EXPECT_EQ(payload_of(queue.pop()), "c");
  EXPECT_TRUE(queue.empty());
}

TEST(MessageQueue, ForgetsWhatTheStoreHasNoMore) {
  message_queue queue;
  fill(queue, {"a", "b", "c"});
  queue.rest(two);
  fill(queue, {"d"});
  EXPECT_EQ(queue.wake({}), 1U);
  EXPECT_THAT(content(queue), ElementsAre("a", "b", "d"));
  EXPECT_EQ(queue.size(), 3U);
  EXPECT_EQ(queue.resting().count, 0U);
}

TEST(MessageQueue, CountsWhatIsLostAmongThatRests) {
  message_queue queue;
  fill(queue, {"a", "b", "c", "d", "e"});
  queue.rest(two);
  EXPECT_EQ(queue.wake(deliveries({"d"}), tally_of(make_delivery("c"))), 1U);
  EXPECT_THAT(content(queue), ElementsAre("a", "b", "d"));
  EXPECT_EQ(queue.resting().count, 1U);
  EXPECT_EQ(queue.size(), 4U);
  EXPECT_EQ(queue.wake(deliveries({"e"}), {}), 0U);
  EXPECT_EQ(queue.size(), 4U);
}

TEST(MessageQueue, KeepsWhatMayHaveToGoBackToAShareGroup) {
  message_queue queue;
  fill(queue, {"a", "b", "c"});
  queue.push(make_shared_delivery("d", 1, qos_1));
  queue.rest(two);
  EXPECT_EQ(queue.resting().count, 0U);
  queue.take_shared();
  queue.rest(two);
  EXPECT_EQ(queue.resting().count, 1U);
}

TEST(MessageQueue, TakesOutWhatIsSharedBehindWhatRests) {
  message_queue queue;
  fill(queue, {"a", "b", "c"});
  queue.rest(two);
  queue.push(make_shared_delivery("d", 1, qos_1));
  fill(queue, {"e"});
  EXPECT_EQ(queue.take_shared().size(), 1U);
  EXPECT_THAT(content(queue), ElementsAre("a", "b", "e"));
  EXPECT_EQ(queue.size(), 4U);
}

} // namespace

} // namespace callboard::protocol
