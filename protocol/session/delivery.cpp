#include "protocol/session/delivery.hpp"

#include <algorithm>
#include <chrono>

namespace callboard::protocol {

std::uint32_t remaining_interval(const message& sent, time_point now) {
  const auto expires_at = sent.head().expires_at;
  if (expires_at == never)
    return forever;
  const auto rest = std::chrono::ceil<std::chrono::seconds>(expires_at - now).count();
  return static_cast<std::uint32_t>(std::clamp<decltype(rest)>(rest, 0, forever - 1));
}

} // namespace callboard::protocol
