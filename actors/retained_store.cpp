#include "actors/retained_store.hpp"

#include "actors/system_topics.hpp"
#include "protocol/topics/topic_filter.hpp"

#include <algorithm>
#include <utility>

namespace callboard::actors {

namespace {

/// What one answer may hold and cost, so that a subscription to everything neither
/// stops the unit nor fills its memory.
constexpr std::size_t most_messages = 256;
constexpr std::size_t most_bytes = 262'144;
constexpr std::size_t most_visited = 4'096;

/// Expired messages that are removed in one turn.
constexpr std::size_t expire_at_once = 10'000;

} // namespace

behavior retained_store::make_behavior() {
  return reads<retain, replay, hand_over_retained, expect_retained, adopt_retained, expire>(*this);
}

void retained_store::on(const retain& mail) {
  as_of_ = std::max(as_of_, mail.number); // 0 from other stores
  for (const auto& message : mail.messages)
    if (!send_on(message))
      take(message);
}

void retained_store::on(const replay& mail) {
  if (expected_ > 0)
    waiting_.push_back(mail);
  else
    answer(mail);
}

void retained_store::on(const hand_over_retained& mail) {
  tell(mail.to, adopt_retained{messages_.extract_below(mail.prefix)});
  std::erase_if(departed_, [&](const auto& old) { return old.to == mail.to; });
  departed_.push_back({mail.prefix, mail.to});
}

void retained_store::on(const expect_retained&) {
  ++expected_;
}

void retained_store::on(const adopt_retained& mail) {
  for (const auto& message : mail.messages) {
    if (!changed_.contains(message->topic()))
      remember(message);
    // What comes back is ours again.
    std::erase_if(
      departed_, [&](const auto& old) { return protocol::is_below(message->topic(), old.prefix); });
  }
  if (expected_ > 0 && --expected_ == 0) {
    changed_.clear();
    for (const auto& replay : std::exchange(waiting_, {}))
      answer(replay);
  }
}

void retained_store::on(const expire&) {
  alarm_ = {};
  messages_.expire(now(), expire_at_once);
}

void retained_store::flush() {
  if (!journal_.empty())
    tell(place_.company.keeper, journal{std::exchange(journal_, {})});
  place_.counts.retained.change(
    static_cast<std::int64_t>(messages_.size()) - static_cast<std::int64_t>(counted_));
  counted_ = messages_.size();
  set_alarm();
}

void retained_store::leave() {
  departed_.clear();
  waiting_.clear();
}

/// Whether the topic belongs to another store by now.
bool retained_store::send_on(const protocol::message_ptr& message) const {
  const auto owner = std::ranges::find_if(departed_,
    [&](const departed& other) { return protocol::is_below(message->topic(), other.prefix); });
  if (owner == departed_.end())
    return false;
  tell(owner->to, retain{{message}, 0});
  return true;
}

void retained_store::take(const protocol::message_ptr& message) {
  place_.counts.messages_retained.add();
  if (expected_ > 0)
    changed_.emplace(message->topic());
  remember(message);
  if (!is_system_topic(message->topic())) // which will be said anew
    journal_.retained.push_back({std::string{message->topic()}, messages_.find(message->topic())});
}

void retained_store::remember(const protocol::message_ptr& message) {
  if (message->payload().empty() || message->expired(now())) {
    messages_.remove(message->topic());
    return;
  }
  const auto limit = place_.rules.retained_maximum_messages;
  if (limit != 0 && messages_.size() >= limit && !is_system_topic(message->topic()) &&
      !messages_.find(message->topic())) {
    place_.counts.dropped_retained_full.add();
    return;
  }
  messages_.set(message);
}

void retained_store::answer(const replay& mail) {
  replayed found{mail.key, mail.progress, {}, as_of_};
  std::size_t bytes = 0;
  std::size_t wanted = 1; // as many as will fit, by the size of those before
  do {
    auto more = messages_.batch(
      mail.progress.filter, found.progress.cursor, {.messages = wanted, .visited = most_visited});
    if (more.empty())
      break;
    for (auto& message : more) {
      bytes += message->size();
      if (!message->expired(now()))
        found.messages.push_back(std::move(message));
    }
    const auto each = bytes / (found.messages.size() + 1) + 1;
    wanted = std::clamp<std::size_t>((most_bytes - std::min(bytes, most_bytes)) / each, 1, 64);
  } while (
    !found.progress.cursor.done() && bytes < most_bytes && found.messages.size() < most_messages);
  tell(mail.reply_to, std::move(found));
}

void retained_store::set_alarm() {
  const auto next = messages_.next_expiry();
  if (next == alarm_.at)
    return;
  cancel(alarm_);
  alarm_ = next == protocol::never ? reminder{} : remind(next, expire{});
}

} // namespace callboard::actors
