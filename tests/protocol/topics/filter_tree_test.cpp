#include "protocol/topics/filter_tree.hpp"

#include "protocol/topics/topic_filter.hpp"
#include "tests/protocol/topics/random_topics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callboard::protocol {

namespace {

/// About as big as the broker's subscribers, and not to be copied.
struct subscriber {
  subscriber(std::uint64_t of, int chosen) : number{of}, options{chosen} {}
  subscriber(const subscriber&) = delete;
  subscriber& operator=(const subscriber&) = delete;
  subscriber(subscriber&&) = default;
  subscriber& operator=(subscriber&&) = default;
  ~subscriber() = default;

  std::uint64_t key() const { return number; }

  std::uint64_t number;
  int options;
  std::array<std::uint64_t, 5> more{};
};

using tree = filter_tree<subscriber>;

subscriber make(std::uint64_t number, int options = 0) {
  return {number, options};
}

std::vector<std::uint64_t> matched(const tree& in, std::string_view topic) {
  std::vector<std::uint64_t> numbers;
  in.match(topic, [&](const subscriber& found) { numbers.push_back(found.number); });
  std::ranges::sort(numbers);
  return numbers;
}

using numbers = std::vector<std::uint64_t>;

std::string sensor(int i) {
  return "bench/" + std::to_string(i / 1000) + "/+/sensor/" + std::to_string(i % 1000) + "/#";
}

} // namespace

TEST(FilterTree, FindsNobodyInAnEmptyTree) {
  const tree empty;
  EXPECT_TRUE(matched(empty, "stage").empty());
  EXPECT_TRUE(empty.empty());
  EXPECT_EQ(empty.filters(), 0U);
  EXPECT_EQ(empty.find("stage", 1), nullptr);
  EXPECT_TRUE(empty.subscribers("stage").empty());
}

TEST(FilterTree, FindsTheSubscribersOfAllFiltersThatMatch) {
  tree filters;
  std::uint64_t number = 0;
  for (const auto* filter :
    {"stage/left", "stage/+", "stage/#", "#", "+/left", "+/+", "stage/left/#"})
    EXPECT_FALSE(filters.insert(filter, make(++number)));
  for (const auto* filter : {"stage", "stage/right", "+", "stage/+/+", "stage/left/+"})
    filters.insert(filter, make(++number));
  EXPECT_EQ(matched(filters, "stage/left"), (numbers{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(filters.size(), 12U);
}

TEST(FilterTree, VisitsASubscriberOncePerFilter) {
  tree filters;
  for (const auto* filter : {"stage/left", "stage/+", "#"})
    filters.insert(filter, make(7));
  EXPECT_EQ(matched(filters, "stage/left"), (numbers{7, 7, 7}));
}

TEST(FilterTree, MatchesTheParentLevelOfAHash) { // E86
  tree filters;
  filters.insert("stage/#", make(1));
  filters.insert("+/#", make(2));
  filters.insert("stage/+/#", make(3));
  EXPECT_EQ(matched(filters, "stage"), (numbers{1, 2}));
}

TEST(FilterTree, TakesAnEmptyLevelForALevel) { // E86
  tree filters;
  filters.insert("stage/+", make(1));
  filters.insert("stage/", make(2));
  filters.insert("stage", make(3));
  filters.insert("+/+", make(4));
  filters.insert("/+", make(5));
  filters.insert("+", make(6));
  EXPECT_EQ(matched(filters, "stage/"), (numbers{1, 2, 4}));
  EXPECT_EQ(matched(filters, "/stage"), (numbers{4, 5}));
  EXPECT_EQ(matched(filters, "/"), (numbers{4, 5}));
}

TEST(FilterTree, HidesDollarTopicsFromALeadingWildcard) { // E85
  tree filters;
  filters.insert("#", make(1));
  filters.insert("+/uptime", make(2));
  filters.insert("$SYS/#", make(3));
  filters.insert("$SYS/+", make(4));
  filters.insert("stage/+", make(5));
  EXPECT_EQ(matched(filters, "$SYS/uptime"), (numbers{3, 4}));
  EXPECT_EQ(matched(filters, "stage/$left"), (numbers{1, 5}));
}

TEST(FilterTree, ReplacesASubscriberWithTheSameKey) {
  tree filters;
  EXPECT_FALSE(filters.insert("stage", make(1, 10)));
  const auto replaced = filters.insert("stage", make(1, 20));
  ASSERT_TRUE(replaced);
  EXPECT_EQ(replaced->options, 10);
  EXPECT_EQ(filters.find("stage", 1)->options, 20);
  EXPECT_EQ(filters.size(), 1U);
}

TEST(FilterTree, ReplacesAmongSeveralToo) {
  tree filters;
  for (std::uint64_t number = 0; number != 40; ++number)
    EXPECT_FALSE(filters.insert("stage", make(number, 10)));
  for (std::uint64_t number = 0; number != 40; ++number)
    EXPECT_EQ(filters.insert("stage", make(number, 20))->options, 10);
  EXPECT_EQ(filters.find("stage", 39)->options, 20);
  EXPECT_EQ(filters.size(), 40U);
  EXPECT_EQ(filters.filters(), 1U);
}

TEST(FilterTree, SaysWhomItErased) {
  tree filters;
  filters.insert("stage/#", make(1, 10));
  EXPECT_FALSE(filters.erase("stage/#", 2));
  EXPECT_FALSE(filters.erase("stage", 1));
  EXPECT_FALSE(filters.erase("stage/left/#", 1));
  EXPECT_EQ(filters.erase("stage/#", 1)->options, 10);
  EXPECT_FALSE(filters.erase("stage/#", 1));
  EXPECT_TRUE(filters.empty());
}

TEST(FilterTree, KeepsFiltersThatShareLevelsWhenOneIsErased) {
  tree filters;
  filters.insert("stage/left/door", make(1));
  filters.insert("stage/left", make(2));
  filters.insert("stage/+/door", make(3));
  filters.erase("stage/left/door", 1);
  EXPECT_EQ(matched(filters, "stage/left/door"), (numbers{3}));
  EXPECT_EQ(matched(filters, "stage/left"), (numbers{2}));
  filters.erase("stage/left", 2);
  EXPECT_EQ(matched(filters, "stage/left/door"), (numbers{3}));
}

TEST(FilterTree, LetsASubscriberBeChangedInPlace) {
  tree filters;
  filters.insert("stage", make(1));
  filters.find("stage", 1)->options = 30;
  EXPECT_EQ(filters.subscribers("stage").front().options, 30);
  EXPECT_EQ(filters.find("stage", 2), nullptr);
  EXPECT_EQ(filters.find("stage/#", 1), nullptr);
}

TEST(FilterTree, ShowsEachFiltersSubscribersTogether) {
  tree filters;
  for (std::uint64_t number = 0; number != 5; ++number)
    filters.insert("stage/+", make(number));
  filters.insert("#", make(9));
  std::vector<std::size_t> sizes;
  filters.match_filters(
    "stage/left", [&](std::span<const subscriber> found) { sizes.push_back(found.size()); });
  std::ranges::sort(sizes);
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 5}));
}

TEST(FilterTree, TellsAllItHoldsWithTheirFilters) {
  tree filters;
  std::multimap<std::string, std::uint64_t> put;
  std::uint64_t number = 0;
  for (const auto* filter : {"#", "+", "/", "//", "stage", "stage/", "stage/#", "/#", "+/#",
         "stage/+/a level of some length", "$SYS/#", "stage", "stage/#"}) {
    filters.insert(filter, make(++number));
    put.emplace(filter, number);
  }
  std::multimap<std::string, std::uint64_t> told;
  filters.for_each(
    [&](std::string_view filter, const subscriber& found) { told.emplace(filter, found.number); });
  EXPECT_EQ(told, put);
}

TEST(FilterTree, MayBeMatchedAgainByAVisitor) {
  tree filters;
  filters.insert("stage/+", make(1));
  filters.insert("pit/+", make(2));
  numbers found;
  filters.match("stage/left", [&](const subscriber&) { found = matched(filters, "pit/left"); });
  EXPECT_EQ(found, (numbers{2}));
}

TEST(FilterTree, DestroysEachSubscriberOnce) {
  struct watched {
    std::uint64_t number;
    std::shared_ptr<int> watch;
    std::uint64_t key() const { return number; }
  };
  const auto watch = std::make_shared<int>(0);
  {
    filter_tree<watched> filters;
    for (std::uint64_t number = 0; number != 100; ++number) {
      filters.insert("stage", {number, watch});
      filters.insert(sensor(static_cast<int>(number)), {number, watch});
    }
    EXPECT_EQ(watch.use_count(), 201);
    for (std::uint64_t number = 10; number != 100; ++number) {
      filters.erase("stage", number);
      filters.erase(sensor(static_cast<int>(number)), number);
    }
    EXPECT_EQ(watch.use_count(), 21);
    filters.insert("stage", {1, nullptr});
    EXPECT_EQ(watch.use_count(), 20);
  }
  EXPECT_EQ(watch.use_count(), 1);
}

TEST(FilterTree, MovesWithAllItHolds) {
  tree from;
  from.insert("stage", make(1));
  tree to{std::move(from)};
  EXPECT_EQ(matched(to, "stage"), (numbers{1}));
  tree other;
  other.insert("pit", make(2));
  to = std::move(other);
  EXPECT_TRUE(matched(to, "stage").empty());
  EXPECT_EQ(matched(to, "pit"), (numbers{2}));
}

TEST(FilterTree, AgreesWithMatchesWhateverComesAndGoes) {
  const auto seed = test_seed();
  random_topics random{seed};
  tree filters{seed};
  std::map<std::pair<std::string, std::uint64_t>, int> model;
  for (int round = 0; round != 20'000; ++round) {
    const auto filter = random.filter();
    const auto number = random.below(3);
    const auto known = model.contains({filter, number});
    if (model.size() < 300 && random.one_in(2)) {
      ASSERT_EQ(filters.insert(filter, make(number, round)).has_value(), known) << filter;
      model[{filter, number}] = round;
    } else if (const auto victim = model.lower_bound({filter, number}); victim != model.end()) {
      const auto gone = filters.erase(victim->first.first, victim->first.second);
      ASSERT_TRUE(gone) << victim->first.first;
      ASSERT_EQ(gone->options, victim->second);
      model.erase(victim);
    }
    const auto topic = random.topic();
    std::vector<int> expected;
    for (const auto& [key, options] : model)
      if (matches(key.first, topic))
        expected.push_back(options);
    std::vector<int> found;
    filters.match(topic, [&](const subscriber& each) { found.push_back(each.options); });
    std::ranges::sort(expected);
    std::ranges::sort(found);
    ASSERT_EQ(found, expected) << topic;
    ASSERT_EQ(filters.size(), model.size());
  }
}

TEST(FilterTree, TakesFiltersAndTopicsOfManyLevels) { // E21
  const std::string separators(65'535, '/');
  std::string pluses;
  for (int i = 0; i != 32'767; ++i)
    pluses += "+/";
  tree filters;
  filters.insert(separators, make(1));
  filters.insert(pluses + "#", make(2));
  filters.insert(pluses + "+", make(3));
  filters.insert("/#", make(4));
  EXPECT_EQ(matched(filters, separators), (numbers{1, 2, 4}));
  EXPECT_EQ(matched(filters, separators.substr(0, 32'767)), (numbers{2, 3, 4}));
  EXPECT_TRUE(filters.erase(separators, 1));
  EXPECT_EQ(matched(filters, separators), (numbers{2, 4}));
}

/// Every filter of `+` and `a` in 12 levels that all end in a level no topic has:
/// 8,190 nodes match the topic's first levels, each is looked at once.
TEST(FilterTree, LooksAtNoMoreNodesThanHostileFiltersHaveLevels) {
  constexpr unsigned levels = 12;
  tree filters;
  for (unsigned choice = 0; choice != 1U << levels; ++choice) {
    std::string filter;
    for (unsigned level = 0; level != levels; ++level)
      filter += (choice >> level & 1U) != 0 ? "+/" : "a/";
    filters.insert(filter + "nobody", make(choice));
  }
  std::string topic = "a";
  for (int level = 0; level != 30'000; ++level)
    topic += "/a";
  EXPECT_TRUE(matched(filters, topic).empty());
  EXPECT_EQ(matched(filters, "a/a/a/a/a/a/a/a/a/a/a/a/nobody").size(), 1U << levels);
}

TEST(FilterTree, GivesMemoryBackWhenFiltersGo) {
  tree filters;
  const auto empty = filters.bytes();
  for (int i = 0; i != 50'000; ++i)
    filters.insert(sensor(i), make(static_cast<std::uint64_t>(i)));
  const auto full = filters.bytes();
  EXPECT_GT(full, 50'000 * sizeof(subscriber));
  for (int i = 0; i != 50'000; ++i)
    if (i % 100 != 0) {
      ASSERT_TRUE(filters.erase(sensor(i), static_cast<std::uint64_t>(i)));
    }
  EXPECT_LT(filters.bytes(), full / 10);
  for (int i = 0; i != 50'000; i += 100)
    ASSERT_EQ(matched(filters,
                "bench/" + std::to_string(i / 1000) + "/x/sensor/" + std::to_string(i % 1000)),
      (numbers{static_cast<std::uint64_t>(i)}));
  for (int i = 0; i != 50'000; i += 100)
    ASSERT_TRUE(filters.erase(sensor(i), static_cast<std::uint64_t>(i)));
  EXPECT_LT(filters.bytes(), empty + 200'000);
}

TEST(FilterTree, GivesMemoryBackWhenGroupsGo) {
  tree filters;
  for (int i = 0; i != 8'000; ++i)
    for (std::uint64_t number = 0; number != 3; ++number)
      filters.insert(sensor(i), make(number, i));
  const auto full = filters.bytes();
  for (int i = 0; i != 8'000; ++i)
    for (std::uint64_t number = 0; number != 3; ++number)
      if (i % 16 != 0) {
        ASSERT_EQ(filters.erase(sensor(i), number)->options, i);
      }
  EXPECT_LT(filters.bytes(), full / 4);
  for (int i = 0; i != 8'000; i += 16) {
    ASSERT_EQ(filters.subscribers(sensor(i)).size(), 3U);
    ASSERT_EQ(filters.find(sensor(i), 2)->options, i);
  }
}

TEST(FilterTree, NeedsAtMost150BytesForAFilterBesideItsSubscriber) {
  constexpr std::size_t count = 100'000;
  tree filters;
  for (std::size_t i = 0; i != count; ++i)
    filters.insert(sensor(static_cast<int>(i)), make(1));
  EXPECT_EQ(filters.filters(), count);
  EXPECT_LT(filters.bytes() / count, sizeof(subscriber) + 150);
}

TEST(FilterTree, TakesAHundredThousandSubscribersOfOneFilter) {
  constexpr std::uint64_t count = 100'000;
  tree filters;
  for (std::uint64_t number = 0; number != count; ++number)
    ASSERT_FALSE(filters.insert("stage", make(number, static_cast<int>(number))));
  EXPECT_EQ(filters.size(), count);
  EXPECT_EQ(filters.filters(), 1U);
  EXPECT_EQ(matched(filters, "stage").size(), count);
  const auto full = filters.bytes();
  for (std::uint64_t number = 0; number != count; ++number)
    if (number % 1000 != 1) {
      ASSERT_EQ(filters.erase("stage", number)->options, static_cast<int>(number));
    }
  EXPECT_EQ(matched(filters, "stage").size(), count / 1000);
  EXPECT_LT(filters.bytes(), full / 10);
  for (std::uint64_t number = 1; number < count; number += 1000)
    ASSERT_EQ(filters.find("stage", number)->options, static_cast<int>(number));
  for (std::uint64_t number = 1; number < count; number += 1000)
    ASSERT_TRUE(filters.erase("stage", number));
  EXPECT_TRUE(filters.empty());
  EXPECT_EQ(filters.filters(), 0U);
}

} // namespace callboard::protocol
