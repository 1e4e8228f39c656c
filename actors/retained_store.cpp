#include "actors/retained_store.hpp"

#include "actors/system_topics.hpp"
#include "protocol/topics/topic_order.hpp"

#include <algorithm>
#include <utility>

namespace callboard::actors {

namespace {

/// What one answer may hold and cost, so that a subscription to everything neither
/// stops the unit nor fills its memory.
constexpr std::size_t most_messages = 256;
constexpr std::size_t most_bytes = 262'144;
constexpr std::size_t most_visited = 4'096; // by one look into the tree

/// Looks of one turn: then the neighbours have theirs.
constexpr unsigned most_looks = 64;

/// Expired messages that are removed in one turn.
constexpr std::size_t expire_at_once = 10'000;

} // namespace

behavior retained_store::make_behavior() {
  return reads<retain, replay, hand_over_retained, expect_retained, adopt_retained, answer_on,
    expire>(*this);
}

void retained_store::on(const retain& mail) {
  as_of_ = mail.number;
  if (mail.promise)
    promises_.push_back(mail.promise);
  for (const auto& message : mail.messages)
    take(message);
}

void retained_store::on(const replay& mail) {
  waiting_.push_back(mail);
}

void retained_store::on(const hand_over_retained& mail) {
  tell(mail.to, adopt_retained{messages_.extract_below(mail.prefix)});
}

void retained_store::on(const expect_retained&) {
  ++expected_;
}

void retained_store::on(const adopt_retained& mail) {
  for (const auto& message : mail.messages) {
    if (changed_.contains(message->topic()))
      continue;
    if (message->expired(now())) // while the node was not there
      note_change(message->topic(), {});
    remember(message);
  }
  if (!mail.more && expected_ > 0 && --expected_ == 0)
    changed_.clear();
}

void retained_store::on(const answer_on&) {}

void retained_store::on(const expire&) {
  alarm_ = {};
  for (const auto& gone : messages_.expire(now(), expire_at_once))
    note_change(gone->topic(), {});
}

void retained_store::flush() {
  count();
  answer_waiting();
  if (!journal_.empty())
    tell(place_.company.keeper, journal{std::exchange(journal_, {}), {}, std::move(promises_)});
  promises_.clear();
  set_alarm();
}

void retained_store::leave() {
  waiting_.clear();
}

void retained_store::take(const protocol::message_ptr& message) {
  place_.counts.messages_retained.add();
  if (expected_ > 0)
    changed_.emplace(message->topic());
  const bool is_system = is_system_topic(message->topic());
  const amount before{messages_.size(), messages_.bytes()};
  if (is_system || has_room(*message)) {
    remember(message);
  } else {
    messages_.remove(message->topic()); // it is not the last one any more
    place_.counts.dropped_retained_full.add();
  }
  if (is_system) { // the next start will say it anew
    system_.messages += messages_.size() - before.messages;
    system_.bytes += messages_.bytes() - before.bytes;
    return;
  }
  note_change(message->topic(), messages_.find(message->topic()));
}

void retained_store::note_change(std::string_view topic, protocol::message_ptr message) {
  if (place_.company.keeps() && !place_.company.is_transient(topic))
    journal_.retained.push_back({std::string{topic}, std::move(message)});
}

void retained_store::remember(const protocol::message_ptr& message) {
  if (message->payload().empty() || message->expired(now())) {
    messages_.remove(message->topic());
    return;
  }
  messages_.set(message);
}

/// Whether the node may keep this one, in the place of the topic's last.
bool retained_store::has_room(const protocol::message& added) const {
  const auto& rules = place_.rules;
  if (added.payload().empty() ||
      (rules.retained_maximum_messages == 0 && rules.retained_maximum_bytes == 0))
    return true;
  const auto old = messages_.find(added.topic());
  const auto& all = place_.company;
  const auto mine = limited();
  const auto messages = all.limited_messages - limited_.messages + mine.messages + (old ? 0 : 1);
  const auto bytes =
    all.limited_bytes - limited_.bytes + mine.bytes + added.size() - (old ? old->size() : 0);
  return (rules.retained_maximum_messages == 0 || messages <= rules.retained_maximum_messages) &&
         (rules.retained_maximum_bytes == 0 || bytes <= rules.retained_maximum_bytes);
}

retained_store::amount retained_store::limited() const {
  return {messages_.size() - system_.messages, messages_.bytes() - system_.bytes};
}

/// Brings the totals of the unit and of the node up to date.
void retained_store::count() {
  place_.counts.retained.change(
    static_cast<std::int64_t>(messages_.size()) - static_cast<std::int64_t>(counted_));
  counted_ = messages_.size();
  const auto before = std::exchange(limited_, limited());
  place_.company.limited_messages += limited_.messages - before.messages;
  place_.company.limited_bytes += limited_.bytes - before.bytes;
}

void retained_store::answer_waiting() {
  if (expected_ > 0)
    return;
  for (looks_ = 0; !waiting_.empty() && looks_ < most_looks; waiting_.pop_front())
    answer(waiting_.front());
  if (!waiting_.empty())
    put_into_mailbox(caf::actor_cast<caf::actor>(this), answer_on{});
}

void retained_store::answer(const replay& mail) {
  replayed found{mail.number, mail.cursor, {}, as_of_};
  auto& cursor = found.cursor;
  std::size_t bytes = 0;
  std::size_t wanted = 1;       // as many as will fit, by the size of those before
  bool found_all_wanted = true; // else it had to pass too much
  while (found_all_wanted && bytes < most_bytes && found.messages.size() < most_messages) {
    ++looks_;
    auto more = messages_.batch(mail.filter, cursor, {.messages = wanted, .visited = most_visited});
    found_all_wanted = more.size() == wanted && !cursor.done();
    for (auto& message : more) {
      bytes += message->size();
      if (!message->expired(now()))
        found.messages.push_back(std::move(message));
    }
    const auto each = bytes / (found.messages.size() + 1) + 1;
    wanted = std::clamp<std::size_t>((most_bytes - std::min(bytes, most_bytes)) / each, 1, 64);
  }
  if (!mail.until.empty() && cursor.is_behind(mail.until)) {
    std::erase_if(found.messages, [&](const auto& message) {
      return protocol::compare_topics(message->topic(), mail.until) >= 0;
    });
    cursor = {mail.until, protocol::retained_cursor::place::at};
  }
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
