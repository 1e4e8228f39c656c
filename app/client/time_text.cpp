#include "app/client/time_text.hpp"

#include <array>
#include <ctime>

namespace callboard::app::client {

std::string local_time(wall_time at, const char* format) {
  const auto seconds =
    std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(at));
  std::tm parts{};
  localtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

std::chrono::nanoseconds within_second(wall_time at) {
  return at - std::chrono::floor<std::chrono::seconds>(at);
}

} // namespace callboard::app::client
