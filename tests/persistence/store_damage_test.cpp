#include "persistence/lmdb/pieces.hpp"
#include "persistence/lmdb/table_reader.hpp"
#include "persistence/lmdb/table_writer.hpp"
#include "persistence/lmdb_store.hpp"
#include "persistence/records/record_reader.hpp"
#include "persistence/records/record_writer.hpp"
#include "persistence/records/seal.hpp"
#include "persistence/store_check.hpp"
#include "protocol/session/session_state.hpp"

#include "tests/persistence/lmdb_place.hpp"
#include "tests/persistence/setting.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <set>
#include <sstream>

namespace callboard::persistence {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A store whose file something happens to while it is closed.
class StoreDamage : public ::testing::Test {
protected:
  lmdb_store& kept() { return place_.store(); }
  std::string file() const { return place_.directory() + "/store.mdb"; }

  void commit(std::string client_id, std::vector<protocol::operation> changes) {
    batch one;
    one.sessions.push_back({std::move(client_id), ++session_, std::move(changes)});
    const auto failed = kept().commit(std::move(one), durability::os);
    ASSERT_FALSE(failed) << failed->text;
  }

  void again(std::string client_id, std::vector<protocol::operation> changes) {
    --session_;
    commit(std::move(client_id), std::move(changes));
  }

  /// Too large to lie in its delivery's row.
  static std::string large(char what) { return std::string(1'950, what); }

  static protocol::operation enqueued(std::string_view payload) {
    return protocol::delivery_enqueued{protocol::make_delivery(payload)};
  }

  std::vector<std::string> waiting(std::string_view client_id) {
    std::vector<std::string> payloads;
    const auto loaded = kept().load_session(client_id, {});
    EXPECT_TRUE(loaded) << loaded.error().text;
    if (!loaded || !*loaded)
      return payloads;
    for (const auto& one : **loaded)
      if (const auto* what = std::get_if<protocol::delivery_enqueued>(&one))
        payloads.push_back(protocol::payload_of(what->what));
    return payloads;
  }

  /// Changes the tables behind the store's back, and opens it again.
  void change(const std::function<void(transaction&, const tables&)>& how) {
    place_.close();
    {
      environment raw{file(), {}};
      transaction in{raw, transaction::kind::writes};
      how(in, tables::open(in));
      in.commit();
    }
    place_.reopen();
  }

  /// Flips a bit in the last byte of a row.
  static void break_row(transaction& in, MDB_dbi table, const table_row& row) {
    const std::string key{row.key};
    std::string value{row.value};
    value.back() = static_cast<char>(value.back() ^ 1);
    in.put(table, key, value);
  }

  std::string bytes() const {
    std::ostringstream all;
    all << std::ifstream{file(), std::ios::binary}.rdbuf();
    return all.str();
  }

  void write(std::string_view bytes) const {
    std::ofstream{file(), std::ios::binary | std::ios::trunc} << bytes;
  }

  lmdb_place place_;
  std::uint64_t session_ = 0;
};

TEST_F(StoreDamage, IsNotReportedWhereThereIsNone) {
  commit("a", {protocol::client_attached{60}, enqueued("1")});
  place_.reopen();
  place_.fold_all();
  place_.reopen();
  EXPECT_THAT(kept().report().losses, IsEmpty());
  EXPECT_EQ(kept().damaged_records(), 0);
}

TEST_F(StoreDamage, SetsAForeignFileAside) {
  place_.close();
  write(std::string(100'000, 'x'));
  place_.reopen();
  ASSERT_THAT(kept().report().losses, SizeIs(1));
  EXPECT_THAT(kept().report().losses.front(), HasSubstr("store.damaged-1: "));
  EXPECT_EQ(std::filesystem::file_size(place_.directory() + "/store.damaged-1"), 100'000);
  commit("a", {protocol::client_attached{60}, enqueued("1")});
  place_.close();
  write("y");
  place_.reopen();
  EXPECT_THAT(kept().report().losses.front(), HasSubstr("store.damaged-2"));
  EXPECT_THAT(waiting("a"), IsEmpty());
}

TEST_F(StoreDamage, SetsAFileOfAnotherProgramAside) {
  place_.close();
  std::filesystem::remove(file());
  {
    environment raw{file(), {}};
    transaction in{raw, transaction::kind::writes};
    in.put(in.open("theirs", MDB_CREATE), "key", "value");
    in.commit();
  }
  place_.reopen();
  EXPECT_THAT(kept().report().losses.front(), HasSubstr("not those of a store"));
  commit("a", {protocol::client_attached{60}, enqueued("1")});
  EXPECT_THAT(waiting("a"), ElementsAre("1"));
}

TEST_F(StoreDamage, BringsOverWhatATornFileStillHas) {
  commit("a", {protocol::client_attached{60}});
  for (int one = 0; one < 500; ++one)
    again("a", {enqueued(std::to_string(one) + std::string(500, 'x'))});
  place_.fold_all();
  place_.close();
  std::filesystem::resize_file(file(), std::filesystem::file_size(file()) / 2);
  place_.reopen();
  ASSERT_THAT(kept().report().losses, SizeIs(testing::Ge(1U)));
  commit("b", {protocol::client_attached{60}, enqueued("1")});
  place_.reopen();
  EXPECT_THAT(kept().report().losses, IsEmpty());
  EXPECT_THAT(waiting("b"), ElementsAre("1"));
}

/// As if the process had ended while it brought things over: the next start begins again.
TEST_F(StoreDamage, BringsOverAgainWhatAStartCouldNotFinish) {
  commit("a", {protocol::client_attached{60}, enqueued("1")});
  commit("b", {protocol::client_attached{60}, enqueued("2")});
  place_.fold_all();
  place_.close();
  auto content = bytes();
  content.resize(content.size() - 4096);
  write(content);
  const auto obstacle = place_.directory() + "/store.new";
  std::filesystem::create_directories(obstacle + "/in the way");
  EXPECT_FALSE(lmdb_store::open(place_.options));
  EXPECT_TRUE(bytes() == content);
  std::filesystem::remove_all(obstacle);
  place_.reopen();
  ASSERT_FALSE(kept().report().losses.empty());
  EXPECT_THAT(kept().report().losses.front(), HasSubstr("store.damaged-1: "));
  EXPECT_THAT(waiting("b"), ElementsAre("2"));
}

TEST_F(StoreDamage, PassesOverARecordOfTheJournal) {
  commit("a", {protocol::client_attached{60}, enqueued("1")});
  commit("b", {protocol::client_attached{60}, enqueued("2")});
  commit("c", {protocol::client_attached{60}, enqueued("3")});
  change([](transaction& in, const tables& where) {
    cursor at{in, where.journal};
    at.first();
    break_row(in, where.journal, *at.next());
  });
  EXPECT_THAT(waiting("a"), ElementsAre("1"));
  EXPECT_THAT(waiting("b"), IsEmpty());
  EXPECT_THAT(waiting("c"), ElementsAre("3"));
  EXPECT_THAT(kept().report().losses, SizeIs(1));
  EXPECT_EQ(kept().damaged_records(), 1);
  EXPECT_EQ(kept().figures()->damaged, 1);
  place_.reopen();
  EXPECT_THAT(kept().report().losses, IsEmpty());
}

TEST_F(StoreDamage, ForgetsADeliveryOfWhichTheBodyCannotBeRead) {
  commit("a", {protocol::client_attached{60}, enqueued(large('1')), enqueued(large('2')),
                enqueued(large('3'))});
  place_.fold_all();
  change([](transaction& in, const tables& where) {
    cursor at{in, where.bodies};
    at.first();
    break_row(in, where.bodies, *at.next());
  });
  EXPECT_THAT(waiting("a"), ElementsAre(large('1'), large('3')));
  EXPECT_EQ(kept().damaged_records(), 1);
  EXPECT_EQ(kept().figures()->damaged, 1);

  again("a", {protocol::delivery_passed{}}); // the client has got 1
  EXPECT_THAT(waiting("a"), ElementsAre(large('3')));
  again("a", {protocol::delivery_passed{}, enqueued(large('4'))}); // and 3
  EXPECT_THAT(waiting("a"), ElementsAre(large('4')));
  place_.reopen();
  EXPECT_THAT(waiting("a"), ElementsAre(large('4')));
}

TEST_F(StoreDamage, ForgetsADeliveryThatCannotBeRead) {
  commit("a", {protocol::client_attached{60}});
  for (int which = 0; which < 3; ++which) {
    again("a", {enqueued("alone in its row")});
    place_.fold_all();
  }
  again("a", {protocol::delivery_sent{7}, protocol::delivery_sent{8}});
  place_.fold_all();
  change([](transaction& in, const tables& where) {
    cursor at{in, where.deliveries};
    break_row(in, where.deliveries, *at.first());
  });
  protocol::session_state state;
  state.apply(**kept().load_session("a", {}));
  EXPECT_THAT(state.outbound()->in_order(), ElementsAre(8));
  EXPECT_EQ(state.queue()->size(), 1);
  again("a", {protocol::delivery_settled{8}, protocol::delivery_sent{9}});
  place_.reopen();
  EXPECT_THAT(waiting("a"), IsEmpty());
}

/// Small messages share rows: of what is damaged all are lost, and no other.
TEST_F(StoreDamage, ForgetsAllDeliveriesOfARunThatCannotBeRead) {
  std::vector<protocol::operation> changes{protocol::client_attached{60}};
  for (char which = 'a'; which <= 'l'; ++which)
    changes.push_back(enqueued(std::string(800, which))); // four to a run
  changes.emplace_back(protocol::delivery_sent{7});
  commit("a", changes);
  place_.fold_all();
  ASSERT_EQ(kept().figures()->deliveries, 3);
  const auto break_run = [&](int number) {
    change([&](transaction& in, const tables& where) {
      cursor at{in, where.deliveries};
      auto row = at.first();
      for (int before = 0; before < number; ++before)
        row = at.next();
      break_row(in, where.deliveries, *row);
    });
  };
  break_run(1);
  EXPECT_THAT(waiting("a"), SizeIs(7)); // b to d, i to l
  protocol::session_state state;
  state.apply(**kept().load_session("a", {}));
  EXPECT_THAT(state.outbound()->in_order(), ElementsAre(7));
  EXPECT_EQ(protocol::payload_of(state.queue()->front()).front(), 'b');
  EXPECT_EQ(
    kept().load_waiting({"a", session_, 3}, {})->deliveries.front().message->payload().front(),
    'i');
  break_run(0); // what is in flight, and what waits
  state = {};
  state.apply(**kept().load_session("a", {}));
  EXPECT_THAT(state.outbound()->in_order(), IsEmpty());
  EXPECT_EQ(state.queue()->size(), 4);
  again("a", {protocol::delivery_passed{}, enqueued("new")});
  place_.fold_all();
  place_.reopen();
  EXPECT_THAT(waiting("a"), SizeIs(4));
  EXPECT_TRUE(check_store(file()).good());
}

TEST_F(StoreDamage, ForgetsASessionThatCannotBeRead) {
  commit("a", {protocol::client_attached{60}, enqueued("1")});
  commit("b", {protocol::client_attached{60}, enqueued("2")});
  place_.fold_all();
  change([](transaction& in, const tables& where) {
    break_row(in, where.sessions, *cursor{in, where.sessions}.first());
  });
  EXPECT_FALSE(*kept().load_session("a", {}));
  EXPECT_THAT(waiting("b"), ElementsAre("2"));
  commit("a", {protocol::client_attached{60}, enqueued("new")});
  place_.fold_all();
  EXPECT_THAT(waiting("a"), ElementsAre("new"));
}

TEST_F(StoreDamage, CountsAgainWhatItCannotReadTheNumbersOf) {
  commit("a", {protocol::client_attached{60}, enqueued("1")});
  place_.fold_all();
  change([](transaction& in, const tables& where) {
    break_row(in, where.meta, {"numbers", *in.get(where.meta, "numbers")});
  });
  EXPECT_EQ(kept().highest_session(), session_);
  commit("b", {protocol::client_attached{60}, enqueued("2")});
  place_.fold_all();
  place_.reopen();
  EXPECT_THAT(waiting("a"), ElementsAre("1"));
  EXPECT_THAT(waiting("b"), ElementsAre("2"));
}

TEST_F(StoreDamage, NeverTakesTheProcessDownNorTellsAWrongMessage) {
  std::set<std::string> sent;
  for (const auto* client : {"a", "b", "c", "d"}) {
    commit(client, {protocol::client_attached{60}});
    for (int one = 0; one < 60; ++one) {
      const auto payload = client + std::to_string(one) + std::string(300, 'x');
      sent.insert(payload);
      again(client, {enqueued(payload)});
    }
    if (*client == 'b')
      place_.fold_all();
  }
  place_.close();
  const auto whole = bytes();
  const auto seed = setting("CALLBOARD_SEED", std::random_device{}());
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  for (auto left = setting("CALLBOARD_FLIPS", 200); left > 0; --left) {
    const auto at = random() % (whole.size() * 8);
    SCOPED_TRACE(at);
    auto broken = whole;
    broken[at / 8] = static_cast<char>(broken[at / 8] ^ (1 << at % 8));
    write(broken);
    place_.reopen();
    for (const auto* client : {"a", "b", "c", "d"}) {
      const auto found = waiting(client);
      for (const auto& payload : found)
        ASSERT_TRUE(sent.contains(payload) && payload.starts_with(client)) << payload;
      kept().list_sessions({}, [](const session_outline&) { return true; });
      const bool told = !kept().report().losses.empty() || kept().damaged_records() > 0;
      ASSERT_TRUE(found.size() == 60 || told) << client << found.size();
    }
    commit("e", {protocol::client_attached{60}, enqueued("new")});
    place_.fold_all();
    ASSERT_THAT(waiting("e"), ElementsAre("new"));
    place_.close();
    for (const auto& one : std::filesystem::directory_iterator{place_.directory()})
      std::filesystem::remove(one.path());
  }
  place_.reopen();
}

TEST_F(StoreDamage, KnowsATableByANameThatIsDamaged) {
  commit("a", {protocol::client_attached{60}, enqueued("1")});
  place_.fold_all();
  place_.close();
  auto broken = bytes();
  for (auto at = broken.find("deliveries"); at != broken.npos; at = broken.find("deliveries", at))
    broken[at] = 'e';
  write(broken);
  place_.reopen();
  EXPECT_THAT(kept().report().losses, SizeIs(1));
  EXPECT_THAT(waiting("a"), ElementsAre("1"));
}

TEST_F(StoreDamage, ReadsTheSchemaFromItsSecondPlace) {
  commit("a", {protocol::client_attached{60}, enqueued("1")});
  change([](transaction& in, const tables& where) {
    break_row(in, where.meta, {"schema", *in.get(where.meta, "schema")});
  });
  EXPECT_THAT(waiting("a"), ElementsAre("1"));
  change([](transaction& in, const tables& where) {
    break_row(in, where.meta, {"schema again", *in.get(where.meta, "schema again")});
  });
  EXPECT_THAT(waiting("a"), ElementsAre("1"));
}

// -- versions -------------------------------------------------------------------

TEST_F(StoreDamage, LeavesWhatANewerVersionWroteAlone) {
  commit("a", {protocol::client_attached{60}});
  place_.close();
  {
    environment raw{file(), {}};
    transaction in{raw, transaction::kind::writes};
    std::string record(seal_size, '\0');
    record_writer to{record};
    to.number(schema_version + 1);
    to.wide(0);
    to.bytes("what the future brings");
    seal("schema", record);
    in.put(tables::open(in).meta, "schema", record);
    in.open("a table of the future", MDB_CREATE);
    in.commit();
  }
  const auto before = bytes();
  const auto opened = lmdb_store::open(place_.options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, EPROTO);
  EXPECT_THAT(opened.error().text, HasSubstr("newer version"));
  EXPECT_TRUE(bytes() == before);
  std::filesystem::remove(file());
  place_.reopen();
}

TEST_F(StoreDamage, UpgradesVersion0) {
  const std::string long_id(600, 'q');
  commit("a", {protocol::client_attached{60}, enqueued("1")});
  commit(long_id, {protocol::client_attached{60}, enqueued("2")});
  place_.fold_all();
  const auto highest = kept().highest_session();
  change([](transaction& in, const tables& where) {
    const auto schema = *unseal("schema", *in.get(where.meta, "schema"));
    const std::string seed{schema.substr(schema.size() - 8)};
    const std::string numbers{*unseal("numbers", *in.get(where.meta, "numbers"))};
    in.erase(where.meta, "schema");
    in.erase(where.meta, "schema again");
    auto record = std::string(seal_size, '\0') + numbers + seed;
    seal("numbers", record);
    in.put(where.meta, "numbers", record);
  });
  EXPECT_THAT(kept().report().losses, IsEmpty());
  EXPECT_EQ(kept().highest_session(), highest);
  EXPECT_THAT(waiting("a"), ElementsAre("1"));
  EXPECT_THAT(waiting(long_id), ElementsAre("2"));
  place_.reopen();
  EXPECT_THAT(waiting(long_id), ElementsAre("2"));
}

/// A record without its last numbers.
std::string without(std::string_view content, std::initializer_list<std::uint64_t> last_numbers) {
  std::string end;
  record_writer to{end};
  for (const auto one : last_numbers)
    to.number(one);
  EXPECT_TRUE(content.ends_with(end));
  return std::string(seal_size, '\0') + std::string{content.substr(0, content.size() - end.size())};
}

/// Rows of single deliveries, which version 2 had, lie in front of runs.
TEST_F(StoreDamage, UpgradesVersion2) {
  commit("a", {protocol::client_attached{60}, enqueued("1"), enqueued("2"), enqueued("3"),
                protocol::delivery_sent{1}});
  place_.fold_all();
  change([&](transaction& in, const tables& where) {
    archive of;
    of.where = where;
    std::uint64_t rows = 0;
    std::vector<protocol::delivery> all;
    {
      const auto run = cursor{in, where.deliveries}.first();
      rows = first_of(run->key);
      table_reader tables{in, of};
      tables.each_delivery(rows, 1, 9, [&](const delivery_row& row) {
        all.push_back(row.what);
        all.back().message = tables.inlined(row.inlined);
        return true;
      });
    }
    ASSERT_EQ(all.size(), 3);
    in.erase(where.deliveries, pair_key(rows, 1));
    table_writer to{in, of};
    for (delivery_position at = 1; at <= 3; ++at)
      ASSERT_TRUE(to.put_whole_delivery(rows, at, all[at - 1]));
    const std::string schema{*unseal("schema", *in.get(where.meta, "schema"))};
    for (const auto* key : {"schema", "schema again"}) {
      auto record = std::string(seal_size, '\0') + schema;
      record[seal_size] = 2; // the version
      seal(key, record);
      in.put(where.meta, key, record);
    }
  });
  EXPECT_THAT(kept().report().losses, IsEmpty());
  EXPECT_THAT(waiting("a"), ElementsAre("2", "3"));
  again("a",
    {enqueued("4"), enqueued("5"), protocol::delivery_settled{1}, protocol::delivery_passed{}});
  place_.fold_all();
  place_.reopen();
  EXPECT_THAT(waiting("a"), ElementsAre("3", "4", "5"));
  EXPECT_TRUE(check_store(file()).good());
}

TEST_F(StoreDamage, UpgradesVersion1) {
  commit("a", {protocol::client_attached{60}, enqueued(large('f')), enqueued(large('w')),
                protocol::delivery_sent{1}});
  place_.fold_all();
  const auto size = protocol::make_message(large('w'))->size();
  change([&](transaction& in, const tables& where) {
    const auto put = [&](MDB_dbi table, std::string key, std::string record) {
      seal(key, record);
      in.put(table, key, record);
    };
    const std::string head{*unseal("a", *in.get(where.sessions, "a"))};
    put(where.sessions, "a", without(head, {size, 0}));
    std::vector<std::pair<std::string, std::string>> rows;
    cursor at{in, where.deliveries};
    for (auto row = at.first(); row; row = at.next())
      rows.emplace_back(row->key, *unseal(row->key, row->value));
    for (const auto& [key, content] : rows)
      put(where.deliveries, key, without(content, {size}));
    const std::string schema{*unseal("schema", *in.get(where.meta, "schema"))};
    for (const auto* key : {"schema", "schema again"}) {
      auto record = std::string(seal_size, '\0') + schema;
      record[seal_size] = 1; // the version
      put(where.meta, key, record);
    }
  });
  EXPECT_THAT(kept().report().losses, IsEmpty());
  EXPECT_THAT(waiting("a"), ElementsAre(large('w')));
  protocol::session_state state;
  state.apply(**kept().load_session("a", {0, 0}));
  EXPECT_EQ(state.queue()->bytes(), size);
  again("a", {protocol::delivery_settled{1}, protocol::delivery_passed{}, enqueued("anew")});
  place_.reopen();
  state = {};
  state.apply(**kept().load_session("a", {}));
  EXPECT_EQ(state.queue()->bytes(), protocol::make_message("anew")->size());
}

} // namespace

} // namespace callboard::persistence
