#include "protocol/topics/topic_order.hpp"

#include "protocol/topics/level_reader.hpp"
#include "tests/protocol/topics/random_topics.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace callboard::protocol {

namespace {

std::vector<std::string_view> levels_of(std::string_view topic) {
  std::vector<std::string_view> levels;
  for (level_reader reader{topic}; !reader.done();)
    levels.push_back(reader.next());
  return levels;
}

} // namespace

TEST(TopicOrder, PutsTopicsBelowAPrefixRightBehindIt) {
  const std::vector<std::string_view> sorted{
    "/", "/a", "a", "a/", "a//", "a/b", "a/b/c", "a!", "a-b", "a.", "a0", "b"};
  for (std::size_t i = 1; i != sorted.size(); ++i) {
    EXPECT_TRUE(compare_topics(sorted[i - 1], sorted[i]) < 0) << sorted[i];
    EXPECT_TRUE(compare_topics(sorted[i], sorted[i - 1]) > 0) << sorted[i];
    EXPECT_TRUE(compare_topics(sorted[i], sorted[i]) == 0) << sorted[i];
  }
}

TEST(TopicOrder, IsThatOfTheListsOfLevels) {
  const auto seed = test_seed();
  random_topics random{seed};
  for (int round = 0; round != 20'000; ++round) {
    const auto a = random.topic();
    const auto b = random.topic();
    ASSERT_EQ(compare_topics(a, b) < 0, levels_of(a) < levels_of(b)) << a << ' ' << b;
    ASSERT_EQ(compare_topics(a, b) == 0, a == b);
  }
}

TEST(TopicOrder, CountsTheBytesTwoTextsHaveInCommon) {
  for (std::size_t common = 0; common != 40; ++common) {
    const std::string same(common, 'x');
    EXPECT_EQ(common_bytes(same + "a", same + "bbbbbbbbbb"), common);
    EXPECT_EQ(common_bytes(same, same + "bbbbbbbbbb"), common);
    EXPECT_EQ(common_bytes(same + "a", same), common);
  }
}

TEST(TopicOrder, KnowsWhatBeginsWithCertainLevels) {
  EXPECT_TRUE(begins_with_levels("a/b", "a"));
  EXPECT_TRUE(begins_with_levels("a", "a"));
  EXPECT_TRUE(begins_with_levels("/b", ""));
  EXPECT_FALSE(begins_with_levels("ab", "a"));
  EXPECT_FALSE(begins_with_levels("b", ""));
}

} // namespace callboard::protocol
