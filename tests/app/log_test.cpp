#include "app/log.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <spdlog/spdlog.h>

namespace callboard::app {
namespace {

using actors::log_level;

/// What stderr gets of one event of each level.
std::string said_at(log_level threshold) {
  testing::internal::CaptureStderr();
  start_log(threshold);
  spdlog::error("one");
  spdlog::warn("two");
  spdlog::info("three");
  spdlog::debug("four");
  return testing::internal::GetCapturedStderr();
}

TEST(Log, IsALineForEachEventWithTimeAndLevel) {
  const auto line = [](std::string_view rest) {
    return "[0-9]+-[0-9][0-9]-[0-9][0-9]T[0-9:]+\\.[0-9][0-9][0-9]Z " + std::string{rest} + "\n";
  };
  EXPECT_THAT(said_at(log_level::debug),
    testing::MatchesRegex(
      line("error one") + line("warning two") + line("info three") + line("debug four")));
}

TEST(Log, SaysNothingBelowItsLevel) {
  auto lines = 0;
  for (const auto level :
    {log_level::error, log_level::warning, log_level::info, log_level::debug}) {
    const auto said = said_at(level);
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), ++lines);
  }
}

} // namespace
} // namespace callboard::app
