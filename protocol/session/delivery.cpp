#include "protocol/session/delivery.hpp"

#include <algorithm>
#include <chrono>

namespace callboard::protocol {

namespace {

bool same(const message_ptr& left, const message_ptr& right) {
  if (left == right || !left || !right)
    return left == right;
  const auto& one = left->head();
  const auto& other = right->head();
  return one.publisher == other.publisher && one.expires_at == other.expires_at &&
         one.qos == other.qos && one.retain == other.retain && left->topic() == right->topic() &&
         left->properties() == right->properties() && left->payload() == right->payload();
}

} // namespace

bool operator==(const delivery& left, const delivery& right) {
  return left.share == right.share && left.qos == right.qos && left.retain == right.retain &&
         left.lasting == right.lasting && left.identifiers == right.identifiers &&
         same(left.message, right.message);
}

std::uint32_t remaining_interval(const message& sent, time_point now) {
  const auto expires_at = sent.head().expires_at;
  if (expires_at == never)
    return forever;
  const auto rest = std::chrono::ceil<std::chrono::seconds>(expires_at - now).count();
  return static_cast<std::uint32_t>(std::clamp<decltype(rest)>(rest, 0, forever - 1));
}

} // namespace callboard::protocol
