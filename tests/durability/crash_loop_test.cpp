#include "tests/durability/crash_story.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

namespace callboard::durability {

namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::size_t most_of_a_kind = 3;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const auto* text = std::getenv(name); // NOLINT(concurrency-mt-unsafe): one thread
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::uint64_t seed() {
  const auto chosen = from_environment("CALLBOARD_CRASH_SEED", 1);
  std::cout << "CALLBOARD_CRASH_SEED=" << chosen << std::endl;
  return chosen;
}

void tell_figures(const crash_story& story, std::chrono::steady_clock::time_point begin) {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::cout << story.kills() << " kills, " << story.history().messages() << " messages, "
            << story.history().copies() << " copies, " << story.repeats() << " repeats, "
            << took.count() << " s" << std::endl;
}

/// Of each kind some, as one cause often has hundreds of them.
void expect_no_faults(const crash_story& story) {
  std::map<std::string, std::size_t> count;
  for (const auto& one : story.faults()) {
    const auto kind = one.substr(0, one.find(": ", one.find(": ") + 2));
    if (++count[kind] <= most_of_a_kind)
      ADD_FAILURE() << one;
  }
  for (const auto& [kind, all] : count)
    if (all > most_of_a_kind)
      ADD_FAILURE() << kind << ": " << all << " in all";
}

void keeps_the_promise(const std::string& durability, std::uint64_t rounds) {
  const auto begin = std::chrono::steady_clock::now();
  crash_story story{seed(), {"--set", "durability=" + durability}};
  story.play({.rounds = from_environment("CALLBOARD_CRASH_ROUNDS", rounds)});
  tell_figures(story, begin);
  expect_no_faults(story);
  // What has not happened was not tested.
  EXPECT_GT(story.history().copies(), story.history().messages());
  EXPECT_GT(story.repeats(), 0U);
}

} // namespace

TEST(CrashLoop, LosesNothingAtDisk) {
  keeps_the_promise("disk", 30);
}

TEST(CrashLoop, LosesNothingAtOs) {
  keeps_the_promise("os", 10);
}

TEST(CrashLoop, TheJudgeFindsNothingWhereNothingIsKilled) {
  crash_story story{seed(), {"--ephemeral"}};
  story.play({.rounds = 6, .kills = false});
  expect_no_faults(story);
}

TEST(CrashLoop, TheJudgeSeesWhatANodeLosesThatKeepsNothing) {
  crash_story story{seed(), {"--ephemeral"}};
  story.play({.rounds = 2, .time_to_rest = std::chrono::milliseconds{500}});
  const auto faults = story.faults();
  EXPECT_THAT(faults, Contains(HasSubstr("the session is gone")));
  EXPECT_THAT(faults, Contains(HasSubstr("never came")));
}

} // namespace callboard::durability
