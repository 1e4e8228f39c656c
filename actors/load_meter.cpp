#include "actors/load_meter.hpp"

#include "protocol/topics/topic_filter.hpp"

#include <algorithm>
#include <chrono>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;

constexpr auto window = 1s;

/// Distinct levels that are told apart in one window.
constexpr std::size_t most_levels = 64;

} // namespace

std::optional<load_meter::reading> load_meter::note(
  std::uint64_t messages, std::string_view topic, std::string_view prefix, time_point now) {
  total_ += messages;
  if (messages_ == 0)
    began_ = now;
  messages_ += messages;
  sample(topic, prefix);
  const auto passed = now - began_;
  if (passed < window)
    return std::nullopt;
  reading result;
  result.per_second = static_cast<std::uint64_t>(
    static_cast<double>(messages_) / std::chrono::duration<double>(passed).count());
  const auto most = std::ranges::max_element(seen_, {}, [](const auto& one) { return one.second; });
  if (most != seen_.end())
    result.hottest = most->first;
  messages_ = 0;
  seen_.clear();
  return result;
}

void load_meter::sample(std::string_view topic, std::string_view prefix) {
  const auto levels = prefix.empty() ? 1 : protocol::level_count(prefix) + 1;
  const auto next = protocol::first_levels(topic, levels);
  if (next == prefix)
    return;
  const auto found = seen_.find(next);
  if (found != seen_.end())
    ++found->second;
  else if (seen_.size() < most_levels)
    seen_.emplace(next, 1U);
}

} // namespace callboard::actors
