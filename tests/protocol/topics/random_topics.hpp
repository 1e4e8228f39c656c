#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <string_view>

namespace callboard::protocol {

/// A new seed for each run, printed; the environment's CALLBOARD_SEED repeats one.
inline std::uint64_t test_seed() {
  const char* given = std::getenv("CALLBOARD_SEED"); // NOLINT(concurrency-mt-unsafe)
  const auto seed = given != nullptr ? std::stoull(given) : std::random_device{}();
  std::cout << "[ SEED     ] " << seed << '\n';
  return seed;
}

/// Draws topics and filters from so few levels that they often match, among them
/// those that are dear to mistakes: empty ones, `$`, and such as stand around the
/// separator in the order of bytes.
class random_topics {
public:
  explicit random_topics(std::uint64_t seed) : random_{seed} {}

  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>{0, end - 1}(random_);
  }
  bool one_in(std::size_t n) { return below(n) == 0; }

  /// A valid topic name of at most `levels` levels.
  std::string topic(std::size_t levels = 5) {
    std::string name{level()};
    for (auto left = below(levels); left != 0; --left)
      name.append("/").append(level());
    return name.empty() ? "a" : name;
  }

  /// A valid topic filter of at most `levels` levels, and perhaps `#`.
  std::string filter(std::size_t levels = 5) {
    std::string text{level_or_plus()};
    for (auto left = below(levels); left != 0; --left)
      text.append("/").append(level_or_plus());
    if (one_in(12))
      return "#";
    if (one_in(3))
      return text + "/#";
    return text.empty() ? "+" : text;
  }

private:
  std::string_view level() {
    static constexpr std::array<std::string_view, 12> known{
      "", "a", "b", "ab", "a-", "a.", "a0", "\x01", "\xC3\xBF", "$", "$x", "a longer level"};
    return one_in(3) ? known.at(below(known.size())) : known.at(below(4));
  }
  std::string_view level_or_plus() { return one_in(4) ? "+" : level(); }

  std::mt19937_64 random_;
};

} // namespace callboard::protocol
