#include "protocol/topics/topic_filter.hpp"

#include "tests/protocol/topics/random_topics.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace callboard::protocol {

using namespace std::string_view_literals;

TEST(TopicFilter, WithoutWildcardsMatchesOnlyItself) {
  EXPECT_TRUE(matches("stage/left", "stage/left"));
  EXPECT_FALSE(matches("stage/left", "stage/right"));
  EXPECT_FALSE(matches("stage/left", "stage"));
  EXPECT_FALSE(matches("stage/left", "stage/left/door"));
  EXPECT_FALSE(matches("stage", "Stage"));
}

TEST(TopicFilter, ComparesBytesWithoutNormalisation) { // E20
  EXPECT_FALSE(matches("caf\xC3\xA9", "cafe\xCC\x81"));
  EXPECT_FALSE(matches("stage", "/stage"));
  EXPECT_FALSE(matches("stage", "stage/"));
  EXPECT_FALSE(matches("stage/left", "stage//left"));
  EXPECT_FALSE(matches("stage//left", "stage/left"));
}

TEST(TopicFilter, HashMatchesAllLevelsBelow) {
  EXPECT_TRUE(matches("stage/#", "stage/left"));
  EXPECT_TRUE(matches("stage/#", "stage/left/door"));
  EXPECT_TRUE(matches("stage/#", "stage/"));
  EXPECT_TRUE(matches("#", "stage/left"));
  EXPECT_TRUE(matches("#", "/"));
  EXPECT_FALSE(matches("stage/#", "stages/left"));
}

TEST(TopicFilter, HashMatchesTheParentLevelToo) { // E86
  EXPECT_TRUE(matches("stage/#", "stage"));
  EXPECT_TRUE(matches("stage/+/#", "stage/left"));
  EXPECT_TRUE(matches("+/#", "stage"));
  EXPECT_TRUE(matches("#", "stage"));
  EXPECT_TRUE(matches("/#", "/"));
  EXPECT_FALSE(matches("stage/+/#", "stage"));
  EXPECT_FALSE(matches("/#", "stage"));
}

TEST(TopicFilter, PlusMatchesExactlyOneLevel) { // E86
  EXPECT_TRUE(matches("stage/+", "stage/left"));
  EXPECT_TRUE(matches("+/left", "stage/left"));
  EXPECT_FALSE(matches("stage/+", "stage"));
  EXPECT_FALSE(matches("stage/+", "stage/left/door"));
}

TEST(TopicFilter, AnEmptyLevelIsALevel) { // E86
  EXPECT_TRUE(matches("+/+", "/stage"));
  EXPECT_TRUE(matches("/+", "/stage"));
  EXPECT_TRUE(matches("stage/+", "stage/"));
  EXPECT_TRUE(matches("stage/+/door", "stage//door"));
  EXPECT_TRUE(matches("+/+", "/"));
  EXPECT_FALSE(matches("+", "/stage"));
  EXPECT_FALSE(matches("+", "/"));
  EXPECT_FALSE(matches("stage", "stage/"));
}

TEST(TopicFilter, ALeadingWildcardDoesNotMatchADollarTopic) { // E85
  EXPECT_FALSE(matches("#", "$SYS/uptime"));
  EXPECT_FALSE(matches("+/uptime", "$SYS/uptime"));
  EXPECT_FALSE(matches("+/#", "$SYS/uptime"));
  EXPECT_FALSE(matches("+", "$"));
  EXPECT_TRUE(matches("$SYS/#", "$SYS/uptime"));
  EXPECT_TRUE(matches("$SYS/#", "$SYS"));
  EXPECT_TRUE(matches("$SYS/+", "$SYS/uptime"));
}

TEST(TopicFilter, ADollarInALaterLevelIsOrdinary) { // E85
  EXPECT_TRUE(matches("stage/#", "stage/$left"));
  EXPECT_TRUE(matches("stage/+", "stage/$left"));
  EXPECT_TRUE(matches("#", "/$left"));
}

TEST(TopicFilter, IsValidWithWildcardsInTheirPlaces) {
  for (const std::string_view filter :
    {"#", "+", "/", "stage", "stage/#", "+/left/#", "stage//+", "+/+", "/#", "$SYS/#", " "})
    EXPECT_TRUE(valid_topic_filter(filter)) << filter;
}

TEST(TopicFilter, IsInvalidWithWildcardsElsewhere) {
  for (const std::string_view filter :
    {"stage#", "stage/#/left", "#/", "##", "stage+", "+left/door", "++", "stage/+#", "#/#"})
    EXPECT_FALSE(valid_topic_filter(filter)) << filter;
}

TEST(TopicFilter, IsInvalidWhenEmptyTooLongOrWithANullCharacter) {
  EXPECT_FALSE(valid_topic_filter(""));
  EXPECT_FALSE(valid_topic_filter("stage\0left"sv));
  EXPECT_TRUE(valid_topic_filter(std::string(65'535, 'a')));
  EXPECT_FALSE(valid_topic_filter(std::string(65'536, 'a')));
}

TEST(TopicName, IsValidWithoutWildcards) {
  for (const std::string_view name : {"stage", "/", "//", "stage/left", "$SYS/uptime", " "})
    EXPECT_TRUE(valid_topic_name(name)) << name;
  for (const std::string_view name : {"", "#", "+", "stage/#", "sta+ge", "a/+/b", "a#"})
    EXPECT_FALSE(valid_topic_name(name)) << name;
}

TEST(TopicName, IsInvalidWhenTooLongOrWithANullCharacter) {
  EXPECT_FALSE(valid_topic_name("\0"sv));
  EXPECT_TRUE(valid_topic_name(std::string(65'535, '/')));
  EXPECT_FALSE(valid_topic_name(std::string(65'536, '/')));
}

TEST(TopicFilter, OfManyLevelsIsComparedWithoutRecursion) { // E21
  const std::string topic(65'535, '/');
  std::string filter;
  for (int i = 0; i != 32'767; ++i)
    filter += "+/";
  EXPECT_EQ(level_count(topic), 65'536U);
  EXPECT_TRUE(valid_topic_filter(filter + "#"));
  EXPECT_TRUE(matches(filter + "#", topic));
  EXPECT_FALSE(matches(filter + "+", topic));
  EXPECT_TRUE(matches(topic, topic));
  EXPECT_TRUE(may_match_below(filter + "#", topic));
}

TEST(TopicFilter, EveryTopicThatMatchesBeginsWithItsLiteralPrefix) {
  EXPECT_EQ(literal_prefix("stage/left"), "stage/left");
  EXPECT_EQ(literal_prefix("stage/#"), "stage");
  EXPECT_EQ(literal_prefix("stage/+/door"), "stage");
  EXPECT_EQ(literal_prefix("stage/"), "stage/");
  EXPECT_EQ(literal_prefix("#"), "");
  EXPECT_EQ(literal_prefix("/#"), "");
}

TEST(TopicFilter, CoversWhatMatchesNoMoreThanItDoes) {
  EXPECT_TRUE(covers("a/b", "a/b"));
  EXPECT_TRUE(covers("a/#", "a"));
  EXPECT_TRUE(covers("a/#", "a/+/c/#"));
  EXPECT_TRUE(covers("+/+", "a/+"));
  EXPECT_TRUE(covers("#", "+"));
  EXPECT_FALSE(covers("a/+", "a/#"));
  EXPECT_FALSE(covers("a/+/#", "a/#"));
  EXPECT_FALSE(covers("a", "+"));
  EXPECT_FALSE(covers("a/b", "a"));
  EXPECT_FALSE(covers("a", "a/b"));
  EXPECT_FALSE(covers("#", "$SYS/#"));
  EXPECT_TRUE(covers("$SYS/#", "$SYS/broker"));
}

TEST(TopicFilter, ThatCoversAnotherMatchesAllOfItsTopics) {
  random_topics texts{test_seed()};
  std::size_t covered = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto wide = texts.filter(2);
    const auto narrow = texts.filter(2);
    const auto topic = texts.topic(2);
    if (!covers(wide, narrow) || !matches(narrow, topic))
      continue;
    ++covered;
    EXPECT_TRUE(matches(wide, topic)) << wide << ' ' << narrow << ' ' << topic;
  }
  EXPECT_GT(covered, 50U);
}

TEST(TopicLevels, AreCountedWithTheEmptyOnes) {
  EXPECT_EQ(level_count("stage"), 1U);
  EXPECT_EQ(level_count("/"), 2U);
  EXPECT_EQ(level_count("stage//left"), 3U);
}

TEST(TopicLevels, AreTakenFromTheFront) {
  EXPECT_EQ(first_levels("stage/left/door", 0), "");
  EXPECT_EQ(first_levels("stage/left/door", 1), "stage");
  EXPECT_EQ(first_levels("stage/left/door", 2), "stage/left");
  EXPECT_EQ(first_levels("stage/left/door", 3), "stage/left/door");
  EXPECT_EQ(first_levels("stage/left/door", 9), "stage/left/door");
  EXPECT_EQ(first_levels("/left", 1), "");
  EXPECT_EQ(first_levels("/left", 2), "/left");
}

TEST(TopicPrefix, HoldsTheTopicsThatBeginWithItsLevels) {
  EXPECT_TRUE(is_below("stage", "stage"));
  EXPECT_TRUE(is_below("stage/left", "stage"));
  EXPECT_TRUE(is_below("stage/", "stage"));
  EXPECT_TRUE(is_below("/left", ""));
  EXPECT_FALSE(is_below("stages", "stage"));
  EXPECT_FALSE(is_below("sta", "stage"));
  EXPECT_FALSE(is_below("stage", "stage/"));
}

TEST(TopicPrefix, IsReachedByFiltersThatMatchSomethingBelowIt) {
  for (const std::string_view filter : {"stage/left", "stage/#", "stage/left/#", "#", "+/left",
         "stage/+", "stage/+/door", "stage/left/door/#", "+/+/+", "stage/left/", "+/#"})
    EXPECT_TRUE(may_match_below(filter, "stage/left")) << filter;
  for (const std::string_view filter :
    {"stage", "stage/right", "+", "pit/#", "+/right/#", "/#", "stage//left", "$SYS/#"})
    EXPECT_FALSE(may_match_below(filter, "stage/left")) << filter;
}

TEST(TopicPrefix, WithADollarIsNotReachedByALeadingWildcard) {
  EXPECT_FALSE(may_match_below("#", "$SYS"));
  EXPECT_FALSE(may_match_below("+/uptime", "$SYS"));
  EXPECT_TRUE(may_match_below("$SYS/#", "$SYS"));
  EXPECT_TRUE(may_match_below("$SYS/+", "$SYS"));
  EXPECT_TRUE(may_match_below("#", "stage/$left"));
}

TEST(TopicPrefix, OfNoLevelIsReachedByAllFiltersAndSpannedByNone) {
  for (const std::string_view filter : {"#", "+", "/", "stage", "$SYS/#"}) {
    EXPECT_TRUE(may_match_below(filter, "")) << filter;
    EXPECT_FALSE(spans(filter, "")) << filter;
  }
}

TEST(TopicPrefix, IsSpannedByFiltersThatMatchElsewhereToo) {
  for (const std::string_view filter : {"#", "+/left", "stage/+", "stage/#", "+/+/#"})
    EXPECT_TRUE(spans(filter, "stage/left")) << filter;
  for (const std::string_view filter :
    {"stage/left", "stage/left/#", "stage/left/+", "stage/right", "pit/#"})
    EXPECT_FALSE(spans(filter, "stage/left")) << filter;
}

TEST(TopicPrefix, IsReachedByEveryFilterThatMatchesATopicBelowIt) {
  const auto seed = test_seed();
  random_topics random{seed};
  for (int round = 0; round != 20'000; ++round) {
    const auto filter = random.filter();
    const auto topic = random.topic();
    const std::string prefix{first_levels(topic, random.below(level_count(topic) + 1))};
    ASSERT_TRUE(valid_topic_filter(filter) && valid_topic_name(topic));
    ASSERT_TRUE(is_below(topic, prefix));
    if (matches(filter, topic)) {
      ASSERT_TRUE(may_match_below(filter, prefix)) << filter << ' ' << prefix;
    }
    const auto other = random.topic();
    if (matches(filter, topic) && matches(filter, other) && !is_below(other, prefix)) {
      ASSERT_TRUE(spans(filter, prefix)) << filter << ' ' << prefix;
    }
  }
}

/// `+` and `#` of what may match stand for any level, so a topic can be made that
/// does match.
TEST(TopicPrefix, ThatAFilterReachesHasATopicThatMatches) {
  const auto seed = test_seed();
  random_topics random{seed};
  for (int round = 0; round != 20'000; ++round) {
    const auto filter = random.filter();
    const auto prefix = random.topic(3);
    if (!may_match_below(filter, prefix))
      continue;
    const auto levels = level_count(prefix);
    const auto common = first_levels(filter, levels);
    auto topic = prefix;
    if (level_count(filter) > levels)
      topic.append(filter.substr(common.size()));
    for (auto& byte : topic)
      byte = byte == '+' || byte == '#' ? 'x' : byte;
    ASSERT_TRUE(matches(filter, topic)) << filter << ' ' << topic;
    ASSERT_TRUE(is_below(topic, prefix)) << topic << ' ' << prefix;
  }
}

} // namespace callboard::protocol
