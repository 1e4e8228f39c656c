#include "actors/will_under_way.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>
#include <variant>

namespace callboard::actors {

void will_under_way::hold_back(
  std::vector<protocol::operation>& log, bool is_last, protocol::time_point now) {
  if (empty())
    return;
  if (is_last) {
    std::ranges::move(std::exchange(log, {}), std::back_inserter(last_log_));
    return;
  }
  for (auto& one : log)
    if (std::holds_alternative<protocol::will_cleared>(one)) {
      one = protocol::will_armed{now};
      is_cleared_ = true;
    }
}

std::optional<will_under_way::held_back> will_under_way::is_out(bool is_followed) {
  if (empty() || --count_ > 0)
    return std::nullopt;
  auto mine = std::exchange(*this, {});
  if (mine.is_cleared_ && !is_followed)
    mine.last_log_.insert(mine.last_log_.begin(), protocol::will_cleared{});
  return held_back{std::move(mine.last_log_), mine.is_dismissed_};
}

publish publication_of(const protocol::will_ptr& will) {
  protocol::publication publication;
  publication.topic = will->topic;
  publication.properties = will->properties;
  publication.payload = will->payload;
  publication.message_expiry_interval = will->message_expiry_interval;
  publication.qos = will->qos;
  publication.retain = will->retain;
  publish mail;
  mail.batch = std::make_shared<packet_batch>();
  mail.batch->bytes = will;
  mail.batch->packets.emplace_back(publication);
  return mail;
}

} // namespace callboard::actors
