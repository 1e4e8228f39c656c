#include "tests/simulation/story.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

namespace callboard::testing {

namespace {

constexpr std::size_t most_faults_shown = 20;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const auto* text = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void play(std::uint64_t seed) {
  story one{seed};
  one.play();
  const auto faults = one.faults();
  for (std::size_t i = 0; i < faults.size() && i < most_faults_shown; ++i)
    ADD_FAILURE() << faults[i];
  if (faults.size() > most_faults_shown)
    ADD_FAILURE() << "and " << faults.size() - most_faults_shown << " more";
  // What has not happened was not tested.
  EXPECT_GT(one.splits(), 0U);
  EXPECT_GT(one.merges(), 0U);
  EXPECT_GT(one.takeovers(), 0U);
  EXPECT_GT(one.history().copies(), one.history().messages());
}

} // namespace

TEST(Simulation, KeepsOrderAndLosesAndDoublesNothing) {
  const auto first = from_environment("CALLBOARD_SEED", 1);
  const auto count = from_environment("CALLBOARD_SEEDS", 3);
  for (auto seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("CALLBOARD_SEED=" + std::to_string(seed));
    play(seed);
    if (HasFailure())
      return;
  }
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
