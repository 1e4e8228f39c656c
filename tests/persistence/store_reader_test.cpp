#include "persistence/store_reader.hpp"

#include "persistence/store_check.hpp"
#include "persistence/store_exchange.hpp"
#include "tests/persistence/lmdb_place.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <thread>

namespace callboard::persistence {

namespace {

using namespace std::chrono_literals;

/// A process that does something until it is killed: LMDB has a file once a process.
class other_process {
public:
  template <class Work>
  explicit other_process(Work work) : pid_{fork()} {
    if (pid_ != 0)
      return;
    prctl(PR_SET_PDEATHSIG, SIGKILL); // NOLINT(*-vararg)
    work();
    _exit(0);
  }
  other_process(const other_process&) = delete;
  other_process& operator=(const other_process&) = delete;
  ~other_process() { end(); }

  bool lives() const { return waitpid(pid_, nullptr, WNOHANG) == 0; }

  void end() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    pid_ = -1;
  }

private:
  pid_t pid_;
};

batch queue_change(std::size_t size) {
  batch one;
  const auto big = protocol::make_delivery(std::string(size, 'x'));
  one.sessions.push_back({"a", 1,
    {protocol::client_attached{60}, protocol::delivery_enqueued{big},
      protocol::delivery_enqueued{big}, protocol::delivery_passed{}}});
  return one;
}

class StoreReader : public ::testing::Test {
protected:
  std::string file() const { return place_.directory() + "/store.mdb"; }
  std::string mark(const char* name) const { return place_.directory() + "/" + name; }

  static void make(const std::string& name) { std::filesystem::create_directory(name); }

  static bool appears(const std::string& name) {
    for (int turn = 0; turn < 5'000 && !std::filesystem::exists(name); ++turn)
      std::this_thread::sleep_for(1ms);
    return std::filesystem::exists(name);
  }

  /// A process that reads the file, and is killed when it goes.
  std::unique_ptr<other_process> hold_reader() {
    const auto held = mark("held");
    std::filesystem::remove(held);
    auto reader = std::make_unique<other_process>([held, of = file()] {
      const auto opened = store_reader::open(of);
      make(held);
      for (;;)
        pause();
    });
    EXPECT_TRUE(appears(held));
    return reader;
  }

  /// So that what is held back is missed soon.
  void be_small() {
    place_.options.limit = 1 << 20;
    place_.options.journal_bytes = 1 << 16;
    place_.reopen();
  }

  /// Much comes and goes; little stays.
  store_result churn() {
    store_result failed;
    for (int turn = 0; turn < 2'000 && !failed; ++turn) {
      auto changes = queue_change(3'000);
      changes.sessions.front().operations.push_back(protocol::delivery_passed{});
      failed = place_.store().commit(changes, durability::os);
      if (!failed && !place_.store().fold(100))
        failed = store_error{"fold", MDB_MAP_FULL, "it cannot fold"};
    }
    return failed;
  }

  lmdb_place place_;
};

TEST_F(StoreReader, SaysThatThereIsNoFile) {
  const auto reader = store_reader::open(mark("nothing"));
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ENOENT);
}

TEST_F(StoreReader, CopiesAndChecksWhatAnotherProcessWrites) {
  batch much; // so that commits come while it is read
  for (int topic = 0; topic < 200; ++topic)
    much.retained.push_back(
      {std::to_string(topic), protocol::make_message(std::string(100'000, 'x'))});
  ASSERT_FALSE(place_.store().commit(much, durability::os));
  place_.fold_all();
  place_.close();
  auto options = place_.options;
  const other_process writer{[&] {
    const auto store = lmdb_store::open(options);
    for (int turn = 0; store; ++turn) {
      auto changes = queue_change(30'000);
      changes.sessions.front().session = 1 + static_cast<std::uint64_t>(turn / 50);
      if (turn % 50 == 49)
        changes.sessions.front().operations = {protocol::session_ended{}};
      if ((*store)->commit(changes, durability::os) || !(*store)->fold(20))
        _exit(1);
      if (turn == 20)
        make(mark("writing"));
    }
  }};
  ASSERT_TRUE(appears(mark("writing")));
  for (int copies = 0; copies < 20; ++copies) {
    const auto reader = store_reader::open(file());
    ASSERT_TRUE(reader) << reader.error().text;
    auto live = check_store(file());
    if (!live.good()) // a commit wrote the beginning just then
      live = check_store(file());
    EXPECT_THAT(live.faults, ::testing::ElementsAre());
    const auto to = mark("copy") + std::to_string(copies);
    const auto failed = (*reader)->copy(to);
    ASSERT_FALSE(failed) << failed->text;
    EXPECT_THAT(check_store(to).faults, ::testing::ElementsAre());
  }
  EXPECT_TRUE(writer.lives());
}

TEST_F(StoreReader, NothingIsWrittenOverWhileItReads) {
  be_small();
  const auto reader = hold_reader();
  const auto failed = churn();
  ASSERT_TRUE(failed) << "there was room for all of it";
  EXPECT_EQ(failed->code, MDB_MAP_FULL);
}

TEST_F(StoreReader, WhatADeadReaderHeldBackIsUsedAgain) {
  be_small();
  { const auto reader = hold_reader(); }
  EXPECT_FALSE(churn());
}

TEST_F(StoreReader, AReaderOfADamagedFileDoesNotStandInTheWayOfTheNewOne) {
  ASSERT_FALSE(place_.store().commit(queue_change(100), durability::os));
  place_.close();
  const auto reader = hold_reader();
  std::filesystem::resize_file(file(), 3 * 4'096);
  be_small();
  EXPECT_FALSE(place_.store().report().losses.empty());
  EXPECT_FALSE(churn());
}

TEST_F(StoreReader, AReaderOfAnExchangedFileDoesNotStandInTheWayOfTheNewOne) {
  ASSERT_FALSE(place_.store().commit(queue_change(100), durability::os));
  const auto backup = mark("backup");
  ASSERT_FALSE(place_.store().back_up(backup));
  for (int turn = 0; turn < 4; ++turn) { // LMDB has two beginnings, in turn
    for (int commits = 0; commits < turn; ++commits)
      ASSERT_FALSE(place_.store().commit(queue_change(100), durability::os));
    place_.close();
    const auto reader = hold_reader();
    const auto with = mark("with");
    std::filesystem::copy_file(backup, with);
    {
      const auto lock = directory_lock::take(place_.directory() + "/store.lock");
      ASSERT_TRUE(lock);
      const auto old = exchange_store(**lock, file(), with, old_store::set_aside);
      ASSERT_TRUE(old) << old.error().text;
      EXPECT_THAT(*old, ::testing::EndsWith("store.replaced-" + std::to_string(turn + 1)));
    }
    place_.reopen();
    EXPECT_TRUE(place_.store().report().losses.empty());
    const auto loaded = place_.store().load_session("a", {});
    ASSERT_TRUE(loaded);
    EXPECT_TRUE(*loaded) << "in turn " << turn;
  }
}

} // namespace

} // namespace callboard::persistence
