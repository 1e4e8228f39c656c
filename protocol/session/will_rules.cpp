#include "protocol/session/will_rules.hpp"

#include <algorithm>

namespace callboard::protocol {

departure departure_of(const disconnect& packet) {
  return packet.code == reason_code::success ? departure::normal : departure::with_will;
}

will_fate will_on_departure(
  departure how, std::uint32_t delay_interval, std::uint32_t session_expiry, time_point now) {
  if (how == departure::normal)
    return {will_fate::what::forgotten};
  const auto wait = std::min(delay_interval, session_expiry);
  if (wait == 0)
    return {will_fate::what::due_now};
  return {will_fate::what::due_later, after(now, wait)};
}

will_fate will_on_return(bool clean_start, time_point due, time_point now) {
  const bool published = clean_start || due <= now;
  return {published ? will_fate::what::due_now : will_fate::what::forgotten};
}

} // namespace callboard::protocol
