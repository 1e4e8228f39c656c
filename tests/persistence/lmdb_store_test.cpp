#include "persistence/lmdb_store.hpp"

#include "tests/persistence/lmdb_place.hpp"
#include "tests/persistence/store_contract.hpp"

#include <cerrno>
#include <ctime>

namespace callboard::persistence {

namespace {

using namespace std::chrono_literals;

/// Folds all when it is opened again, so that what is read comes from tables.
class folded_place : public lmdb_place {
public:
  void reopen() {
    fold_all();
    lmdb_place::reopen();
  }
};

/// What a store on disk has beyond the contract.
class LmdbStore : public ::testing::Test {
protected:
  lmdb_store& kept() { return place_.store(); }

  void commit(std::string client_id, std::vector<protocol::operation> changes) {
    batch one;
    one.sessions.push_back({std::move(client_id), 1, std::move(changes)});
    const auto failed = kept().commit(std::move(one), durability::os);
    ASSERT_FALSE(failed) << failed->text;
  }

  /// Deliveries that wait, or fly, for a client.
  std::size_t deliveries_of(std::string_view client_id) {
    const auto loaded = kept().load_session(client_id, {});
    if (!loaded || !*loaded)
      return 0;
    protocol::session_state state;
    state.apply(**loaded);
    return (state.queue() ? state.queue()->size() : 0) +
           (state.outbound() ? state.outbound()->size() : 0);
  }

  store_figures figures() { return *kept().figures(); }

  static std::vector<protocol::operation> many(std::size_t count, const protocol::delivery& what) {
    return std::vector<protocol::operation>(count, protocol::delivery_enqueued{what});
  }

  /// As many messages.
  static std::vector<protocol::operation> each_once(std::size_t count, std::string_view payload) {
    std::vector<protocol::operation> all;
    for (; count > 0; --count)
      all.emplace_back(protocol::delivery_enqueued{protocol::make_delivery(payload)});
    return all;
  }

  lmdb_place place_;
};

TEST_F(LmdbStore, KeepsOneBodyForAllDeliveriesOfAMessage) {
  const auto shared = protocol::make_delivery("shared");
  commit("a", {protocol::client_attached{60}, protocol::delivery_enqueued{shared}});
  commit("b", {protocol::client_attached{60}, protocol::delivery_enqueued{shared},
                protocol::delivery_enqueued{shared}});
  place_.fold_all();
  EXPECT_EQ(figures().deliveries, 3);
  EXPECT_EQ(figures().bodies, 1);

  commit("a", {protocol::delivery_passed{}});
  commit("b", {protocol::delivery_passed{}});
  place_.fold_all();
  EXPECT_EQ(figures().deliveries, 1);
  EXPECT_EQ(figures().bodies, 1);
  EXPECT_EQ(deliveries_of("b"), 1);

  commit("b", {protocol::delivery_passed{}});
  place_.fold_all();
  EXPECT_EQ(figures().deliveries, 0);
  EXPECT_EQ(figures().bodies, 0);
}

TEST_F(LmdbStore, PutsAMessageThatOneDeliveryHasIntoItsRow) {
  commit("a",
    {protocol::client_attached{60}, protocol::delivery_enqueued{protocol::make_delivery("small")},
      protocol::delivery_enqueued{protocol::make_delivery(std::string(3'000, 'l'))}});
  place_.fold_all();
  EXPECT_EQ(figures().deliveries, 2);
  EXPECT_EQ(figures().bodies, 2); // the large one, in two pieces
  place_.reopen();
  protocol::session_state state;
  state.apply(**kept().load_session("a", {}));
  EXPECT_EQ(protocol::payload_of(state.queue()->front()), "small");
  commit("a", {protocol::delivery_passed{}, protocol::delivery_passed{}});
  place_.fold_all();
  EXPECT_EQ(figures().deliveries, 0);
  EXPECT_EQ(figures().bodies, 0);
}

TEST_F(LmdbStore, GivesTwoDeliveriesOfAMessageTheSameOne) {
  commit("a", {protocol::client_attached{60}});
  commit("a", many(2, protocol::make_delivery("x")));
  place_.fold_all();
  place_.reopen();
  const auto loaded = kept().load_session("a", {});
  std::vector<protocol::message_ptr> messages;
  for (const auto& one : **loaded)
    if (const auto* enqueued = std::get_if<protocol::delivery_enqueued>(&one))
      messages.push_back(enqueued->what.message);
  ASSERT_EQ(messages.size(), 2);
  EXPECT_EQ(messages[0], messages[1]);
}

TEST_F(LmdbStore, SharesABodyWithASessionThatIsFoldedLater) {
  const auto shared = protocol::make_delivery("shared");
  batch both;
  for (const auto* client : {"a", "b"})
    both.sessions.push_back(
      {client, 1, {protocol::client_attached{60}, protocol::delivery_enqueued{shared}}});
  ASSERT_FALSE(kept().commit(both, durability::os));
  ASSERT_TRUE(kept().fold(1)); // a alone
  EXPECT_EQ(figures().sessions, 1);
  commit("a", {protocol::delivery_passed{}});
  place_.fold_all(); // b first, then what a gave up
  EXPECT_EQ(figures().bodies, 1);
  EXPECT_EQ(deliveries_of("b"), 1);
}

TEST_F(LmdbStore, NeverTouchesATableForWhatComesAndGoes) {
  commit("a", {protocol::client_attached{60}});
  for (protocol::packet_id id = 1; id <= 100; ++id) {
    commit("a",
      {protocol::delivery_enqueued{protocol::make_delivery("x")}, protocol::delivery_sent{id}});
    commit("a", {protocol::delivery_settled{id}});
  }
  EXPECT_EQ(figures().journal, 201);
  place_.fold_all();
  EXPECT_EQ(figures().journal, 0);
  EXPECT_EQ(figures().sessions, 1);
  EXPECT_EQ(figures().bodies, 0);
}

TEST_F(LmdbStore, RemovesWhatEndedSessionsLeave) {
  commit("a", {protocol::client_attached{60}, StoreContract<lmdb_place>::subscribing("x", 1)});
  commit("a", many(500, protocol::make_delivery("x")));
  place_.fold_all();
  EXPECT_EQ(figures().deliveries, 500);
  commit("a", {protocol::session_ended{}, protocol::client_attached{60}});
  commit("a", many(3, protocol::make_delivery("y")));
  EXPECT_EQ(deliveries_of("a"), 3);
  ASSERT_TRUE(kept().fold(10));
  EXPECT_EQ(deliveries_of("a"), 3);
  place_.reopen();
  place_.fold_all();
  EXPECT_EQ(figures().deliveries, 3);
  EXPECT_EQ(figures().bodies, 1);
  EXPECT_EQ(figures().subscriptions, 0);
  EXPECT_EQ(deliveries_of("a"), 3);
}

TEST_F(LmdbStore, GivesThePagesOfADrainedQueueBack) {
  commit("a", {protocol::client_attached{60}});
  place_.fold_all();
  const auto at_first = figures().used_pages;
  for (int round = 0; round < 20; ++round)
    for (int one = 0; one < 5; ++one)
      commit("a", many(200, protocol::make_delivery(std::string(100, 'x'))));
  place_.fold_all();
  EXPECT_GT(figures().used_pages, at_first + 200);
  for (int round = 0; round < 20; ++round)
    commit("a", std::vector<protocol::operation>(1'000, protocol::delivery_passed{}));
  place_.fold_all();
  EXPECT_LT(figures().used_pages, at_first + 10);
}

TEST_F(LmdbStore, DoesNotGrowWithoutBoundUnderChurn) {
  place_.options.journal_bytes = 50'000;
  place_.reopen();
  std::mt19937 random{1};
  std::vector<protocol::operation> changes{protocol::client_attached{60}};
  const auto churn = [&](int rounds) {
    for (int round = 0; round < rounds; ++round) {
      for (auto left = random() % 100; left > 0; --left)
        changes.emplace_back(
          protocol::delivery_enqueued{protocol::make_delivery(std::string(random() % 2'000, 'x'))});
      commit("a", std::exchange(changes, {}));
      if (const auto waiting = deliveries_of("a"); waiting > 200)
        changes.assign(waiting - random() % 100, protocol::delivery_passed{});
    }
  };
  churn(200);
  const auto early = figures().file_pages;
  churn(800);
  EXPECT_LT(figures().file_pages, early + early / 4);
  EXPECT_LT(kept().journal_bytes(), 50'000 + 400'000);
}

TEST_F(LmdbStore, FoldsAQueueThatGrowsBeforeTheJournalIsFull) {
  commit("a", {protocol::client_attached{60}});
  for (int round = 0; round < 10; ++round)
    commit("a", many(400, protocol::make_delivery("x")));
  EXPECT_GT(figures().deliveries, 2'000);
  EXPECT_EQ(deliveries_of("a"), 4'000);
  place_.reopen();
  EXPECT_EQ(deliveries_of("a"), 4'000);
}

TEST_F(LmdbStore, PutsWhatLetsAQueueGrowStraightIntoItsTables) {
  commit("a", {protocol::client_attached{60}});
  commit("a", each_once(3, "in the journal"));
  ASSERT_EQ(figures().journal, 2);
  commit("a", each_once(100, "small"));
  EXPECT_EQ(figures().journal, 2);
  EXPECT_EQ(figures().deliveries, 2); // runs: of the first three, and of a hundred
  commit("a", each_once(3, "in the journal"));
  EXPECT_EQ(figures().journal, 3);
  place_.reopen();
  EXPECT_EQ(deliveries_of("a"), 106);
  commit("a", std::vector<protocol::operation>(105, protocol::delivery_passed{}));
  place_.fold_all();
  EXPECT_EQ(figures().deliveries, 1);
  EXPECT_EQ(deliveries_of("a"), 1);
}

TEST_F(LmdbStore, FillsPagesWithWhatQueuesGrowBy) {
  for (const auto* client : {"a", "b"})
    commit(client, {protocol::client_attached{60}});
  const auto at_first = figures().used_pages;
  for (int round = 0; round < 10; ++round)
    for (const auto* client : {"a", "b"})
      commit(client, each_once(100, std::string(100, 'x')));
  constexpr std::size_t bytes = 2'000 * 130;
  EXPECT_LT((figures().used_pages - at_first) * 4'096, bytes + bytes / 5);
  EXPECT_EQ(deliveries_of("b"), 1'000);
}

TEST_F(LmdbStore, FillsPagesWithWhatItFoldsLater) {
  commit("a", {protocol::client_attached{60}});
  for (int round = 0; round < 100; ++round)
    commit("a", each_once(10, std::string(100, 'x')));
  const auto rows = figures().deliveries;
  EXPECT_LE(rows, 1);
  place_.fold_all();
  EXPECT_LE(figures().deliveries, rows + 1'000 / 25);
  EXPECT_EQ(deliveries_of("a"), 1'000);
}

/// A client that is there and one that is away get the same message: only the one that is
/// away has it for long.
TEST_F(LmdbStore, PutsAMessageIntoARunThatTheJournalHasToo) {
  batch both;
  for (const auto* client : {"away", "there"}) {
    commit(client, {protocol::client_attached{60}});
    both.sessions.push_back({client, 1, each_once(16, "to both")});
  }
  both.sessions.back().operations = both.sessions.front().operations;
  both.sessions.back().operations.emplace_back(protocol::delivery_sent{1});
  ASSERT_FALSE(kept().commit(both, durability::os));
  EXPECT_EQ(figures().deliveries, 1);
  EXPECT_EQ(figures().bodies, 0);
  place_.reopen();
  EXPECT_EQ(deliveries_of("away"), 16);
  EXPECT_EQ(deliveries_of("there"), 16);
}

TEST_F(LmdbStore, KeepsOneBodyForAllQueuesThatGrowByAMessage) {
  const auto large = each_once(16, std::string(1'950, 'l')); // a body of one piece each
  batch both;
  for (const auto* client : {"a", "b"}) {
    commit(client, {protocol::client_attached{60}});
    both.sessions.push_back({client, 1, large});
  }
  ASSERT_FALSE(kept().commit(both, durability::os));
  EXPECT_EQ(figures().deliveries, 32);
  EXPECT_EQ(figures().bodies, 16);
  place_.reopen();
  commit("a", std::vector<protocol::operation>(16, protocol::delivery_passed{}));
  place_.fold_all();
  EXPECT_EQ(figures().bodies, 16);
  EXPECT_EQ(deliveries_of("b"), 16);
  commit("b", std::vector<protocol::operation>(16, protocol::delivery_passed{}));
  place_.fold_all();
  EXPECT_EQ(figures().bodies, 0);
}

/// Its clients are told of no place in the queue that is not where it was.
TEST_F(LmdbStore, FindsAPlaceInALongQueueWithoutPassingByWhatLiesInFront) {
  commit("a", {protocol::client_attached{60}});
  std::vector<protocol::operation> all;
  for (int number = 0; number < 20'000; ++number)
    all.emplace_back(protocol::delivery_enqueued{protocol::make_delivery(std::to_string(number))});
  commit("a", std::move(all));
  commit("a", std::vector<protocol::operation>(100, protocol::delivery_passed{}));
  const auto cost_of = [&](std::size_t from) {
    const auto begun = std::clock(); // of this process alone
    for (auto skipped = from; skipped < from + 900; ++skipped)
      EXPECT_EQ(
        protocol::payload_of(kept().load_waiting({"a", 1, skipped}, {1, 0})->deliveries.front()),
        std::to_string(100 + skipped));
    return std::clock() - begun;
  };
  const auto near = cost_of(0);
  // By passing by all in front it would be forty times as much.
  EXPECT_LT(cost_of(19'000), 10 * near);
}

TEST_F(LmdbStore, KeepsDeadlinesByTheWallClock) {
  commit("a", {protocol::client_attached{60},
                protocol::delivery_enqueued{
                  protocol::make_delivery("x", protocol::qos_1, protocol::start + 9s)},
                protocol::client_detached{protocol::start + 1s}});
  const auto ends_at = [&] {
    protocol::time_point told;
    kept().list_sessions({}, [&](const session_outline& one) {
      told = one.ends_at;
      return true;
    });
    return told;
  };
  place_.options.clock.steady -= 100h; // another process
  place_.options.clock.wall += 2s;     // and two seconds later
  place_.reopen();
  EXPECT_EQ(ends_at(), protocol::start + 61s - 100h - 2s);

  kept().set_clock({place_.options.clock.steady, place_.options.clock.wall + 1h});
  place_.fold_all();
  place_.options.clock.wall += 1h;
  place_.reopen();
  EXPECT_EQ(ends_at(), protocol::start + 61s - 100h - 2s);
}

TEST_F(LmdbStore, IsOneProcessesAlone) {
  const auto second = lmdb_store::open(place_.options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, EBUSY);
  EXPECT_THAT(second.error().text, ::testing::HasSubstr(place_.directory() + "/store.lock"));
  place_.close();
  EXPECT_TRUE(lmdb_store::open(place_.options));
}

TEST_F(LmdbStore, SaysWhereItMayNotWrite) {
  auto options = place_.options;
  options.directory = "/proc/callboard";
  const auto opened = lmdb_store::open(options);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text, ::testing::HasSubstr("/proc/callboard"));
}

TEST_F(LmdbStore, RefusesWhatGoesBeyondItsLimitAndGoesOn) {
  place_.options.limit = 2'000'000;
  place_.reopen();
  commit("a", {protocol::client_attached{60}});
  batch much;
  much.sessions.push_back({"a", 1, many(1, protocol::make_delivery(std::string(3'000'000, 'x')))});
  const auto failed = kept().commit(std::move(much), durability::disk);
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->code, MDB_MAP_FULL);
  EXPECT_THAT(failed->text, ::testing::HasSubstr("limit"));
  EXPECT_EQ(deliveries_of("a"), 0);

  commit("a", many(1, protocol::make_delivery("y")));
  place_.reopen();
  EXPECT_EQ(deliveries_of("a"), 1);
}

TEST_F(LmdbStore, TakesMessagesAgainWhenThereIsRoomAgain) {
  place_.options.limit = 2'000'000;
  place_.options.journal_bytes = 100'000;
  place_.reopen();
  commit("a", {protocol::client_attached{60}});
  for (int round = 0; round < 3; ++round) {
    std::size_t kept_messages = 0;
    for (bool full = false; !full && kept_messages < 10'000;) {
      batch some;
      some.sessions.push_back({"a", 1, each_once(10, std::string(900, 'x'))});
      full = kept().commit(std::move(some), durability::os).has_value();
      kept_messages += full ? 0 : 10;
    }
    EXPECT_GT(kept_messages, 500);
    EXPECT_LT(kept_messages, 10'000);
    EXPECT_EQ(deliveries_of("a"), kept_messages);
    for (; kept_messages > 0; kept_messages -= 10)
      commit("a", std::vector<protocol::operation>(10, protocol::delivery_passed{}));
    place_.fold_all();
  }
  EXPECT_LT(figures().file_pages * 4'096, 2'000'000 + 5'000'000);
}

} // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(InLmdb, StoreContract, lmdb_place);
INSTANTIATE_TYPED_TEST_SUITE_P(InLmdbTables, StoreContract, folded_place);

} // namespace callboard::persistence
