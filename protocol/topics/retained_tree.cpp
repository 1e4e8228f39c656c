#include "protocol/topics/retained_tree.hpp"

#include "protocol/topics/topic_filter.hpp"
#include "protocol/topics/topic_order.hpp"

#include <utility>

namespace callboard::protocol {

message_ptr retained_tree::set(message_ptr message) {
  const auto& added = *message;
  const auto where = place_of(added.topic());
  message_ptr replaced;
  if (is_at(where, added.topic())) {
    count_out(*messages_[where]);
    replaced = std::exchange(messages_[where], std::move(message));
  } else {
    messages_.insert(where, std::move(message));
  }
  count_in(added);
  return replaced;
}

message_ptr retained_tree::remove(std::string_view topic) {
  const auto where = place_of(topic);
  return is_at(where, topic) ? erase(where) : message_ptr{};
}

message_ptr retained_tree::find(std::string_view topic) const {
  const auto where = place_of(topic);
  return is_at(where, topic) ? messages_[where] : message_ptr{};
}

std::vector<message_ptr> retained_tree::batch(
  std::string_view filter, retained_cursor& cursor, batch_limits limits) const {
  std::vector<message_ptr> found;
  if (cursor.goes_on == retained_cursor::place::at && cursor.topic.empty())
    cursor.topic = literal_prefix(filter);
  const auto is_passed = [&](const message_ptr& message) {
    return cursor.is_behind(message->topic());
  };
  auto where = messages_.search(is_passed);
  for (; !messages_.at_end(where) && !cursor.done(); --limits.visited) {
    if (limits.visited == 0 || found.size() == limits.messages)
      return found;
    const auto& message = messages_[where];
    if (cursor.advance(filter, message->topic()))
      found.push_back(message);
    where = messages_.next(where);
    if (cursor.goes_on != retained_cursor::place::behind && !messages_.at_end(where) &&
        is_passed(messages_[where]))
      where = messages_.search(is_passed);
  }
  cursor.goes_on = retained_cursor::place::end;
  return found;
}

time_point retained_tree::next_expiry() const {
  return deadlines_.size() == 0 ? never : deadlines_[deadlines_.begin()].at;
}

std::vector<message_ptr> retained_tree::expire(time_point now, std::size_t limit) {
  std::vector<message_ptr> expired;
  while (next_expiry() <= now && deadlines_.size() != 0 && expired.size() != limit)
    expired.push_back(erase(place_of(deadlines_[deadlines_.begin()].of->topic())));
  return expired;
}

std::vector<message_ptr> retained_tree::extract_below(std::string_view prefix, std::size_t limit) {
  std::vector<message_ptr> extracted;
  for (auto where = place_of(prefix); extracted.size() != limit; where = place_of(prefix)) {
    if (messages_.at_end(where) || !is_below(messages_[where]->topic(), prefix))
      break;
    extracted.push_back(erase(where));
  }
  return extracted;
}

/// Where the topic stands, or would stand.
retained_tree::messages::position retained_tree::place_of(std::string_view topic) const {
  return messages_.search(
    [&](const message_ptr& message) { return compare_topics(message->topic(), topic) < 0; });
}

bool retained_tree::is_at(messages::position where, std::string_view topic) const {
  return !messages_.at_end(where) && messages_[where]->topic() == topic;
}

retained_tree::deadlines::position retained_tree::place_of(const message& expiring) const {
  const auto at = expiring.head().expires_at;
  return deadlines_.search([&](const deadline& other) {
    return other.at != at ? other.at < at : compare_topics(other.of->topic(), expiring.topic()) < 0;
  });
}

message_ptr retained_tree::erase(messages::position where) {
  count_out(*messages_[where]);
  return messages_.erase(where);
}

void retained_tree::count_in(const message& added) {
  bytes_ += added.size();
  if (added.head().expires_at != never)
    deadlines_.insert(place_of(added), {added.head().expires_at, &added});
}

void retained_tree::count_out(const message& gone) {
  bytes_ -= gone.size();
  if (gone.head().expires_at != never)
    deadlines_.erase(place_of(gone));
}

} // namespace callboard::protocol
