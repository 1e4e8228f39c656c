#include "persistence/store_check.hpp"

#include "tests/power_cut/stage.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <cerrno>

namespace callboard::persistence {

namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

/// What goes wrong, and how often in a row.
struct sort_of_fault {
  const char* name;
  fault::kind what;
  int code;
};

void PrintTo(const sort_of_fault& which, std::ostream* to) { // NOLINT: GoogleTest's name
  *to << which.name;
}

/// The same short history again and again, each time with the fault at another call.
class StoreFault : public ::testing::TestWithParam<sort_of_fault> {
protected:
  static constexpr std::size_t lasting = 30; // calls

  static fault at(std::size_t call, std::size_t met) {
    return {GetParam().what, GetParam().code, call, met, 0ms};
  }

  /// The store has what succeeded. As long as it fails, it may say so instead.
  static void expect_same(store_stage& stage) {
    const bool over = stage.layer().over();
    const auto wrong = difference(*stage.kept(), stage.wanted());
    const bool says_so = wrong.find("failed in") != wrong.npos;
    ASSERT_TRUE(wrong.empty() || (says_so && !over)) << wrong;
  }

  static void expect_good(store_stage& stage) {
    ASSERT_THAT(difference(*stage.kept(), stage.wanted()), IsEmpty());
    ASSERT_FALSE(stage.open());
    ASSERT_THAT(difference(*stage.kept(), stage.wanted()), IsEmpty());
    ASSERT_THAT(stage.kept()->report().losses, IsEmpty());
    ASSERT_EQ(stage.kept()->damaged_records(), 0);
    const auto checked = check_store(stage.file());
    ASSERT_TRUE(checked.good()) << checked.faults.front();
  }

  /// Runs with the fault at each call in turn, until there is no such call.
  template <class Run>
  static void at_each_call(Run run) {
    for (const std::size_t met : {std::size_t{1}, std::size_t{2}, lasting}) {
      for (std::size_t call = 0;; ++call) {
        SCOPED_TRACE(fmt::format("{} calls from call {}", met, call));
        store_stage stage;
        const auto how = at(call, met);
        ASSERT_NO_FATAL_FAILURE(run(stage, how));
        if (stage.layer().met() == 0)
          break;
        stage.layer().lift();
        ASSERT_NO_FATAL_FAILURE(expect_good(stage));
      }
    }
  }
};

TEST_P(StoreFault, LeavesNothingOfABatchThatFailed) {
  at_each_call([](store_stage& stage, const fault& how) {
    ASSERT_FALSE(stage.open());
    const auto batches = independent_batches(8);
    ASSERT_FALSE(stage.try_commit(batches.front()));
    stage.layer().fail(how);
    for (auto one = batches.begin() + 1; one != batches.end(); ++one) {
      const auto met = stage.layer().met();
      const auto failed = stage.try_commit(*one);
      ASSERT_TRUE(!failed || stage.layer().met() > met) << failed->text;
      ASSERT_NO_FATAL_FAILURE(expect_same(stage));
      stage.kept()->fold(4); // may fail
    }
  });
}

TEST_P(StoreFault, IsOverWithTheBatchThatIsCommittedAgain) {
  std::vector<history_step> steps = history{7}.with_commits(12);
  at_each_call([&](store_stage& stage, const fault& how) {
    ASSERT_FALSE(stage.open());
    stage.layer().fail(how);
    for (const auto& step : steps) {
      ASSERT_THAT(stage.play(step), IsEmpty());
      ASSERT_NO_FATAL_FAILURE(expect_same(stage));
    }
  });
}

TEST_P(StoreFault, DoesNotKeepAStoreFromBeingOpenedLater) {
  at_each_call([](store_stage& stage, const fault& how) {
    stage.layer().fail(how);
    while (stage.open())
      ASSERT_GT(stage.layer().met(), 0);
    for (const auto& one : independent_batches(2))
      while (stage.try_commit(one))
        ASSERT_GT(stage.layer().met(), 0);
  });
}

TEST_P(StoreFault, LeavesAllOrNothingOfABatchWhenTheProcessEnds) {
  at_each_call([](store_stage& stage, const fault& how) {
    const auto batches = independent_batches(4);
    ASSERT_FALSE(stage.open());
    for (const auto& one : batches) {
      if (&one == &batches.back())
        stage.layer().fail(how);
      if (!stage.try_commit(one))
        continue;
      stage.layer().lift();
      ASSERT_FALSE(stage.open());
      if (!difference(*stage.kept(), stage.wanted()).empty())
        stage.wanted().commit(one, durability::disk);
      ASSERT_THAT(difference(*stage.kept(), stage.wanted()), IsEmpty());
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Sorts, StoreFault,
  ::testing::Values(sort_of_fault{"FullDisk", fault::kind::refused_write, ENOSPC},
    sort_of_fault{"FailedWrite", fault::kind::refused_write, EIO},
    sort_of_fault{"ShortWrite", fault::kind::short_write, 0},
    sort_of_fault{"FailedSync", fault::kind::failed_sync, EIO},
    sort_of_fault{"FailedDisk", fault::kind::failed_disk, EIO}),
  [](const auto& one) { return one.param.name; });

TEST(SlowSync, IsWaitedForByEachCommit) {
  store_stage stage;
  ASSERT_FALSE(stage.open());
  const std::chrono::milliseconds delay{setting("CALLBOARD_SLOW_SYNC", 50)};
  for (const auto& one : independent_batches(3)) {
    stage.layer().fail({fault::kind::slow_sync, 0, 0, 1, delay});
    const auto begun = std::chrono::steady_clock::now();
    ASSERT_FALSE(stage.try_commit(one));
    EXPECT_GE(std::chrono::steady_clock::now() - begun, delay);
    EXPECT_EQ(stage.layer().met(), 1);
  }
  EXPECT_THAT(difference(*stage.kept(), stage.wanted()), IsEmpty());
}

} // namespace

} // namespace callboard::persistence
