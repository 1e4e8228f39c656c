#include "protocol/topics/retained_tree.hpp"

#include "protocol/topics/topic_filter.hpp"
#include "tests/protocol/topics/random_topics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::protocol {

namespace {

using topics = std::vector<std::string>;

message_ptr make(
  std::string_view topic, std::string_view payload = "now", time_point expires_at = never) {
  message_head head;
  head.expires_at = expires_at;
  head.retain = true;
  return message::make(head, topic, {}, payload);
}

time_point at(int seconds) {
  return time_point{std::chrono::seconds{seconds}};
}

topics topics_of(const std::vector<message_ptr>& messages) {
  topics names;
  for (const auto& message : messages)
    names.emplace_back(message->topic());
  return names;
}

topics replay(const retained_tree& from, std::string_view filter, batch_limits limits = {}) {
  topics names;
  for (retained_cursor cursor; !cursor.done();) {
    const auto batch = from.batch(filter, cursor, limits);
    EXPECT_LE(batch.size(), limits.messages);
    for (const auto& message : batch)
      names.emplace_back(message->topic());
  }
  return names;
}

retained_tree tree_of(const topics& names) {
  retained_tree tree;
  for (const auto& name : names)
    tree.set(make(name));
  return tree;
}

} // namespace

TEST(RetainedTree, KeepsTheLastMessageOfATopic) {
  retained_tree tree;
  EXPECT_FALSE(tree.find("stage"));
  EXPECT_FALSE(tree.set(make("stage", "dark")));
  const auto replaced = tree.set(make("stage", "lit"));
  ASSERT_TRUE(replaced);
  EXPECT_EQ(replaced->payload(), "dark");
  EXPECT_EQ(tree.find("stage")->payload(), "lit");
  EXPECT_FALSE(tree.find("stage/"));
  EXPECT_EQ(tree.size(), 1U);
}

TEST(RetainedTree, RemovesTheMessageOfATopic) {
  auto tree = tree_of({"stage", "stage/left"});
  EXPECT_EQ(tree.remove("stage")->topic(), "stage");
  EXPECT_FALSE(tree.remove("stage"));
  EXPECT_FALSE(tree.find("stage"));
  EXPECT_TRUE(tree.find("stage/left"));
  EXPECT_EQ(tree.size(), 1U);
}

TEST(RetainedTree, CountsTheBytesOfItsMessages) {
  retained_tree tree;
  EXPECT_EQ(tree.bytes(), 0U);
  tree.set(make("stage", "dark"));
  EXPECT_EQ(tree.bytes(), 9U);
  tree.set(make("stage", "lit"));
  EXPECT_EQ(tree.bytes(), 8U);
  tree.set(make("pit", "dark"));
  EXPECT_EQ(tree.bytes(), 15U);
  tree.remove("stage");
  EXPECT_EQ(tree.bytes(), 7U);
}

TEST(RetainedTree, ReplaysInTheOrderOfLevels) {
  const auto tree = tree_of({"a!", "a/b", "a", "a0", "a/b/c", "/", "a//", "b"});
  EXPECT_EQ(replay(tree, "#"), (topics{"/", "a", "a//", "a/b", "a/b/c", "a!", "a0", "b"}));
}

TEST(RetainedTree, ReplaysNothingOfAnEmptyTree) {
  EXPECT_EQ(replay({}, "#"), topics{});
}

TEST(RetainedTree, FindsTheParentOfAHash) { // E86
  const auto tree = tree_of({"stage", "stage/left", "stages", "pit"});
  EXPECT_EQ(replay(tree, "stage/#"), (topics{"stage", "stage/left"}));
  EXPECT_EQ(replay(tree, "+/#"), (topics{"pit", "stage", "stage/left", "stages"}));
  EXPECT_EQ(replay(tree, "stage/+/#"), (topics{"stage/left"}));
}

TEST(RetainedTree, TakesAnEmptyLevelForALevel) { // E86
  const auto tree = tree_of({"a", "a/", "a//c", "/a", "/"});
  EXPECT_EQ(replay(tree, "a/+"), (topics{"a/"}));
  EXPECT_EQ(replay(tree, "a/+/c"), (topics{"a//c"}));
  EXPECT_EQ(replay(tree, "/+"), (topics{"/", "/a"}));
  EXPECT_EQ(replay(tree, "+"), (topics{"a"}));
  EXPECT_EQ(replay(tree, "+/+"), (topics{"/", "/a", "a/"}));
}

TEST(RetainedTree, HidesDollarTopicsFromALeadingWildcard) { // E85
  const auto tree = tree_of({"$", "$SYS", "$SYS/uptime", "%", "#!", "stage/$left", "!"});
  EXPECT_EQ(replay(tree, "#"), (topics{"!", "#!", "%", "stage/$left"}));
  EXPECT_EQ(replay(tree, "+/uptime"), topics{});
  EXPECT_EQ(replay(tree, "+"), (topics{"!", "#!", "%"}));
  EXPECT_EQ(replay(tree, "$SYS/#"), (topics{"$SYS", "$SYS/uptime"}));
  EXPECT_EQ(replay(tree, "$SYS/+"), (topics{"$SYS/uptime"}));
  EXPECT_EQ(replay(tree, "stage/+"), (topics{"stage/$left"}));
}

TEST(RetainedTree, FindsWildcardsAnywhere) {
  const auto tree = tree_of({"a/x", "a/x/1", "a/y", "b/w", "b/x/2/3", "c", "d/z"});
  EXPECT_EQ(replay(tree, "+/x/#"), (topics{"a/x", "a/x/1", "b/x/2/3"}));
  EXPECT_EQ(replay(tree, "+/x/+"), (topics{"a/x/1"}));
  EXPECT_EQ(replay(tree, "+/+/+/3"), (topics{"b/x/2/3"}));
  EXPECT_EQ(replay(tree, "a/x"), (topics{"a/x"}));
}

TEST(RetainedTree, ReturnsNoMoreThanAskedForAndGoesOn) {
  const auto tree = tree_of({"a", "b", "c", "d", "e"});
  retained_cursor cursor;
  const batch_limits two{2, 100};
  EXPECT_EQ(topics_of(tree.batch("#", cursor, two)), (topics{"a", "b"}));
  EXPECT_FALSE(cursor.done());
  EXPECT_EQ(topics_of(tree.batch("#", cursor, two)), (topics{"c", "d"}));
  EXPECT_EQ(topics_of(tree.batch("#", cursor, two)), (topics{"e"}));
  EXPECT_TRUE(cursor.done());
  EXPECT_EQ(topics_of(tree.batch("#", cursor, two)), topics{});
}

TEST(RetainedTree, LooksAtNoMoreTopicsThanAllowedWhenLittleMatches) {
  retained_tree tree;
  for (int i = 0; i != 1000; ++i)
    tree.set(make(std::to_string(i) + "/a/b"));
  tree.set(make("x/b/b"));
  retained_cursor cursor;
  topics found;
  int batches = 0;
  for (; !cursor.done(); ++batches)
    for (const auto& message : tree.batch("+/b/b", cursor, {10, 20}))
      found.emplace_back(message->topic());
  EXPECT_EQ(found, (topics{"x/b/b"}));
  EXPECT_GE(batches, 1000 / 20);
}

TEST(RetainedTree, LeapsOverWhatCannotMatch) {
  retained_tree tree;
  for (int i = 0; i != 20'000; ++i)
    tree.set(make("big/" + std::to_string(i)));
  for (const auto* name : {"a/door", "big", "big/door", "small/door"})
    tree.set(make(name));
  retained_cursor cursor;
  EXPECT_EQ(topics_of(tree.batch("+/door", cursor, {10, 10})),
    (topics{"a/door", "big/door", "small/door"}));
  EXPECT_TRUE(cursor.done());
  cursor = {};
  EXPECT_EQ(topics_of(tree.batch("+", cursor, {10, 10})), (topics{"big"}));
  EXPECT_TRUE(cursor.done());
}

TEST(RetainedTree, TakesTopicsOfManyLevels) { // E21
  const std::string deep(65'535, '/');
  std::string pluses;
  for (int i = 0; i != 32'767; ++i)
    pluses += "+/";
  const auto tree = tree_of({deep, deep.substr(1), deep.substr(0, 32'767), "a"});
  EXPECT_EQ(replay(tree, "#").size(), 4U);
  EXPECT_EQ(replay(tree, "/#").size(), 3U);
  EXPECT_EQ(replay(tree, pluses + "#").size(), 3U);
  EXPECT_EQ(replay(tree, pluses + "+"), (topics{deep.substr(0, 32'767)}));
  EXPECT_EQ(replay(tree, deep), (topics{deep}));
  EXPECT_LT(tree.index_bytes(), 2'000U);
}

TEST(RetainedTree, AgreesWithMatchesForEveryFilter) { // E86
  const auto seed = test_seed();
  random_topics random{seed};
  for (int round = 0; round != 60; ++round) {
    std::set<std::string> model;
    retained_tree tree;
    for (auto left = random.below(400); left != 0; --left) {
      const auto topic = random.topic();
      tree.set(make(topic));
      model.insert(topic);
    }
    for (int attempt = 0; attempt != 60; ++attempt) {
      const auto filter = random.filter();
      topics expected;
      for (const auto& topic : model)
        if (matches(filter, topic))
          expected.push_back(topic);
      auto found = replay(tree, filter, {1 + random.below(9), 1 + random.below(9)});
      std::ranges::sort(found);
      ASSERT_EQ(found, expected) << filter;
    }
  }
}

/// Topics come and go between batches; those that were there all the time are
/// returned once.
TEST(RetainedTree, ReturnsWhatStaysExactlyOnceWhateverComesAndGoes) {
  const auto seed = test_seed();
  random_topics random{seed};
  for (int round = 0; round != 2'000; ++round) {
    retained_tree tree;
    std::set<std::string> stayed;
    for (auto left = random.below(100); left != 0; --left) {
      const auto topic = random.topic(4);
      tree.set(make(topic));
      stayed.insert(topic);
    }
    const auto filter = random.filter(4);
    std::map<std::string, int> returned;
    for (retained_cursor cursor; !cursor.done();) {
      for (const auto& message : tree.batch(filter, cursor, {1 + random.below(4), 8})) {
        ASSERT_TRUE(matches(filter, message->topic()));
        ++returned[std::string{message->topic()}];
      }
      for (auto left = random.below(4); left != 0; --left) {
        const auto topic = random.topic(4);
        if (random.one_in(2))
          tree.set(make(topic));
        else if (tree.remove(topic))
          stayed.erase(topic);
      }
    }
    for (const auto& topic : stayed)
      ASSERT_EQ(returned[topic], matches(filter, topic) ? 1 : 0) << filter << ' ' << topic;
  }
}

TEST(RetainedTree, IsAModelOfAMapWhateverComesAndGoes) {
  const auto seed = test_seed();
  random_topics random{seed};
  retained_tree tree;
  std::map<std::string, message_ptr> model;
  std::size_t bytes = 0;
  for (int round = 0; round != 50'000; ++round) {
    const auto topic = random.topic();
    const auto expires = random.one_in(2) ? never : at(static_cast<int>(random.below(1000)));
    auto known = model.contains(topic) ? model[topic] : message_ptr{};
    bytes -= known ? known->size() : 0;
    if (random.one_in(3)) {
      ASSERT_EQ(tree.remove(topic), known);
      model.erase(topic);
    } else {
      const auto added = make(topic, std::string(random.below(9), 'x'), expires);
      ASSERT_EQ(tree.set(added), known);
      model[topic] = added;
      bytes += added->size();
    }
    ASSERT_EQ(tree.find(topic), model.contains(topic) ? model[topic] : message_ptr{});
    ASSERT_EQ(tree.size(), model.size());
    ASSERT_EQ(tree.bytes(), bytes);
  }
  std::multiset<time_point> deadlines;
  for (const auto& [topic, message] : model)
    deadlines.insert(message->head().expires_at);
  for (const auto deadline : deadlines) {
    ASSERT_EQ(tree.next_expiry(), deadline);
    if (deadline != never) {
      ASSERT_EQ(tree.expire(deadline, 1).front()->head().expires_at, deadline);
    }
  }
  ASSERT_EQ(tree.size(), deadlines.count(never));
}

TEST(RetainedTree, ExpiresWhatIsDueTheOldestFirst) {
  retained_tree tree;
  EXPECT_EQ(tree.next_expiry(), never);
  tree.set(make("stage", "", at(30)));
  tree.set(make("pit", "", at(10)));
  tree.set(make("bar", "", at(20)));
  tree.set(make("foyer"));
  EXPECT_EQ(tree.next_expiry(), at(10));
  EXPECT_TRUE(tree.expire(at(9)).empty());
  EXPECT_EQ(topics_of(tree.expire(at(20))), (topics{"pit", "bar"}));
  EXPECT_EQ(tree.next_expiry(), at(30));
  EXPECT_EQ(topics_of(tree.expire(at(99))), (topics{"stage"}));
  EXPECT_EQ(tree.next_expiry(), never);
  EXPECT_TRUE(tree.expire(never).empty());
  EXPECT_EQ(tree.size(), 1U);
}

TEST(RetainedTree, ExpiresNoMoreThanAskedFor) {
  retained_tree tree;
  for (int i = 0; i != 10; ++i)
    tree.set(make(std::to_string(i), "", at(5)));
  EXPECT_EQ(topics_of(tree.expire(at(5), 3)), (topics{"0", "1", "2"}));
  EXPECT_EQ(tree.expire(at(5)).size(), 7U);
}

TEST(RetainedTree, ForgetsTheDeadlineOfWhatIsReplacedOrRemoved) {
  retained_tree tree;
  tree.set(make("stage", "", at(10)));
  tree.set(make("stage", "", at(50)));
  tree.set(make("pit", "", at(20)));
  tree.remove("pit");
  EXPECT_EQ(tree.next_expiry(), at(50));
  tree.set(make("stage"));
  EXPECT_EQ(tree.next_expiry(), never);
}

TEST(RetainedTree, HandsOverWhatIsBelowAPrefix) {
  auto tree = tree_of({"stage", "stage/left", "stage/left/door", "stage-door", "stages", "pit"});
  tree.set(make("stage/right", "", at(5)));
  EXPECT_EQ(topics_of(tree.extract_below("stage", 2)), (topics{"stage", "stage/left"}));
  EXPECT_EQ(topics_of(tree.extract_below("stage")), (topics{"stage/left/door", "stage/right"}));
  EXPECT_EQ(tree.next_expiry(), never);
  EXPECT_EQ(replay(tree, "#"), (topics{"pit", "stage-door", "stages"}));
  EXPECT_EQ(tree.extract_below("").size(), 3U);
  EXPECT_EQ(tree.size(), 0U);
  EXPECT_EQ(tree.bytes(), 0U);
}

TEST(RetainedTree, GivesMemoryBackWhenTopicsGo) {
  retained_tree tree;
  for (int i = 0; i != 50'000; ++i)
    tree.set(make("stage/" + std::to_string(i * 7919 % 50'000), "", at(i)));
  const auto full = tree.index_bytes();
  EXPECT_LT(full / 50'000, 48U);
  for (int i = 0; i != 50'000; ++i)
    if (i % 100 != 0) {
      ASSERT_TRUE(tree.remove("stage/" + std::to_string(i)));
    }
  EXPECT_LT(tree.index_bytes(), full / 10);
  EXPECT_EQ(replay(tree, "#").size(), 500U);
  tree.extract_below("stage");
  EXPECT_LT(tree.index_bytes(), 5'000U);
}

TEST(RetainedTree, HoldsAMessageNoLongerThanItsTopicDoes) {
  auto message = make("stage");
  {
    retained_tree tree;
    tree.set(message);
    tree.remove("stage");
    EXPECT_EQ(tree.bytes(), 0U);
    tree.set(message);
  }
  EXPECT_EQ(message->topic(), "stage");
}

} // namespace callboard::protocol
