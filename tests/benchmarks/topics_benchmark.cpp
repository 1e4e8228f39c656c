// How fast topics find their filters and filters their retained messages, and
// how many bytes both trees need. Each benchmark works on 100,000 of them.

#include "protocol/topics/filter_tree.hpp"
#include "protocol/topics/retained_tree.hpp"
#include "protocol/topics/topic_filter.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callboard::protocol {

namespace {

constexpr std::size_t count = 100'000;

/// As big as the broker's subscribers.
struct subscriber {
  std::uint64_t number = 0;
  std::array<std::uint64_t, 6> more{};

  std::uint64_t key() const { return number; }
};

using names = std::vector<std::string>;

/// One of the filters or topics `bench/17/+/sensor/1234/#`, with something in
/// place of the wildcards.
std::string sensor(std::size_t number, std::string_view plus, std::string_view hash) {
  const auto house = std::to_string(number / 1'000);
  const auto device = std::to_string(number % 1'000);
  std::string name = "bench/";
  return name.append(house).append("/").append(plus).append("/sensor/").append(device).append(hash);
}

std::string device(std::size_t number) {
  return "devices/device-" + std::to_string(1'000'000 + number * 7'919) + "/state";
}

/// Names in no order that a cache could like, always the same.
template <class Name>
names shuffled(Name&& name) {
  names all;
  all.reserve(count);
  for (std::size_t number = 0; number != count; ++number)
    all.push_back(name(number));
  std::ranges::shuffle(all, std::mt19937_64{1}); // NOLINT(cert-msc51-cpp): repeatable
  return all;
}

/// Topics next to each other in memory, as in the buffer they were received in:
/// reading them shall not be what is measured.
class received_topics {
public:
  explicit received_topics(const names& topics) {
    for (const auto& topic : topics)
      bytes_ += topic;
    const std::string_view all{bytes_};
    std::size_t at = 0;
    for (const auto& topic : topics)
      topics_.push_back(all.substr(std::exchange(at, at + topic.size()), topic.size()));
  }
  received_topics(const received_topics&) = delete;
  received_topics& operator=(const received_topics&) = delete;

  /// One after the other, again and again.
  std::string_view next() {
    next_ = next_ + 1 == topics_.size() ? 0 : next_ + 1;
    return topics_[next_];
  }

private:
  std::string bytes_;
  std::vector<std::string_view> topics_;
  std::size_t next_ = 0;
};

filter_tree<subscriber> tree_of(const names& filters) {
  filter_tree<subscriber> tree{42};
  std::uint64_t number = 0;
  for (const auto& filter : filters)
    tree.insert(filter, {++number, {}});
  return tree;
}

void match_topics(
  benchmark::State& state, const filter_tree<subscriber>& tree, const names& names_of_topics) {
  received_topics topics{names_of_topics};
  std::uint64_t matched = 0;
  for ([[maybe_unused]] const auto _ : state)
    tree.match(
      topics.next(), [&](const subscriber& found) { matched += found.number != 0 ? 1 : 0; });
  state.SetItemsProcessed(state.iterations());
  state.counters["matched"] =
    static_cast<double>(matched) / static_cast<double>(state.iterations());
  state.counters["bytes/filter"] =
    static_cast<double>(tree.bytes()) / static_cast<double>(tree.filters());
}

void match_wildcard_filters(benchmark::State& state) {
  match_topics(state, tree_of(shuffled([](auto n) { return sensor(n, "+", "/#"); })),
    shuffled([](auto n) { return sensor(n, "kitchen", "/value"); }));
}
BENCHMARK(match_wildcard_filters);

void match_literal_filters(benchmark::State& state) {
  match_topics(state, tree_of(shuffled([](auto n) { return sensor(n, "kitchen", "/value"); })),
    shuffled([](auto n) { return sensor(n, "kitchen", "/value"); }));
}
BENCHMARK(match_literal_filters);

void match_literal_filters_of_devices(benchmark::State& state) {
  match_topics(state, tree_of(shuffled(device)), shuffled(device));
}
BENCHMARK(match_literal_filters_of_devices);

void match_nothing(benchmark::State& state) {
  match_topics(state, tree_of(shuffled([](auto n) { return sensor(n, "+", "/#"); })),
    shuffled([](auto n) { return sensor(n, "kitchen", "x"); }));
}
BENCHMARK(match_nothing);

/// 4,096 filters of `+` and `a` in twelve levels, and topics that all match until
/// the last level.
void match_hostile_filters(benchmark::State& state) {
  filter_tree<subscriber> tree{42};
  for (std::uint64_t choice = 0; choice != 4'096; ++choice) {
    std::string filter;
    for (unsigned level = 0; level != 12; ++level)
      filter += (choice >> level & 1U) != 0 ? "+/" : "a/";
    tree.insert(filter + "nobody", {choice, {}});
  }
  match_topics(state, tree, {"a/a/a/a/a/a/a/a/a/a/a/a/a"});
}
BENCHMARK(match_hostile_filters);

void insert_and_erase_filter(benchmark::State& state) {
  const auto filters = shuffled([](auto n) { return sensor(n, "+", "/#"); });
  auto tree = tree_of(filters);
  std::size_t next = 0;
  for ([[maybe_unused]] const auto _ : state) {
    const auto& filter = filters[next];
    benchmark::DoNotOptimize(tree.erase(filter, next + 1));
    tree.insert(filter, {next + 1, {}});
    next = next + 1 == filters.size() ? 0 : next + 1;
  }
  state.SetItemsProcessed(state.iterations() * 2);
}
BENCHMARK(insert_and_erase_filter);

void subscribe_100k_filters(benchmark::State& state) {
  const auto filters = shuffled([](auto n) { return sensor(n, "+", "/#"); });
  for ([[maybe_unused]] const auto _ : state)
    benchmark::DoNotOptimize(tree_of(filters).size());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
}
BENCHMARK(subscribe_100k_filters)->Unit(benchmark::kMillisecond);

void insert_and_erase_among_100k_subscribers(benchmark::State& state) {
  filter_tree<subscriber> tree{42};
  for (std::uint64_t number = 0; number != count; ++number)
    tree.insert("stage", {number, {}});
  std::uint64_t next = 0;
  for ([[maybe_unused]] const auto _ : state) {
    benchmark::DoNotOptimize(tree.erase("stage", next));
    tree.insert("stage", {next, {}});
    next = (next + 7'919) % count;
  }
  state.SetItemsProcessed(state.iterations() * 2);
}
BENCHMARK(insert_and_erase_among_100k_subscribers);

void fan_out_to_100k_subscribers(benchmark::State& state) {
  filter_tree<subscriber> tree{42};
  for (std::uint64_t number = 0; number != count; ++number)
    tree.insert("stage", {number, {}});
  std::uint64_t sum = 0;
  for ([[maybe_unused]] const auto _ : state)
    tree.match("stage", [&](const subscriber& found) { sum += found.number; });
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
}
BENCHMARK(fan_out_to_100k_subscribers);

void compare_filter_with_topic(benchmark::State& state) {
  received_topics topics{shuffled([](auto n) { return sensor(n, "kitchen", "/value"); })};
  for ([[maybe_unused]] const auto _ : state)
    benchmark::DoNotOptimize(matches("bench/+/+/sensor/#", topics.next()));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(compare_filter_with_topic);

std::vector<message_ptr> messages_of(const names& topics) {
  std::vector<message_ptr> messages;
  messages.reserve(topics.size());
  for (const auto& topic : topics)
    messages.push_back(message::make({}, topic, {}, "21.5"));
  return messages;
}

retained_tree store_of(const std::vector<message_ptr>& messages) {
  retained_tree tree;
  for (const auto& message : messages)
    tree.set(message);
  return tree;
}

void retain_100k_topics(benchmark::State& state) {
  const auto messages =
    messages_of(shuffled([](auto n) { return sensor(n, "kitchen", "/value"); }));
  double bytes = 0;
  for ([[maybe_unused]] const auto _ : state)
    bytes = static_cast<double>(store_of(messages).index_bytes());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
  state.counters["bytes/topic"] = bytes / static_cast<double>(count);
}
BENCHMARK(retain_100k_topics)->Unit(benchmark::kMillisecond);

void replace_retained(benchmark::State& state) {
  const auto messages =
    messages_of(shuffled([](auto n) { return sensor(n, "kitchen", "/value"); }));
  auto tree = store_of(messages);
  std::size_t next = 0;
  for ([[maybe_unused]] const auto _ : state) {
    tree.set(messages[next]);
    next = next + 1 == messages.size() ? 0 : next + 1;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(replace_retained);

/// The whole of the store to one subscriber, a hundred messages a batch.
void replay(benchmark::State& state, std::string_view filter) {
  const auto tree =
    store_of(messages_of(shuffled([](auto n) { return sensor(n, "kitchen", "/value"); })));
  std::int64_t replayed = 0;
  for ([[maybe_unused]] const auto _ : state)
    for (retained_cursor cursor; !cursor.done();)
      replayed += static_cast<std::int64_t>(tree.batch(filter, cursor).size());
  state.SetItemsProcessed(replayed);
}
BENCHMARK_CAPTURE(replay, hash, "#")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(replay, plus_hash, "bench/+/kitchen/#")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(replay, one_device_per_house, "+/+/+/sensor/7/#")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(replay, literal, "bench/17/kitchen/sensor/123/value")
  ->Unit(benchmark::kNanosecond);

} // namespace

} // namespace callboard::protocol
