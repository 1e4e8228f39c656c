#include "app/log.hpp"

#include <gmock/gmock.h>

namespace callboard::app {
namespace {

using actors::log_level;

std::string said_at(log_level threshold, log_level level) {
  testing::internal::CaptureStderr();
  log{threshold}(level, "the {} broke");
  return testing::internal::GetCapturedStderr();
}

TEST(Log, IsALineWithTimeAndLevel) {
  EXPECT_THAT(said_at(log_level::info, log_level::warning),
    testing::MatchesRegex(
      "[0-9]+-[0-9][0-9]-[0-9][0-9]T[0-9:]+\\.[0-9][0-9][0-9]Z warning the \\{\\} broke\n"));
}

TEST(Log, SaysNothingBelowItsLevel) {
  const auto levels = {log_level::error, log_level::warning, log_level::info, log_level::debug};
  for (const auto threshold : levels)
    for (const auto level : levels)
      EXPECT_EQ(said_at(threshold, level).empty(), level > threshold);
}

} // namespace
} // namespace callboard::app
