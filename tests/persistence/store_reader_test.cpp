#include "persistence/store_reader.hpp"

#include "persistence/store_check.hpp"
#include "tests/persistence/lmdb_place.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
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

  lmdb_place place_;
};

TEST_F(StoreReader, SaysThatThereIsNoFile) {
  const auto reader = store_reader::open(mark("nothing"));
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ENOENT);
}

TEST_F(StoreReader, CopiesAndChecksWhatAnotherProcessWrites) {
  place_.close();
  auto options = place_.options;
  const other_process writer{[&] {
    const auto store = lmdb_store::open(options);
    for (int turn = 0; store; ++turn) {
      auto changes = queue_change(30'000);
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
}

TEST_F(StoreReader, WhatADeadReaderHeldBackIsUsedAgain) {
  place_.close();
  place_.options.limit = 1 << 20;
  place_.options.journal_bytes = 1 << 16;
  place_.reopen();
  const auto file_of_store = file();
  const auto held = mark("held");
  other_process dying{[&] {
    const auto reader = store_reader::open(file_of_store);
    make(held);
    for (;;)
      pause();
  }};
  ASSERT_TRUE(appears(held));
  dying.end();
  for (int turn = 0; turn < 2'000; ++turn) {
    auto changes = queue_change(3'000);
    changes.sessions.front().operations.push_back(protocol::delivery_passed{});
    const auto failed = place_.store().commit(changes, durability::os);
    ASSERT_FALSE(failed) << failed->text << " in turn " << turn;
    ASSERT_TRUE(place_.store().fold(100));
  }
}

TEST_F(StoreReader, AReaderOfADamagedFileDoesNotStandInTheWayOfTheNewOne) {
  ASSERT_FALSE(place_.store().commit(queue_change(100), durability::os));
  place_.close();
  const auto file_of_store = file();
  const auto held = mark("held");
  const other_process reading{[&] {
    const auto reader = store_reader::open(file_of_store);
    make(held);
    for (;;)
      pause();
  }};
  ASSERT_TRUE(appears(held));
  std::filesystem::resize_file(file(), 3 * 4'096);
  place_.reopen();
  EXPECT_FALSE(place_.store().report().losses.empty());
  for (int turn = 0; turn < 10; ++turn) {
    ASSERT_FALSE(place_.store().commit(queue_change(100), durability::os));
    place_.fold_all();
    EXPECT_THAT(check_store(file()).faults, ::testing::ElementsAre());
  }
}

} // namespace

} // namespace callboard::persistence
