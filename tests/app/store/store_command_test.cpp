#include "app/exit_code.hpp"
#include "tests/app/program.hpp"
#include "tests/persistence/lmdb_place.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace callboard::app {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

/// Needs the program itself, which ctest names; a store that no node runs on.
class StoreCommand : public testing::Test {
protected:
  void SetUp() override {
    if (program_path().empty())
      GTEST_SKIP() << "name the program in CALLBOARD, or run this by ctest";
  }

  void make_store() {
    persistence::batch changes;
    changes.sessions.push_back(
      {"reader", 1, {protocol::client_attached{60}, protocol::client_detached{protocol::start}}});
    ASSERT_FALSE(store_.store().commit(changes, persistence::durability::os));
    store_.fold_all();
    store_.close();
  }

  ending run(std::vector<std::string> words) const {
    words.insert(words.begin(), "store");
    words.insert(words.end(), {"--data", directory()});
    return run_program(words);
  }

  const std::string& directory() const { return store_.directory(); }
  std::string file() const { return directory() + "/store.mdb"; }

  /// Breaks the second half of the file.
  void damage(const std::string& which) const {
    const auto size = std::filesystem::file_size(which);
    std::fstream to{which, std::ios::in | std::ios::out | std::ios::binary};
    to.seekp(static_cast<std::streamoff>(8'192));
    to << std::string(size - 8'192, '!');
  }

  persistence::lmdb_place store_;
};

TEST_F(StoreCommand, SaysWithoutAVerbWhatThereIs) {
  for (const auto& words : {std::vector<std::string>{"store"}, {"help", "store"}}) {
    const auto [code, output, errors] = run_program(words);
    EXPECT_EQ(code, exit_code::done);
    for (const auto* verb : {"check", "dump", "compact", "backup FILE", "restore FILE"})
      EXPECT_THAT(output, HasSubstr(std::string{"callboard store "} + verb));
  }
}

TEST_F(StoreCommand, SuggestsTheVerbThatWasMeant) {
  const auto [code, output, errors] = run_program({"store", "bakup"});
  EXPECT_EQ(code, exit_code::usage);
  EXPECT_THAT(errors, HasSubstr("did you mean store backup?"));
}

TEST_F(StoreCommand, EveryVerbHasHelpWithAnExample) {
  for (const auto* verb : {"check", "dump", "compact", "backup", "restore"}) {
    const auto [code, output, errors] = run_program({"store", verb, "--help"});
    EXPECT_EQ(code, exit_code::done);
    EXPECT_THAT(output,
      AllOf(HasSubstr("--data DIR"), HasSubstr(std::string{"\n  callboard store "} + verb)));
  }
}

TEST_F(StoreCommand, RefusesWhatItDoesNotKnow) {
  for (const auto* verb : {"check", "dump", "compact", "backup", "restore"}) {
    const auto [code, output, errors] = run_program({"store", verb, "--dta", "x"});
    EXPECT_EQ(code, exit_code::usage);
    EXPECT_THAT(errors, HasSubstr("did you mean --data?"));
  }
  for (const auto* verb : {"backup", "restore"})
    EXPECT_EQ(run_program({"store", verb}).code, exit_code::usage) << "without a file";
  EXPECT_EQ(run({"dump", "--filter", "a/#/b"}).code, exit_code::usage);
}

TEST_F(StoreCommand, SaysThatThereIsNoStore) {
  const persistence::temporary_directory empty;
  for (const auto& words : {std::vector<std::string>{"check"}, {"dump"}, {"compact"},
         {"backup", empty.path() + "/copy"}}) {
    std::vector<std::string> all{"store"};
    all.insert(all.end(), words.begin(), words.end());
    all.insert(all.end(), {"--data", empty.path()});
    const auto [code, output, errors] = run_program(all);
    EXPECT_EQ(code, exit_code::failed);
    EXPECT_THAT(errors, HasSubstr("there is no store in " + empty.path()));
  }
  EXPECT_TRUE(std::filesystem::is_empty(empty.path())) << "it was only asked for";
}

TEST_F(StoreCommand, FindsTheDirectoryInTheConfigurationFile) {
  make_store();
  const auto configuration = directory() + "/node.toml";
  std::ofstream{configuration} << "data = \"" << directory() << "\"\n";
  EXPECT_EQ(run_program({"store", "check", "--config", configuration}).code, exit_code::done);
  std::ofstream{configuration} << "dta = \"x\"\n";
  const auto [code, output, errors] = run_program({"store", "check", "--config", configuration});
  EXPECT_EQ(code, exit_code::bad_configuration);
  EXPECT_THAT(errors, HasSubstr("did you mean data?"));
}

TEST_F(StoreCommand, CheckCounts) {
  make_store();
  const auto [code, output, errors] = run({"check"});
  EXPECT_EQ(code, exit_code::done) << errors;
  EXPECT_THAT(output, testing::ContainsRegex("sessions +1\n"));
  EXPECT_THAT(output, testing::ContainsRegex("messages of share groups +0\n"));
  EXPECT_THAT(output, testing::ContainsRegex("pages free +[0-9]+\n"));
  EXPECT_THAT(errors, HasSubstr("is sound"));
}

TEST_F(StoreCommand, CheckTellsOfFaults) {
  make_store();
  damage(file());
  const auto [code, output, errors] = run({"check"});
  EXPECT_EQ(code, exit_code::bad_data);
  EXPECT_THAT(errors, AllOf(HasSubstr("fault: "), HasSubstr("start the node again")));
}

TEST_F(StoreCommand, DumpTellsWhatCanBeReadOfADamagedStoreAndLeavesItAlone) {
  make_store();
  damage(file());
  const auto before = std::filesystem::file_size(file());
  const auto [code, output, errors] = run({"dump"});
  EXPECT_EQ(code, exit_code::bad_data);
  EXPECT_THAT(errors, HasSubstr("damaged: "));
  EXPECT_EQ(std::filesystem::file_size(file()), before);
  EXPECT_FALSE(std::filesystem::exists(directory() + "/store.damaged-1"));
}

TEST_F(StoreCommand, LeavesNothingUnfinishedBehind) {
  make_store();
  const auto backup = directory() + "/backup.mdb";
  EXPECT_EQ(run({"backup", backup}).code, exit_code::done);
  EXPECT_EQ(run({"dump"}).code, exit_code::done);
  EXPECT_EQ(run({"compact"}).code, exit_code::done);
  EXPECT_EQ(run({"restore", backup}).code, exit_code::done);
  for (const auto& entry : std::filesystem::directory_iterator{directory()})
    EXPECT_THAT(entry.path().filename().string(), testing::Not(HasSubstr("unfinished")));
}

TEST_F(StoreCommand, ABackupIsForItsOwnerOnly) {
  make_store();
  const auto backup = directory() + "/backup.mdb";
  ASSERT_EQ(run({"backup", backup}).code, exit_code::done);
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(backup).permissions(), perms::owner_read | perms::owner_write);
}

TEST_F(StoreCommand, BackupReplacesAFileOnlyWhenForced) {
  make_store();
  const auto backup = directory() + "/backup.mdb";
  std::ofstream{backup} << "mine";
  const auto [code, output, errors] = run({"backup", backup});
  EXPECT_EQ(code, exit_code::failed);
  EXPECT_THAT(errors, HasSubstr("--force"));
  EXPECT_EQ(std::filesystem::file_size(backup), 4);
  EXPECT_EQ(run({"backup", backup, "--force"}).code, exit_code::done);
  EXPECT_EQ(run_program({"store", "check", backup}).code, exit_code::done);
}

TEST_F(StoreCommand, BackupDoesNotLetLmdbReadDamagedPages) {
  make_store();
  damage(file());
  const auto backup = directory() + "/backup.mdb";
  const auto [code, output, errors] = run({"backup", backup});
  EXPECT_EQ(code, exit_code::bad_data);
  EXPECT_THAT(errors, HasSubstr("damaged"));
  EXPECT_FALSE(std::filesystem::exists(backup));
}

TEST_F(StoreCommand, RestoreVerifiesFirst) {
  make_store();
  const auto backup = directory() + "/backup.mdb";
  ASSERT_EQ(run({"backup", backup}).code, exit_code::done);
  damage(backup);
  const auto [code, output, errors] = run({"restore", backup});
  EXPECT_EQ(code, exit_code::bad_data);
  EXPECT_THAT(errors, AllOf(HasSubstr("fault: "), HasSubstr("nothing was changed")));
  EXPECT_FALSE(std::filesystem::exists(directory() + "/store.replaced-1"));
  EXPECT_EQ(run({"restore", backup, "--force"}).code, exit_code::done);

  std::ofstream{backup} << "not a store at all";
  EXPECT_EQ(run({"restore", backup}).code, exit_code::bad_data);
  EXPECT_EQ(run({"restore", directory() + "/nothing"}).code, exit_code::failed);
}

TEST_F(StoreCommand, RestoreSetsTheStoreAside) {
  make_store();
  const auto backup = directory() + "/backup.mdb";
  ASSERT_EQ(run({"backup", backup}).code, exit_code::done);
  for (const auto* aside : {"/store.replaced-1", "/store.replaced-2"}) {
    EXPECT_THAT(run({"restore", backup}).errors, HasSubstr(aside));
    EXPECT_EQ(run_program({"store", "check", directory() + aside}).code, exit_code::done);
  }
  EXPECT_EQ(run({"check"}).code, exit_code::done);
}

TEST_F(StoreCommand, CompactGivesPagesBack) {
  persistence::batch changes;
  changes.retained.push_back(
    {"t", protocol::message::make({}, "t", {}, std::string(1'000'000, 'x'))});
  ASSERT_FALSE(store_.store().commit(changes, persistence::durability::os));
  store_.fold_all();
  changes.retained.front().message = {};
  ASSERT_FALSE(store_.store().commit(changes, persistence::durability::os));
  store_.fold_all();
  make_store();
  const auto before = std::filesystem::file_size(file());
  const auto [code, output, errors] = run({"compact"});
  EXPECT_EQ(code, exit_code::done) << errors;
  EXPECT_LT(std::filesystem::file_size(file()), before / 4);
  EXPECT_THAT(errors, AllOf(HasSubstr(std::to_string(before) + " bytes before"),
                        HasSubstr(std::to_string(std::filesystem::file_size(file())) + " after")));
  EXPECT_THAT(run({"dump"}).output, HasSubstr("\"client_id\":\"reader\""));
}

TEST_F(StoreCommand, CompactRefusesADamagedStore) {
  make_store();
  damage(file());
  const auto size = std::filesystem::file_size(file());
  EXPECT_EQ(run({"compact"}).code, exit_code::bad_data);
  EXPECT_EQ(std::filesystem::file_size(file()), size);
}

TEST_F(StoreCommand, WhatChangesAStoreWaitsUntilNobodyUsesIt) {
  make_store();
  const auto backup = directory() + "/backup.mdb";
  ASSERT_EQ(run({"backup", backup}).code, exit_code::done);
  store_.reopen();
  for (const auto& words : {std::vector<std::string>{"compact"}, {"restore", backup}}) {
    const auto [code, output, errors] = run(words);
    EXPECT_EQ(code, exit_code::try_again);
    EXPECT_THAT(errors, HasSubstr("stop the node"));
  }
  for (const auto& words :
    {std::vector<std::string>{"check"}, {"dump"}, {"backup", backup, "--force"}})
    EXPECT_EQ(run(words).code, exit_code::done) << words.front();
}

} // namespace
} // namespace callboard::app
