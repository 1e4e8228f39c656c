#pragma once

#include "persistence/memory_store.hpp"
#include "persistence/store.hpp"
#include "protocol/session/session_state.hpp"

#include "tests/protocol/session/deliveries.hpp"
#include "tests/protocol/session/session_storm.hpp"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callboard::persistence {

/// What every store promises. A Place is where a store keeps its content:
/// default constructed it is empty; store& store() gives the store that is open
/// there, reopen() closes it and opens it again.
template <class Place>
class StoreContract : public ::testing::Test {
public:
  static protocol::operation subscribing(std::string filter, protocol::subscription_number number) {
    protocol::subscription what;
    what.filter = std::move(filter);
    what.number = number;
    return protocol::subscription_put{std::move(what)};
  }

protected:
  using operations = std::vector<protocol::operation>;

  store& kept() { return place_.store(); }

  void commit(batch changes) {
    const auto failed = kept().commit(std::move(changes), durability::disk);
    ASSERT_FALSE(failed) << failed->text;
  }

  void commit(std::string client_id, operations changes, std::uint64_t session = 1) {
    batch one;
    one.sessions.push_back({std::move(client_id), session, std::move(changes)});
    commit(std::move(one));
  }

  void retain(std::string topic, protocol::message_ptr message) {
    batch one;
    one.retained.push_back({std::move(topic), std::move(message)});
    commit(std::move(one));
  }

  /// The session as it was stored; empty if there is none.
  std::optional<protocol::session_state> session(std::string_view client_id) {
    auto loaded = kept().load_session(client_id, {});
    EXPECT_TRUE(loaded) << loaded.error().text;
    if (!loaded || !*loaded)
      return std::nullopt;
    protocol::session_state state;
    state.apply(**loaded);
    return state;
  }

  /// The same, brought back bit by bit.
  std::optional<protocol::session_state> session_in_portions(
    std::string_view client_id, std::uint64_t number, std::size_t messages) {
    const protocol::queue_portion portion{messages, UINT64_MAX};
    auto loaded = kept().load_session(client_id, portion);
    if (!loaded || !*loaded)
      return std::nullopt;
    protocol::session_state state;
    state.apply(**loaded);
    while (state.queue() != nullptr && state.queue()->resting().count != 0) {
      auto more = kept().load_waiting(
        {std::string{client_id}, number, state.queue()->size_in_front()}, portion);
      EXPECT_TRUE(more && !more->deliveries.empty()) << client_id;
      if (!more || more->deliveries.empty())
        break;
      state.wake(std::move(more->deliveries));
    }
    return state;
  }

  std::vector<std::string> sessions() {
    std::vector<std::string> all;
    const auto failed = kept().list_sessions({}, [&](const session_outline& one) {
      all.emplace_back(one.client_id);
      return true;
    });
    EXPECT_FALSE(failed);
    return all;
  }

  /// Payloads, by topic.
  std::vector<std::pair<std::string, std::string>> retained() {
    std::vector<std::pair<std::string, std::string>> all;
    const auto failed = kept().load_retained({}, [&](const protocol::message_ptr& one) {
      all.emplace_back(one->topic(), one->payload());
      return true;
    });
    EXPECT_FALSE(failed);
    return all;
  }

  /// Asserts that the store has what the other one has.
  void expect_same(store& other) {
    std::vector<std::string> ids;
    std::vector<std::uint64_t> numbers;
    other.list_sessions({}, [&](const session_outline& one) {
      ids.emplace_back(one.client_id);
      numbers.push_back(one.session);
      return true;
    });
    ASSERT_EQ(sessions(), ids);
    for (std::size_t at = 0; at < ids.size(); ++at) {
      protocol::session_state expected;
      expected.apply(**other.load_session(ids[at], {}));
      ASSERT_TRUE(*session(ids[at]) == expected) << ids[at];
      ASSERT_TRUE(*session_in_portions(ids[at], numbers[at], 1 + at) == expected) << ids[at];
    }
    std::vector<std::pair<std::string, std::string>> messages;
    other.load_retained({}, [&](const protocol::message_ptr& one) {
      messages.emplace_back(one->topic(), one->payload());
      return true;
    });
    ASSERT_EQ(retained(), messages);
    ASSERT_EQ(kept().highest_session(), other.highest_session());
  }

  static protocol::message_ptr on_topic(std::string_view topic, std::string_view payload) {
    return protocol::message::make({}, topic, {}, payload);
  }

  Place place_;
};

TYPED_TEST_SUITE_P(StoreContract);

TYPED_TEST_P(StoreContract, HasNothingAtFirst) {
  EXPECT_FALSE(this->session("nobody"));
  EXPECT_TRUE(this->sessions().empty());
  EXPECT_TRUE(this->retained().empty());
}

TYPED_TEST_P(StoreContract, BringsASessionBack) {
  using namespace std::chrono_literals;
  auto what = protocol::make_delivery("x", protocol::qos_2, protocol::start + 9s);
  what.identifiers.add(1);
  what.identifiers.add(2);
  what.share = 77;
  what.retain = true;
  const std::vector<protocol::operation> changes{protocol::client_attached{60},
    this->subscribing("a/+", 3), protocol::delivery_enqueued{what},
    protocol::delivery_enqueued{what}, protocol::delivery_sent{9},
    protocol::publication_received{4}, protocol::client_detached{protocol::start}};
  this->commit("client", changes);
  this->place_.reopen();

  protocol::session_state expected;
  expected.apply(changes);
  const auto loaded = this->session("client");
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(*loaded == expected);
}

TYPED_TEST_P(StoreContract, TellsOnceThatABatchLasts) {
  int told = 0;
  const auto lasts = [&] { ++told; };
  batch one;
  EXPECT_FALSE(this->kept().commit(one, durability::disk, lasts));
  EXPECT_EQ(told, 1);
  one.sessions.push_back({"client", 1, {protocol::client_attached{60}}});
  EXPECT_FALSE(this->kept().commit(one, durability::os, lasts));
  EXPECT_EQ(told, 2);
}

TYPED_TEST_P(StoreContract, BringsAWillBack) {
  auto brought = std::make_shared<protocol::will>();
  brought->topic = "last";
  brought->payload = std::string{"\0\xff", 2};
  brought->properties = "properties";
  brought->delay_interval = 3;
  brought->message_expiry_interval = 4;
  brought->qos = protocol::qos_2;
  brought->retain = true;
  const std::vector<protocol::operation> changes{protocol::client_attached{60},
    protocol::will_set{brought}, protocol::client_detached{protocol::start},
    protocol::will_armed{protocol::start}};
  this->commit("client", changes);
  this->place_.reopen();

  protocol::session_state expected;
  expected.apply(changes);
  EXPECT_TRUE(*this->session("client") == expected);
}

TYPED_TEST_P(StoreContract, AddsBatchToBatch) {
  this->commit("client", {protocol::client_attached{60}, this->subscribing("a", 1)});
  this->place_.reopen();
  this->commit("client", {protocol::subscription_removed{1}, this->subscribing("b", 2)});
  this->place_.reopen();
  const auto loaded = this->session("client");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->subscriptions().find("a"), nullptr);
  EXPECT_NE(loaded->subscriptions().find("b"), nullptr);
}

TYPED_TEST_P(StoreContract, KeepsTheOrderWithinABatch) {
  batch both;
  both.sessions.push_back(
    {"client", 1, {protocol::client_attached{60}, this->subscribing("a", 1)}});
  both.sessions.push_back({"other", 2, {protocol::client_attached{60}}});
  both.sessions.push_back({"client", 1, {protocol::subscription_removed{1}}});
  this->commit(std::move(both));
  EXPECT_TRUE(this->session("client")->subscriptions().empty());
}

TYPED_TEST_P(StoreContract, ForgetsASessionThatHasEnded) {
  this->commit("client", {protocol::client_attached{60}, this->subscribing("a", 1)});
  this->commit("client", {protocol::session_ended{}});
  EXPECT_FALSE(this->session("client"));
  EXPECT_TRUE(this->sessions().empty());
  this->place_.reopen();
  EXPECT_FALSE(this->session("client"));
}

TYPED_TEST_P(StoreContract, KnowsASessionThatBeganAnewInTheSameBatch) {
  this->commit("client", {protocol::client_attached{60}, this->subscribing("a", 1)});
  this->commit("client", {protocol::session_ended{}, protocol::client_attached{60}});
  const auto loaded = this->session("client");
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded->subscriptions().empty());
}

TYPED_TEST_P(StoreContract, LetsAYoungerSessionTakeThePlaceOfAnOlderOne) {
  this->commit("client", {protocol::client_attached{60}, this->subscribing("a", 1)}, 1);
  this->commit("client", {protocol::client_attached{60}, this->subscribing("b", 1)}, 2);
  this->commit("client", {protocol::delivery_sent{1}, protocol::session_ended{}}, 1);
  this->place_.reopen();
  const auto loaded = this->session("client");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->subscriptions().find("a"), nullptr);
  EXPECT_NE(loaded->subscriptions().find("b"), nullptr);
}

TYPED_TEST_P(StoreContract, BearsTheLastChangesOfASessionThatHasEnded) {
  this->commit("client", {protocol::client_attached{60}}, 2);
  this->commit("client", {protocol::session_ended{}}, 2);
  this->commit("client",
    {protocol::delivery_sent{1}, protocol::delivery_passed{}, protocol::delivery_settled{1},
      protocol::delivery_released{1}, protocol::publication_freed{1}, protocol::shares_returned{},
      protocol::subscription_removed{1}, protocol::session_ended{}},
    1);
  EXPECT_TRUE(this->sessions().empty());
}

TYPED_TEST_P(StoreContract, ListsSessionsByClientId) {
  const std::string odd{"b\0c", 3};
  for (const auto& client_id : {std::string{"z"}, odd, std::string(600, 'q'), std::string{"a"}})
    this->commit(client_id, {protocol::client_attached{60}});
  this->place_.reopen();
  EXPECT_EQ(this->sessions(), (std::vector<std::string>{"a", odd, std::string(600, 'q'), "z"}));
}

TYPED_TEST_P(StoreContract, KeepsTheLastRetainedMessageOfEachTopic) {
  this->retain("b", this->on_topic("b", "1"));
  this->retain("a", this->on_topic("a", "2"));
  this->retain("b", this->on_topic("b", "3"));
  this->place_.reopen();
  const std::vector<std::pair<std::string, std::string>> expected{{"a", "2"}, {"b", "3"}};
  EXPECT_EQ(this->retained(), expected);
}

TYPED_TEST_P(StoreContract, ForgetsARetainedMessage) {
  this->retain("a", this->on_topic("a", "1"));
  this->retain("a", protocol::message_ptr{});
  this->retain("missing", protocol::message_ptr{});
  EXPECT_TRUE(this->retained().empty());
  this->place_.reopen();
  EXPECT_TRUE(this->retained().empty());
}

TYPED_TEST_P(StoreContract, KeepsWhatShareGroupsHaveByTheirTokens) {
  const auto put = [this](std::string group, std::uint64_t token, protocol::message_ptr what) {
    batch one;
    one.shares.push_back({std::move(group), token, std::move(what)});
    this->commit(std::move(one));
  };
  const auto have = [this] {
    std::vector<std::string> all;
    const auto failed = this->kept().load_shares([&](const share_change& one) {
      all.push_back(
        one.group + ' ' + std::to_string(one.token) + ' ' + std::string{one.message->payload()});
    });
    EXPECT_FALSE(failed);
    return all;
  };
  const std::string long_filter(60'000, 'f');
  put("g/t", 300, this->on_topic("t", "c"));
  put("g/t", 2, this->on_topic("t", "b"));
  put("g/t", 1, this->on_topic("t", "a"));
  put("h/" + long_filter, 1, this->on_topic("t", "d"));
  this->place_.reopen();
  put("g/t", 1, protocol::message_ptr{});
  put("missing/t", 1, protocol::message_ptr{});
  const std::vector<std::string> expected{"g/t 2 b", "g/t 300 c", "h/" + long_filter + " 1 d"};
  EXPECT_EQ(have(), expected);
  this->place_.reopen();
  EXPECT_EQ(have(), expected);
  for (auto more = this->kept().fold(100); more && *more; more = this->kept().fold(100)) {
  }
  this->place_.reopen();
  EXPECT_EQ(have(), expected);
}

TYPED_TEST_P(StoreContract, KeepsLongTopicsApart) {
  const std::string left(65'535, 'x');
  auto right = left;
  right.back() = 'y';
  this->retain(left, this->on_topic(left, "left"));
  this->retain(right, this->on_topic(right, "right"));
  this->place_.reopen();
  const std::vector<std::pair<std::string, std::string>> expected{{left, "left"}, {right, "right"}};
  EXPECT_EQ(this->retained(), expected);
}

TYPED_TEST_P(StoreContract, KeepsAllOfAMessage) {
  using namespace std::chrono_literals;
  const protocol::message_head head{5, protocol::start + 7s, protocol::qos_2, true};
  const std::string payload(100'000, '\0');
  this->retain("a/b", protocol::message::make(head, "a/b", "properties", payload));
  this->place_.reopen();
  protocol::message_ptr loaded;
  this->kept().load_retained({}, [&](const protocol::message_ptr& one) {
    loaded = one;
    return true;
  });
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->topic(), "a/b");
  EXPECT_EQ(loaded->properties(), "properties");
  EXPECT_EQ(loaded->payload(), payload);
  EXPECT_EQ(loaded->head().expires_at, head.expires_at);
  EXPECT_EQ(loaded->head().qos, head.qos);
  EXPECT_EQ(loaded->head().publisher, head.publisher);
  EXPECT_TRUE(loaded->head().retain);
}

TYPED_TEST_P(StoreContract, TellsWhatASessionIsWithoutItsMessages) {
  using namespace std::chrono_literals;
  this->commit("b",
    {protocol::client_attached{60}, this->subscribing("x", 1), this->subscribing("y", 2),
      protocol::delivery_enqueued{protocol::make_delivery("m")}},
    7);
  this->commit("a",
    {protocol::client_attached{60}, protocol::client_detached{protocol::start},
      protocol::will_armed{protocol::start + 5s}},
    6);
  this->place_.reopen();
  this->commit("b", {protocol::subscription_removed{1}}, 7);

  std::vector<std::string> told;
  this->kept().list_sessions({}, [&](const session_outline& one) {
    told.emplace_back(one.client_id);
    EXPECT_EQ(one.session, one.client_id == "b" ? 7 : 6);
    EXPECT_EQ(one.attached, one.client_id == "b");
    EXPECT_EQ(one.expiry, 60U);
    EXPECT_EQ(one.has_will, false);
    EXPECT_EQ(one.waiting.count, one.attached ? 1U : 0U);
    EXPECT_EQ(one.ends_at, one.attached ? protocol::never : protocol::start + 60s);
    EXPECT_EQ(one.will_at, one.attached ? protocol::never : protocol::start + 5s);
    EXPECT_EQ(one.subscriptions.size(), one.attached ? 1U : 0U);
    if (one.attached)
      EXPECT_EQ(one.subscriptions.front().filter, "y");
    return true;
  });
  EXPECT_EQ(told, (std::vector<std::string>{"a", "b"}));
}

TYPED_TEST_P(StoreContract, FindsWhichSessionAClientHas) {
  this->commit("a", {protocol::client_attached{60}}, 6);
  this->commit("b", {protocol::client_attached{60}}, 7);
  this->place_.reopen();
  this->commit("b", {protocol::session_ended{}}, 7);
  this->commit("c", {protocol::client_attached{60}}, 8);
  EXPECT_EQ(*this->kept().find_session("a"), 6U);
  EXPECT_EQ(*this->kept().find_session("b"), 0U);
  EXPECT_EQ(*this->kept().find_session("c"), 8U);
  EXPECT_EQ(*this->kept().find_session("d"), 0U);
}

TYPED_TEST_P(StoreContract, ListsInPieces) {
  const std::string front(600, 'q'); // longer than a key of LMDB
  std::vector<std::string> names{"a", front, front + "1", front + "2", front + "3", "z"};
  for (const auto& name : {names[3], names[0], names[5], names[2], names[4], names[1]}) {
    this->commit(name, {protocol::client_attached{60}});
    this->retain(name, this->on_topic(name, "x"));
  }
  this->place_.reopen();
  this->commit(names[3], {protocol::client_detached{protocol::start}});
  this->retain(names[3], this->on_topic(names[3], "y"));

  std::vector<std::string> sessions{""};
  std::vector<std::string> topics{""};
  for (std::size_t piece = 0; piece < names.size(); ++piece) {
    const auto behind_session = sessions.back();
    this->kept().list_sessions(behind_session, [&](const session_outline& one) {
      sessions.emplace_back(one.client_id);
      return false;
    });
    const auto behind_topic = topics.back();
    this->kept().load_retained(behind_topic, [&](const protocol::message_ptr& one) {
      topics.emplace_back(one->topic());
      return false;
    });
  }
  names.insert(names.begin(), "");
  EXPECT_EQ(sessions, names);
  EXPECT_EQ(topics, names);
}

TYPED_TEST_P(StoreContract, RemembersTheHighestSession) {
  EXPECT_EQ(this->kept().highest_session(), 0);
  this->commit("a", {protocol::client_attached{60}}, 41);
  this->commit("b", {protocol::client_attached{60}}, 7);
  this->commit("a", {protocol::session_ended{}}, 41);
  this->place_.reopen();
  this->place_.reopen();
  EXPECT_EQ(this->kept().highest_session(), 41);
}

TYPED_TEST_P(StoreContract, ReturnsSharesFromWhereverTheyLie) {
  const std::vector<protocol::operation> before{protocol::client_attached{60},
    protocol::delivery_enqueued{protocol::make_shared_delivery("flies", 1, protocol::qos_1)},
    protocol::delivery_enqueued{protocol::make_shared_delivery("is begun", 2, protocol::qos_2)},
    protocol::delivery_enqueued{protocol::make_delivery("stays")},
    protocol::delivery_enqueued{protocol::make_shared_delivery("waits", 3, protocol::qos_2)},
    protocol::delivery_sent{1}, protocol::delivery_sent{2}};
  const std::vector<protocol::operation> after{
    protocol::delivery_enqueued{protocol::make_shared_delivery("waits, too", 4, protocol::qos_1)},
    protocol::delivery_enqueued{protocol::make_delivery("stays, too")},
    protocol::shares_returned{}};
  this->commit("client", before);
  this->place_.reopen();
  this->commit("client", after);

  protocol::session_state expected;
  expected.apply(before);
  expected.apply(after);
  EXPECT_EQ(expected.queue()->size(), 2);
  EXPECT_TRUE(*this->session("client") == expected);
  this->place_.reopen();
  EXPECT_TRUE(*this->session("client") == expected);
}

TYPED_TEST_P(StoreContract, GivesTheBeginningOfAQueueAndSaysHowMuchMoreThereIs) {
  this->commit("client",
    {protocol::client_attached{60}, protocol::delivery_enqueued{protocol::make_delivery("1")},
      protocol::delivery_enqueued{protocol::make_delivery("2", protocol::qos_0)},
      protocol::delivery_enqueued{protocol::make_delivery("three")}});
  this->place_.reopen();
  const auto loaded = this->kept().load_session("client", {1, UINT64_MAX});
  protocol::session_state state;
  state.apply(**loaded);
  ASSERT_EQ(state.queue()->size_in_front(), 1);
  EXPECT_EQ(protocol::payload_of(state.queue()->front()), "1");
  auto rest = protocol::tally_of(protocol::make_delivery("2", protocol::qos_0));
  rest += protocol::tally_of(protocol::make_delivery("three"));
  EXPECT_EQ(state.queue()->resting(), rest);
}

TYPED_TEST_P(StoreContract, GivesWhatWaitsFromAnyPlaceOn) {
  std::vector<protocol::operation> all{protocol::client_attached{60}};
  for (const auto* each : {"a", "b", "c", "d", "e"})
    all.emplace_back(protocol::delivery_enqueued{protocol::make_delivery(each)});
  this->commit("client", all, 7);
  this->commit("client", {protocol::delivery_passed{}}, 7);
  const auto waiting = [&](std::uint64_t session, std::size_t skipped, std::size_t most) {
    std::string payloads;
    const auto found = this->kept().load_waiting({"client", session, skipped}, {most, UINT64_MAX});
    for (const auto& one : found->deliveries)
      payloads += protocol::payload_of(one);
    return payloads;
  };
  for (int times = 0; times < 2; ++times) { // out of the journal, then out of the tables
    EXPECT_EQ(waiting(7, 0, 2), "bc");
    EXPECT_EQ(waiting(7, 2, 100), "de");
    EXPECT_EQ(waiting(7, 3, 0), "e"); // one at least
    EXPECT_EQ(waiting(7, 4, 100), "");
    EXPECT_EQ(waiting(6, 0, 100), ""); // an older session of the client
    while (*this->kept().fold(100)) {
    }
    this->place_.reopen();
  }
  EXPECT_TRUE(this->kept().load_waiting({"nobody", 1, 0}, {})->deliveries.empty());
}

TYPED_TEST_P(StoreContract, GivesAllOfAQueueThatHasSomethingOfAShareGroup) {
  this->commit("client",
    {protocol::client_attached{60}, protocol::delivery_enqueued{protocol::make_delivery("1")},
      protocol::delivery_enqueued{protocol::make_delivery("2")},
      protocol::delivery_enqueued{protocol::make_shared_delivery("3", 1, protocol::qos_1)}});
  this->place_.reopen();
  const auto loaded = this->kept().load_session("client", {1, UINT64_MAX});
  protocol::session_state state;
  state.apply(**loaded);
  EXPECT_EQ(state.queue()->size_in_front(), 3);
}

TYPED_TEST_P(StoreContract, TakesFlightsThatNeverWaited) {
  const std::vector<protocol::operation> before{protocol::client_attached{60},
    protocol::delivery_in_flight{5, false, protocol::make_delivery("first")},
    protocol::delivery_in_flight{6, true, protocol::make_delivery("released", protocol::qos_2)},
    protocol::delivery_enqueued{protocol::make_delivery("waits")},
    protocol::delivery_in_flight{7, false, protocol::make_delivery("overtakes")}};
  const std::vector<protocol::operation> after{protocol::delivery_sent{8},
    protocol::delivery_settled{5}, protocol::delivery_settled{6},
    protocol::delivery_in_flight{5, false, protocol::make_delivery("again")}};
  this->commit("client", before);
  this->place_.reopen();
  this->commit("client", after);
  this->place_.reopen();

  protocol::session_state expected;
  expected.apply(before);
  expected.apply(after);
  EXPECT_TRUE(*this->session("client") == expected);
}

TYPED_TEST_P(StoreContract, SharesAMessageAmongSessions) {
  const auto shared = protocol::make_delivery(std::string(5'000, 's'));
  batch both;
  for (const auto* client : {"a", "b"})
    both.sessions.push_back(
      {client, 1, {protocol::client_attached{60}, protocol::delivery_enqueued{shared}}});
  this->commit(std::move(both));
  this->place_.reopen();
  this->commit("a", {protocol::delivery_sent{1}, protocol::delivery_settled{1}});
  this->place_.reopen();
  EXPECT_TRUE(this->session("a")->queue() == nullptr || this->session("a")->queue()->empty());
  const auto left = this->session("b");
  ASSERT_EQ(left->queue()->size(), 1);
  EXPECT_TRUE(left->queue()->front() == shared);
}

TYPED_TEST_P(StoreContract, HoldsTheSameAsMemoryAfterEachBatchOfAnyHistory) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  memory_store memory;
  std::uint64_t last_session = 0;

  struct client {
    std::string id;
    std::uint64_t session = 0;
    std::unique_ptr<protocol::session_storm> storm;
  };
  std::vector<client> clients(6);
  for (std::size_t at = 0; at < clients.size(); ++at)
    clients[at].id = at < 4 ? std::to_string(at) : std::string(700, 'l') + std::to_string(at);

  for (int round = 0; round < 150; ++round) {
    batch changes;
    for (auto steps = random() % 40; steps > 0; --steps) {
      auto& one = clients[random() % clients.size()];
      if (!one.storm || random() % 200 == 0) {
        one.storm = std::make_unique<protocol::session_storm>(
          random(), protocol::session_storm::some_transient);
        one.session = ++last_session;
      }
      one.storm->step();
      if (one.storm->stormy().has_log())
        changes.sessions.push_back({one.id, one.session, one.storm->stormy().take_log()});
      if (random() % 4 == 0) {
        const auto topic = std::to_string(random() % 5);
        changes.retained.push_back(
          {topic, random() % 3 == 0 ? protocol::message_ptr{}
                                    : this->on_topic(topic, std::to_string(round))});
      }
    }
    memory.commit(changes, durability::os);
    this->commit(std::move(changes));
    if (random() % 2 == 0)
      ASSERT_TRUE(this->kept().fold(random() % 12));
    if (random() % 4 != 0)
      this->place_.reopen();
    ASSERT_NO_FATAL_FAILURE(this->expect_same(memory)) << "round " << round;
  }
}

/// In batches so large that a store may write them elsewhere than small ones.
TYPED_TEST_P(StoreContract, KeepsTheOrderOfQueuesThatGrowByAnyAmount) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  memory_store memory;
  const std::array<std::string, 3> clients{"a", "b", std::string(700, 'l')};
  std::array<protocol::packet_id, 3> sent{};
  const auto message = [&](int round) {
    const auto size = random() % 8 == 0 ? random() % 3'000 : random() % 200;
    return protocol::make_delivery(std::to_string(round) + std::string(size, 'x'),
      random() % 6 == 0 ? protocol::qos_0 : protocol::qos_1);
  };
  for (int round = 0; round < 200; ++round) {
    batch changes;
    const auto shared = message(round);
    for (std::size_t at = 0; at < clients.size(); ++at) {
      std::vector<protocol::operation> all;
      if (round == 0)
        all.emplace_back(protocol::client_attached{60});
      for (auto left = random() % 3 == 0 ? random() % 60 : 0; left > 0; --left)
        all.emplace_back(protocol::delivery_passed{});
      for (auto left = random() % 3 == 0 ? random() % 20 : 0; left > 0 && sent[at] < 60'000; --left)
        all.emplace_back(protocol::delivery_sent{++sent[at]});
      for (auto left = random() % 3 == 0 ? random() % 20 : 0; left > 0 && sent[at] > 0; --left)
        all.emplace_back(
          protocol::delivery_settled{static_cast<protocol::packet_id>(1 + random() % sent[at])});
      if (random() % 2 == 0)
        changes.sessions.push_back({clients[at], 1 + at, std::exchange(all, {})});
      for (auto left = random() % 40; left > 0; --left)
        all.emplace_back(protocol::delivery_enqueued{random() % 20 == 0 ? shared : message(round)});
      changes.sessions.push_back({clients[at], 1 + at, std::move(all)});
    }
    if (random() % 2 == 0 && round > 0) // nothing but what lets queues grow
      std::erase_if(changes.sessions, [](const session_changes& one) {
        return one.operations.empty() ||
               !std::holds_alternative<protocol::delivery_enqueued>(one.operations.front());
      });
    memory.commit(changes, durability::os);
    this->commit(std::move(changes));
    if (random() % 3 == 0)
      ASSERT_TRUE(this->kept().fold(random() % 12));
    if (random() % 4 == 0)
      this->place_.reopen();
    if (random() % 4 == 0)
      ASSERT_NO_FATAL_FAILURE(this->expect_same(memory)) << "round " << round;
  }
  ASSERT_NO_FATAL_FAILURE(this->expect_same(memory));
}

TYPED_TEST_P(StoreContract, BringsAnyHistoryBackInWhateverBatches) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  std::vector<std::unique_ptr<protocol::session_storm>> storms;
  for (std::uint32_t client = 0; client < 10; ++client)
    storms.push_back(std::make_unique<protocol::session_storm>(seed + client));

  batch waiting;
  for (int step = 0; step < 3'000; ++step) {
    const auto client = random() % storms.size();
    auto& storm = *storms[client];
    storm.step();
    if (storm.stormy().has_log())
      waiting.sessions.push_back({std::to_string(client), 1, storm.stormy().take_log()});
    if (random() % 10 == 0)
      this->commit(std::exchange(waiting, {}));
    if (random() % 50 == 0)
      ASSERT_TRUE(this->kept().fold(random() % 10));
    if (random() % 200 == 0)
      this->place_.reopen();
  }
  this->commit(std::move(waiting));

  for (std::size_t client = 0; client < storms.size(); ++client) {
    const auto& state = storms[client]->stormy().state();
    const auto loaded = this->session(std::to_string(client));
    const bool lasts = state.begun() && storms[client]->is_logged();
    ASSERT_EQ(loaded.has_value(), lasts);
    EXPECT_TRUE(!lasts || *loaded == state) << "client " << client;
  }
}

REGISTER_TYPED_TEST_SUITE_P(StoreContract, HasNothingAtFirst, BringsASessionBack,
  TellsOnceThatABatchLasts, BringsAWillBack, AddsBatchToBatch, KeepsTheOrderWithinABatch,
  ForgetsASessionThatHasEnded, KnowsASessionThatBeganAnewInTheSameBatch,
  LetsAYoungerSessionTakeThePlaceOfAnOlderOne, BearsTheLastChangesOfASessionThatHasEnded,
  ListsSessionsByClientId, KeepsTheLastRetainedMessageOfEachTopic, ForgetsARetainedMessage,
  KeepsWhatShareGroupsHaveByTheirTokens, KeepsLongTopicsApart, KeepsAllOfAMessage,
  TellsWhatASessionIsWithoutItsMessages, ListsInPieces, FindsWhichSessionAClientHas,
  RemembersTheHighestSession, ReturnsSharesFromWhereverTheyLie,
  GivesTheBeginningOfAQueueAndSaysHowMuchMoreThereIs, GivesWhatWaitsFromAnyPlaceOn,
  GivesAllOfAQueueThatHasSomethingOfAShareGroup, TakesFlightsThatNeverWaited,
  SharesAMessageAmongSessions, HoldsTheSameAsMemoryAfterEachBatchOfAnyHistory,
  KeepsTheOrderOfQueuesThatGrowByAnyAmount, BringsAnyHistoryBackInWhateverBatches);

} // namespace callboard::persistence
