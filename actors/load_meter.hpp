#pragma once

#include "actors/runtime/unit.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace callboard::actors {

/// How much there is to do below a prefix, and which of the next levels has the
/// most of it. Counts in windows of a second that begin with a message, so that
/// nothing has to tick while there is nothing to count.
class load_meter {
public:
  struct reading {
    std::uint64_t per_second = 0;

    /// The prefix plus the level below it that was seen most often; empty if
    /// the messages have no such level.
    std::string hottest;
  };

  /// Counts messages; `topic` is that of one of them. A reading when a window
  /// has ended.
  std::optional<reading> note(
    std::uint64_t messages, std::string_view topic, std::string_view prefix, time_point now);

  /// Messages counted in all.
  std::uint64_t total() const { return total_; }

private:
  void sample(std::string_view topic, std::string_view prefix);

  time_point began_{};
  std::uint64_t messages_ = 0;
  std::uint64_t total_ = 0;
  std::map<std::string, std::uint32_t, std::less<>> seen_;
};

} // namespace callboard::actors
