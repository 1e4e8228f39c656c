#include "protocol/topics/topic_filter.hpp"
#include "tests/actors/player.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callboard {

namespace {

using namespace std::chrono_literals;
using callboard::testing::player;
using callboard::testing::playhouse;
using protocol::ack_type;
using protocol::qos;

constexpr std::size_t publishers = 60;
constexpr std::size_t subscribers = 140;
constexpr int topics = 12;
constexpr int rounds = 250;
constexpr std::uint32_t expiry = 100'000;

std::string topic_of(std::size_t number) {
  return "area" + std::to_string(number % 3) + "/" + std::to_string(number);
}

/// A publisher that numbers its messages for each topic and QoS, and sends again
/// what was not acknowledged when it is back.
class writer {
public:
  writer(playhouse& house, std::size_t number)
      : name_{"w" + std::to_string(number)}, client_{house, name_} {
    client_.on_ack = [this](const protocol::acknowledgement& ack) { acknowledged(ack); };
  }

  player& client() { return client_; }

  void publish(const std::string& topic, qos quality) {
    if (under_way_.size() >= 100)
      return;
    const auto number = ++last_[{topic, quality}];
    const auto text =
      name_ + " " + std::to_string(static_cast<int>(quality)) + " " + std::to_string(number);
    const auto id = client_.publish(topic, text, quality);
    under_way_.push_back({id, quality, topic, text, false});
  }

  void come_back(std::size_t unit) {
    client_.resume(expiry, unit);
    for (const auto& one : under_way_) {
      if (one.released)
        client_.acknowledge(ack_type::pubrel, one.id);
      else
        client_.publish(one.topic, one.text, one.quality, false, true, one.id);
    }
  }

  bool is_done() const { return under_way_.empty(); }

  /// How many were published, by topic and QoS.
  const std::map<std::pair<std::string, qos>, int>& published() const { return last_; }
  const std::string& name() const { return name_; }

private:
  struct sent {
    protocol::packet_id id;
    qos quality;
    std::string topic;
    std::string text;
    bool released;
  };

  void acknowledged(const protocol::acknowledgement& ack) {
    const auto found = std::ranges::find(under_way_, ack.packet_id, &sent::id);
    if (ack.type == ack_type::pubrec) {
      client_.acknowledge(ack_type::pubrel, ack.packet_id);
      if (found != under_way_.end())
        found->released = true;
    } else if (found != under_way_.end()) {
      under_way_.erase(found);
    }
  }

  std::string name_;
  player client_;
  std::deque<sent> under_way_;
  std::map<std::pair<std::string, qos>, int> last_;
};

/// A subscriber, and what it heard of each publisher, topic and QoS.
struct reader {
  reader(playhouse& house, std::size_t number) : client{house, "r" + std::to_string(number)} {}

  void collect() {
    client.listen();
    for (const auto& one : std::exchange(client.inbox, {})) {
      const auto space = one.payload.rfind(' ');
      int number = 0;
      std::from_chars(
        one.payload.data() + space + 1, one.payload.data() + one.payload.size(), number);
      heard[one.topic + "|" + one.payload.substr(0, space)].push_back(number);
    }
  }

  player client;
  std::string filter;
  qos maximum = qos::at_least_once;
  std::map<std::string, std::vector<int>> heard;
};

/// One history: comings, goings, takeovers, splits and merges, from a seed.
class history {
public:
  explicit history(std::uint64_t seed) : random_{seed}, house_{3, {}, seed} {
    for (std::size_t i = 0; i < publishers; ++i) {
      writers_.push_back(std::make_unique<writer>(house_, i));
      writers_.back()->client().resume(expiry, pick(3));
    }
    for (std::size_t i = 0; i < subscribers; ++i) {
      auto& one = *readers_.emplace_back(std::make_unique<reader>(house_, i));
      one.client.resume(expiry, pick(3));
      one.client.settle();
      one.filter = filter();
      one.maximum = pick(2) == 0 ? qos::at_least_once : qos::exactly_once;
      one.client.subscribe(one.filter, one.maximum);
      one.client.settle();
    }
  }

  void play() {
    for (int round = 0; round < rounds; ++round) {
      for (int i = 0; i < 20; ++i)
        something_happens();
      // Not always until everything is quiet: mail stays under way.
      for (const auto& unit : house_.node().units())
        if (pick(3) > 0)
          unit->step();
      listen();
    }
    come_to_rest();
  }

  void check() {
    for (const auto& each : writers_)
      EXPECT_TRUE(each->is_done()) << each->name() << " was not acknowledged";
    for (const auto& one : readers_)
      for (const auto& each : writers_)
        for (const auto& [what, count] : each->published())
          if (protocol::matches(one->filter, what.first))
            check(*one, *each, what.first, what.second, count);
  }

private:
  void something_happens() {
    switch (pick(30)) {
    case 0:
      return come_and_go(readers_[pick(subscribers)]->client);
    case 1: {
      auto& one = *writers_[pick(publishers)];
      one.client().vanish();
      return one.come_back(pick(3));
    }
    case 2: // takeover: the old connection is still there
      return readers_[pick(subscribers)]->client.resume(expiry, pick(3));
    case 3:
      return divide();
    default:
      return writers_[pick(publishers)]->publish(
        topic_of(pick(topics)), pick(2) == 0 ? qos::at_least_once : qos::exactly_once);
    }
  }

  void come_and_go(player& client) {
    if (client.is_connected())
      client.vanish();
    else
      client.resume(expiry, pick(3));
  }

  void divide() {
    const auto prefix = "area" + std::to_string(pick(3));
    const auto& owner = house_.company().houses.front()->routes.now().subtree_of(prefix);
    if (pick(2) == 0)
      tell(house_.company().broker, actors::hot{owner, prefix});
    else
      tell(house_.company().broker, actors::cold{owner});
  }

  void listen() {
    for (const auto& one : readers_)
      one->collect();
    for (const auto& one : writers_)
      one->client().listen();
  }

  /// Everybody is back, and all that is owed is delivered.
  void come_to_rest() {
    for (const auto& one : readers_)
      one->client.resume(expiry, pick(3));
    for (const auto& one : writers_)
      one->come_back(pick(3));
    for (int i = 0; i < 400; ++i) {
      house_.play();
      listen();
    }
  }

  void check(
    const reader& one, const writer& from, const std::string& topic, qos quality, int count) {
    const auto key = topic + "|" + from.name() + " " + std::to_string(static_cast<int>(quality));
    const auto found = one.heard.find(key);
    const auto& got = found == one.heard.end() ? none_ : found->second;
    auto once = got;
    std::ranges::sort(once);
    const auto repeats = std::ranges::unique(once);
    const bool exactly = quality == qos::exactly_once && one.maximum == qos::exactly_once;
    if (exactly) {
      EXPECT_TRUE(repeats.empty()) << key << " was doubled at QoS 2";
    }
    once.erase(repeats.begin(), repeats.end());
    EXPECT_EQ(once.size(), static_cast<std::size_t>(count)) << key << " lost messages";
    // In order: what comes again may be older, what is new must be newer.
    int newest = 0;
    for (const auto number : got) {
      EXPECT_LE(number, newest + 1) << key << " was overtaken";
      newest = std::max(newest, number);
    }
  }

  std::string filter() {
    switch (pick(4)) {
    case 0:
      return "#";
    case 1:
      return "area" + std::to_string(pick(3)) + "/#";
    case 2:
      return "+/" + std::to_string(pick(topics));
    default:
      return topic_of(pick(topics));
    }
  }

  std::size_t pick(std::size_t choices) { return random_() % choices; }

  std::mt19937_64 random_;
  playhouse house_;
  std::vector<std::unique_ptr<writer>> writers_;
  std::vector<std::unique_ptr<reader>> readers_;
  const std::vector<int> none_;
};

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const auto* text = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

} // namespace

TEST(Simulation, KeepsOrderAndLosesNothingThroughTakeoversAndSplits) {
  const auto first = from_environment("CALLBOARD_SEED", 1);
  const auto count = from_environment("CALLBOARD_SEEDS", 3);
  for (auto seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("CALLBOARD_SEED=" + std::to_string(seed));
    history one{seed};
    one.play();
    one.check();
    if (HasFailure())
      return;
  }
}

} // namespace callboard
