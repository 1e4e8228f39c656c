#include "tests/simulation/story.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace callboard::testing {

namespace {

constexpr std::size_t most_faults_shown = 20;
constexpr std::uint64_t usual_count = 3;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const auto* text = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// How often what is hard to come by has happened: a single story may do without.
struct rarities {
  bool are_due = false;
  std::uint64_t disk_failures = 0;
  std::uint64_t crashes = 0;
  std::uint64_t splits = 0;
  std::uint64_t merges = 0;
};

void play(std::uint64_t seed, story::fate of_the_node, rarities& seen) {
  story one{seed, of_the_node};
  one.play();
  const auto faults = one.faults();
  for (std::size_t i = 0; i < faults.size() && i < most_faults_shown; ++i)
    ADD_FAILURE() << faults[i];
  if (faults.size() > most_faults_shown)
    ADD_FAILURE() << "and " << faults.size() - most_faults_shown << " more";
  // What has not happened was not tested.
  EXPECT_GT(one.takeovers(), 0U);
  EXPECT_GT(one.history().copies(), one.history().messages());
  seen.splits += one.splits();
  seen.merges += one.merges();
  seen.crashes += one.crashes();
  seen.disk_failures += one.disk_failures();
}

rarities play_all(story::fate of_the_node) {
  const auto first = from_environment("CALLBOARD_SEED", 1);
  const auto count = from_environment("CALLBOARD_SEEDS", usual_count);
  rarities seen;
  for (auto seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("CALLBOARD_SEED=" + std::to_string(seed));
    play(seed, of_the_node, seen);
    if (::testing::Test::HasFailure())
      break;
  }
  seen.are_due = count >= usual_count && !::testing::Test::HasFailure();
  return seen;
}

} // namespace

TEST(Simulation, KeepsOrderAndLosesAndDoublesNothing) {
  const auto seen = play_all(story::fate::lives);
  if (!seen.are_due)
    return;
  EXPECT_GT(seen.splits, 0U);
  EXPECT_GT(seen.merges, 0U);
}

TEST(Simulation, KeepsWhatItPromisedThroughCrashes) {
  const auto seen = play_all(story::fate::crashes);
  if (!seen.are_due)
    return;
  EXPECT_GT(seen.crashes, 2 * usual_count);
  EXPECT_GT(seen.disk_failures, 0U);
}

TEST(Simulation, KeepsWhatItPromisedAmidWhatItDidNot) {
  play_all(story::fate::crashes_amid_noise);
}

TEST(Simulation, TheSameSeedTellsTheSameStory) {
  story one{7};
  one.play();
  story again{7};
  again.play();
  EXPECT_EQ(one.history().copies(), again.history().copies());
  EXPECT_EQ(one.history().messages(), again.history().messages());
  EXPECT_EQ(one.splits(), again.splits());
}

} // namespace callboard::testing
