#include "tests/power_cut/disk.hpp"
#include "tests/power_cut/left_store.hpp"
#include "tests/power_cut/stage.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <iterator>
#include <variant>

namespace callboard::persistence {

namespace {

using ::testing::IsEmpty;

std::string bytes_of(const std::string& file) {
  std::ifstream from{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{from}, {}};
}

/// Plays a history, and then cuts the power at many points of what was recorded.
class PowerCut : public ::testing::Test {
protected:
  /// What one image of the disk came to.
  struct outcome {
    std::string wrong;    // empty: nothing
    bool further = false; // the commit that was under way is there
  };

  PowerCut() { std::cout << "CALLBOARD_SEED=" << seed_ << " CALLBOARD_CUTS=" << cuts_ << '\n'; }

  void play(bool faults) { play(faults, std::max<std::size_t>(100, cuts_ / 7)); }

  void play(bool faults, std::size_t commits) {
    steps_ = history{seed_}.with_commits(commits);
    steps_.insert(steps_.begin(), history_step{history_step::kind::reopens, {}, 0});
    for (const auto& step : steps_) {
      if (faults && chance_() % 4 == 0)
        stage_.layer().fail(any_fault());
      ASSERT_THAT(stage_.play(step), IsEmpty());
    }
    ASSERT_THAT(difference(*stage_.kept(), stage_.wanted()), IsEmpty());
  }

  /// Asserts that the store is right after each cut; false: counts where it is not.
  void cut_everywhere(bool assert = true) {
    auto step = steps_.begin();
    const auto& record = stage_.layer().record();
    std::size_t cut = 0;
    for (std::size_t at = 0; at <= record.size(); ++at) {
      for (; cut * record.size() <= at * cuts_ && cut <= cuts_; ++cut) {
        const auto found = cut_here();
        further_ += found.further ? 1 : 0;
        wrong_ += found.wrong.empty() ? 0 : 1;
        ASSERT_TRUE(!assert || found.wrong.empty())
          << found.wrong << "\nat cut " << cut << ", behind event " << at << " of "
          << record.size();
      }
      if (at < record.size())
        pass(record[at], step);
    }
    std::cout << cut << " cuts, " << further_ << " of them with the commit that was under way\n";
  }

  /// Whether the power, cut here, has left what it should.
  outcome cut_here() {
    left_store left{disk_, static_cast<disk::cut>(chance_() % 4), chance_};
    if (auto wrong = left.open(); !wrong.empty())
      return {wrong};
    outcome found{difference(left.kept(), before_)};
    auto* wanted = &before_;
    if (!found.wrong.empty() && under_way_) {
      wanted = &after_;
      found = {difference(left.kept(), after_), true};
    }
    if (found.wrong.empty() && wanted->highest_session() != 0) {
      found.wrong = left.go_on();
      if (found.wrong.empty())
        found.wrong = difference(left.kept(), *wanted);
    }
    if (found.wrong.empty())
      found.wrong = left.check();
    return found;
  }

  std::size_t further_ = 0;
  std::size_t wrong_ = 0;
  store_stage stage_;
  disk disk_;

private:
  fault any_fault() {
    static constexpr std::array kinds{fault::kind::refused_write, fault::kind::short_write,
      fault::kind::failed_sync, fault::kind::failed_disk};
    return {kinds[chance_() % kinds.size()], chance_() % 2 == 0 ? EIO : ENOSPC, chance_() % 4,
      1 + chance_() % 4, {}};
  }

  void pass(const file_event& what, std::vector<history_step>::iterator& step) {
    disk_.apply(what);
    if (std::holds_alternative<commit_begun>(what)) {
      step = std::find_if(step, steps_.end(),
        [](const auto& one) { return one.what == history_step::kind::commits; });
      under_way_ = true;
      after_.commit(step->changes, durability::disk);
    } else if (std::holds_alternative<commit_lasts>(what)) {
      under_way_ = false;
      before_.commit((step++)->changes, durability::disk);
    }
  }

  std::uint32_t seed_ = any_seed();
  std::uint32_t cuts_ = setting("CALLBOARD_CUTS", 200);
  std::mt19937 chance_{seed_};
  std::vector<history_step> steps_;
  memory_store before_; // what surely is there
  memory_store after_;  // with what is under way
  bool under_way_ = false;
};

TEST_F(PowerCut, IsMadeFromAllThatTheStoreWrites) {
  play(false);
  for (const auto& one : stage_.layer().record())
    disk_.apply(one);
  const temporary_directory left;
  std::mt19937 chance;
  disk_.leave(left.path(), disk::cut::everything, chance);
  EXPECT_TRUE(bytes_of(left.path() + "/store.mdb") == bytes_of(stage_.file()));
}

TEST_F(PowerCut, TakesNothingThatWasCommitted) {
  play(false);
  cut_everywhere();
}

TEST_F(PowerCut, TakesNothingThatWasCommittedToADiskThatFailsNowAndThen) {
  play(true);
  cut_everywhere();
}

TEST_F(PowerCut, LeavesNoHalfOfANewStore) {
  play(false, 2);
  cut_everywhere();
}

TEST_F(PowerCut, DamagesAStoreThatDoesNotSync) {
  stage_.options.safe_from = durability::os;
  play(false);
  cut_everywhere(false);
  EXPECT_GT(wrong_, 0);
}

} // namespace

} // namespace callboard::persistence
