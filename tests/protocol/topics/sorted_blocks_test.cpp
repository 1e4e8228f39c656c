#include "protocol/topics/sorted_blocks.hpp"

#include "tests/protocol/topics/random_topics.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

namespace callboard::protocol {

namespace {

using blocks = sorted_blocks<std::unique_ptr<int>>;

blocks::position place_of(const blocks& in, int number) {
  return in.search([&](const std::unique_ptr<int>& other) { return *other < number; });
}

void insert(blocks& into, int number) {
  into.insert(place_of(into, number), std::make_unique<int>(number));
}

std::vector<int> all(const blocks& in) {
  std::vector<int> numbers;
  for (auto where = in.begin(); !in.at_end(where); where = in.next(where))
    numbers.push_back(*in[where]);
  return numbers;
}

} // namespace

TEST(SortedBlocks, AreEmptyAtFirst) {
  const blocks empty;
  EXPECT_TRUE(empty.at_end(empty.begin()));
  EXPECT_TRUE(empty.at_end(place_of(empty, 1)));
  EXPECT_EQ(empty.size(), 0U);
}

TEST(SortedBlocks, FindThePlaceBetweenTwoThings) {
  blocks numbers;
  for (int number = 0; number != 1000; number += 10)
    insert(numbers, number);
  for (int number = 0; number != 990; ++number)
    ASSERT_EQ(*numbers[place_of(numbers, number)], (number + 9) / 10 * 10);
  EXPECT_TRUE(numbers.at_end(place_of(numbers, 991)));
}

TEST(SortedBlocks, AreFullWhenFilledInOrder) {
  blocks numbers;
  for (int number = 0; number != 64'000; ++number)
    insert(numbers, number);
  EXPECT_LT(numbers.bytes(), 64'000U * 9);
}

TEST(SortedBlocks, KeepTheOrderWhateverComesAndGoes) {
  const auto seed = test_seed();
  random_topics random{seed};
  blocks numbers;
  std::set<int> model;
  for (int round = 0; round != 20'000; ++round) {
    const auto number = static_cast<int>(random.below(3'000));
    const auto where = place_of(numbers, number);
    const auto grows = round / 5'000 % 2 == 0;
    if (model.contains(number)) {
      if (grows && !random.one_in(4))
        continue;
      ASSERT_EQ(*numbers.erase(where), number);
      model.erase(number);
    } else if (grows || random.one_in(4)) {
      numbers.insert(where, std::make_unique<int>(number));
      model.insert(number);
    }
    ASSERT_EQ(numbers.size(), model.size());
    if (round % 100 == 0) {
      ASSERT_EQ(all(numbers), (std::vector<int>{model.begin(), model.end()}));
    }
  }
}

TEST(SortedBlocks, GiveMemoryBack) {
  blocks numbers;
  for (int number = 0; number != 50'000; ++number)
    insert(numbers, number * 7'919 % 50'000);
  const auto full = numbers.bytes();
  for (int number = 0; number != 50'000; ++number)
    if (number % 50 != 0)
      numbers.erase(place_of(numbers, number));
  EXPECT_LT(numbers.bytes(), full / 8);
  EXPECT_EQ(all(numbers).size(), 1'000U);
}

} // namespace callboard::protocol
