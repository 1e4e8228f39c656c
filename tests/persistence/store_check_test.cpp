#include "persistence/store_check.hpp"

#include "persistence/records/parts.hpp"
#include "persistence/records/seal.hpp"
#include "tests/persistence/lmdb_place.hpp"
#include "tests/protocol/session/session_storm.hpp"

#include <filesystem>
#include <functional>
#include <random>

namespace callboard::persistence {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StoreCheck : public ::testing::Test {
protected:
  lmdb_store& kept() { return place_.store(); }
  std::string file() const { return place_.directory() + "/store.mdb"; }

  void commit(std::string client_id, std::vector<protocol::operation> changes) {
    batch one;
    one.sessions.push_back({std::move(client_id), 1, std::move(changes)});
    ASSERT_FALSE(kept().commit(std::move(one), durability::os));
  }

  void change(const std::function<void(transaction&, const tables&)>& how) {
    place_.close();
    environment raw{file(), {}};
    transaction in{raw, transaction::kind::writes};
    how(in, tables::open(in));
    in.commit();
  }

  lmdb_place place_;
};

TEST_F(StoreCheck, CountsWhatIsThere) {
  const auto shared = protocol::make_delivery(std::string(9'000, 'x'));
  commit("a", {protocol::client_attached{60}, protocol::delivery_enqueued{shared},
                protocol::delivery_enqueued{shared}});
  place_.fold_all();
  commit("b", {protocol::client_attached{60}});
  const auto found = check_store(file());
  EXPECT_TRUE(found.good());
  EXPECT_EQ(found.rows.at("sessions"), 1);
  EXPECT_EQ(found.rows.at("deliveries"), 2);
  EXPECT_EQ(found.rows.at("bodies"), 1);
  EXPECT_EQ(found.rows.at("journal"), 1);
}

TEST_F(StoreCheck, FindsNoFaultInAnyHistory) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  std::vector<std::unique_ptr<protocol::session_storm>> storms;
  for (std::uint32_t client = 0; client < 8; ++client)
    storms.push_back(std::make_unique<protocol::session_storm>(seed + client));
  for (int round = 0; round < 200; ++round) {
    batch changes;
    for (int step = 0; step < 20; ++step) {
      const auto client = random() % storms.size();
      storms[client]->step();
      if (storms[client]->stormy().has_log())
        changes.sessions.push_back(
          {std::to_string(client), 1, storms[client]->stormy().take_log()});
    }
    ASSERT_FALSE(kept().commit(std::move(changes), durability::os));
    ASSERT_TRUE(kept().fold(random() % 12));
    ASSERT_THAT(check_store(file()).faults, ElementsAre()) << "round " << round;
  }
}

TEST_F(StoreCheck, FindsARowThatIsDamaged) {
  commit("a", {protocol::client_attached{60}});
  place_.fold_all();
  change([](transaction& in, const tables& where) { in.put(where.sessions, "a", "nonsense"); });
  EXPECT_THAT(
    check_store(file()).faults, ElementsAre(HasSubstr("row 1 of sessions cannot be read")));
}

TEST_F(StoreCheck, FindsWhatIsMissing) {
  const auto shared = protocol::make_delivery("x");
  commit("a", {protocol::client_attached{60}, protocol::delivery_enqueued{shared},
                protocol::delivery_enqueued{shared}});
  place_.fold_all();
  change([](transaction& in, const tables& where) { in.erase(where.bodies, pair_key(1, 0)); });
  EXPECT_THAT(check_store(file()).faults, ElementsAre(HasSubstr("the body 1 is missing")));
}

TEST_F(StoreCheck, CountsWhatShareGroupsHaveAndPages) {
  batch changes;
  for (std::uint64_t token = 1; token <= 3; ++token)
    changes.shares.push_back({"g/t", token, protocol::make_message("x")});
  ASSERT_FALSE(kept().commit(changes, durability::os));
  place_.fold_all();
  const auto found = check_store(file());
  EXPECT_THAT(found.faults, ElementsAre());
  EXPECT_EQ(found.rows.at("shares"), 3);
  const auto figures = kept().figures();
  ASSERT_TRUE(figures);
  EXPECT_EQ(found.pages + found.free_pages, figures->file_pages);
  EXPECT_GT(found.free_pages, 0);
}

TEST_F(StoreCheck, FindsFaultsInWhatShareGroupsHave) {
  batch changes;
  for (std::uint64_t token = 1; token <= 2; ++token)
    changes.shares.push_back({"g/t", token, protocol::make_message("x")});
  ASSERT_FALSE(kept().commit(changes, durability::os));
  place_.fold_all();
  change([](transaction& in, const tables& where) {
    const auto first = std::string{cursor{in, where.shares}.first()->key};
    const auto put = [&](std::uint64_t token, auto fill) {
      std::string record(seal_size, '\0');
      record_writer to{record};
      fill(to);
      const auto key = pair_key(first_of(first), token);
      seal(key, record);
      in.put(where.shares, key, record);
    };
    put(1, [](record_writer& to) { to.bytes("g/t"); }); // and no message
    put(7, [](record_writer& to) {
      to.bytes("h/t");
      write_message(to, *protocol::make_message("x"), {});
    });
  });
  EXPECT_THAT(
    check_store(file()).faults, ElementsAre(HasSubstr("row 1 of shares cannot be read"),
                                  HasSubstr("the share groups g/t and h/t have the same rows")));
}

TEST_F(StoreCheck, FindsWhatANewerVersionWrote) {
  place_.close();
  change([](transaction& in, const tables& where) {
    std::string record(seal_size, '\0');
    record_writer to{record};
    to.number(schema_version + 1);
    to.wide(1);
    seal("schema", record);
    in.put(where.meta, "schema", record);
  });
  EXPECT_THAT(
    check_store(file()).faults, ElementsAre(HasSubstr("by a newer version of Callboard")));
}

TEST_F(StoreCheck, FindsThatAFileIsNoStore) {
  const auto other = place_.directory() + "/other";
  {
    environment raw{other, {}};
    transaction in{raw, transaction::kind::writes};
    in.put(in.open("things", MDB_CREATE), "a", "b");
    in.commit();
  }
  EXPECT_THAT(
    check_store(other).faults, ::testing::Contains(HasSubstr("it is no store of Callboard")));
}

TEST_F(StoreCheck, FindsDamagedPages) {
  commit("a", {protocol::client_attached{60}});
  place_.close();
  std::filesystem::resize_file(file(), 3 * 4'096);
  EXPECT_FALSE(check_store(file()).good());
}

TEST_F(StoreCheck, FindsNoFaultInABackup) {
  commit("a",
    {protocol::client_attached{60}, protocol::delivery_enqueued{protocol::make_delivery("x")}});
  const auto backup = place_.directory() + "/backup";
  const auto failed = kept().back_up(backup);
  ASSERT_FALSE(failed) << failed->text;
  EXPECT_TRUE(check_store(backup).good());
  EXPECT_TRUE(kept().back_up(backup)) << "a file that is there must not be replaced";

  commit("a", {protocol::session_ended{}});
  place_.close();
  std::filesystem::rename(backup, file());
  place_.reopen();
  EXPECT_TRUE(*kept().load_session("a", {}));
}

} // namespace

} // namespace callboard::persistence
