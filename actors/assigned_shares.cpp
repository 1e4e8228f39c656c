#include "actors/assigned_shares.hpp"

#include <algorithm>

namespace callboard::actors {

namespace {

/// A group's own token takes the low bits, the mark the high ones.
constexpr unsigned token_bits = 40;
constexpr std::uint64_t token_mask = (std::uint64_t{1} << token_bits) - 1;

std::uint64_t mark_of(protocol::subscription_number subscription) {
  return subscription & (UINT64_MAX >> token_bits);
}

/// As share groups call themselves.
std::string group_name_of(const protocol::subscription& shared) {
  return std::string{shared.share_name()}.append("/").append(shared.topic_filter());
}

} // namespace

protocol::share_token assigned_shares::marked(
  protocol::subscription_number subscription, protocol::share_token token) {
  return token == 0 ? 0 : token | mark_of(subscription) << token_bits;
}

void assigned_shares::take(const deliver_share& mail, const protocol::subscription* mine) {
  auto& from = groups_[mark_of(mail.subscription)];
  from.group = mail.from;
  if (from.name.empty() && mail.kept)
    from.name = group_name_of(*mine);
  for (const auto& delivery : mail.deliveries)
    from.count += delivery.share != 0 ? 1 : 0;
}

void assigned_shares::take_begun(protocol::subscription_number subscription, std::size_t count) {
  groups_[mark_of(subscription)].count = count;
}

void assigned_shares::begin(protocol::share_token token) {
  if (token == 0)
    return;
  const auto from = groups_.find(token >> token_bits);
  if (from != groups_.end() && !from->second.name.empty())
    changes_.push_back({from->second.name, token & token_mask, {}});
}

void assigned_shares::report(
  const std::vector<protocol::share_report>& what, bool lasts, const report_to& tell) {
  std::map<std::uint64_t, share_settled> by_mark;
  for (const auto& one : what)
    by_mark[one.share >> token_bits].reports.push_back({one.share & token_mask, one.outcome});
  for (auto& [mark, mail] : by_mark) {
    const auto found = groups_.find(mark);
    if (found == groups_.end())
      continue;
    auto& [group, count, name] = found->second;
    count -= std::min(count, mail.reports.size());
    for (const auto& one : mail.reports)
      if (one.outcome == protocol::share_outcome::settled && !name.empty() && lasts)
        changes_.push_back({name, one.share, {}});
    if (group)
      tell(group, std::move(mail));
    if (count == 0)
      groups_.erase(found);
  }
}

void assigned_shares::has_left(const std::string& filter) {
  if (const auto found = leaving_.find(filter); found != leaving_.end())
    leaving_.erase(found);
}

std::vector<protocol::share_report> all_returned(const deliver_share& mail) {
  std::vector<protocol::share_report> all;
  for (const auto& delivery : mail.deliveries)
    if (delivery.share != 0)
      all.push_back({delivery.share, protocol::share_outcome::returned});
  return all;
}

std::vector<std::pair<protocol::subscription_number, share_begun>> begun_shares(
  const protocol::session_state& state) {
  std::map<std::uint64_t, std::vector<protocol::share_token>> by_mark;
  if (const auto* window = state.outbound())
    for (const auto id : window->in_order())
      if (const auto share = window->find(id)->what.share; share != 0)
        by_mark[share >> token_bits].push_back(share & token_mask);
  std::vector<std::pair<protocol::subscription_number, share_begun>> begun;
  for (const auto& mine : state.subscriptions().all()) {
    const auto found = by_mark.find(mark_of(mine.number));
    if (found != by_mark.end() && mine.shared())
      begun.push_back({mine.number,
        {std::string{mine.share_name()}, std::string{mine.topic_filter()}, found->second}});
  }
  return begun;
}

} // namespace callboard::actors
