#include "actors/branches.hpp"

#include "protocol/topics/topic_filter.hpp"
#include "protocol/topics/topic_order.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>

namespace callboard::actors {

void branches::call_back(const subtree_role& child) {
  std::ranges::find(all_, child, &branch::child)->returns = true;
}

std::optional<branches::branch> branches::remove(const subtree_role& child) {
  const auto found = std::ranges::find(all_, child, &branch::child);
  if (found == all_.end())
    return std::nullopt;
  auto gone = std::move(*found);
  all_.erase(found);
  return gone;
}

// -- topics ----------------------------------------------------------------------------

const branches::branch* branches::of(std::string_view topic) const {
  const auto found = std::ranges::find_if(
    all_, [&](const branch& one) { return protocol::is_below(topic, one.prefix); });
  return found == all_.end() ? nullptr : &*found;
}

publish branches::divide(
  const publish& mail, const std::function<void(const subtree_role&, publish)>& send) const {
  std::vector<publish> parts(all_.size() + 1); // the last one is nobody's
  const auto& packets = mail.batch->packets;
  const auto count = mail.which.empty() ? packets.size() : mail.which.size();
  std::size_t ticket = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto index = mail.which.empty() ? static_cast<std::uint32_t>(i) : mail.which[i];
    const auto& publication = std::get<protocol::publication>(packets[index]);
    const auto* to = of(publication.topic);
    auto& part = to == nullptr ? parts.back() : parts[static_cast<std::size_t>(to - all_.data())];
    part.which.push_back(index);
    if (publication.qos != protocol::qos::at_most_once && ticket < mail.tickets.size())
      part.tickets.push_back(mail.tickets[ticket++]);
  }
  for (auto& part : parts) {
    part.batch = mail.batch;
    part.publisher = mail.publisher;
    part.reply_to = mail.reply_to;
  }
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (!parts[i].which.empty())
      send(all_[i].child, std::move(parts[i]));
  return std::move(parts.back());
}

// -- filters ---------------------------------------------------------------------------

bool branches::reaches_into(std::string_view filter, const branch& one) {
  return protocol::may_match_below(filter, one.prefix);
}

bool branches::has_all_of(std::string_view filter) const {
  return std::ranges::any_of(all_, [&](const branch& one) {
    return reaches_into(filter, one) && !protocol::spans(filter, one.prefix);
  });
}

bool branches::returns(std::string_view filter) const {
  return std::ranges::any_of(
    all_, [&](const branch& one) { return one.returns && reaches_into(filter, one); });
}

// -- replays ---------------------------------------------------------------------------

const branches::branch* branches::next_in(const replay_progress& progress) const {
  const auto found = std::ranges::find_if(all_, [&](const branch& one) {
    return reaches_into(progress.filter, one) && (progress.cursor.stands_below(one.prefix) ||
                                                   !protocol::spans(progress.filter, one.prefix));
  });
  return found == all_.end() ? nullptr : &*found;
}

std::string_view branches::end_of(const replay_progress& progress) const {
  std::string_view end;
  for (const auto& one : all_)
    if (reaches_into(progress.filter, one) && !progress.cursor.is_behind(one.prefix) &&
        (end.empty() || protocol::compare_topics(one.prefix, end) < 0))
      end = one.prefix;
  return end;
}

} // namespace callboard::actors
