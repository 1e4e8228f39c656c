#include "actors/audiences.hpp"

#include "protocol/topics/topic_filter.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <utility>

namespace callboard::actors {

namespace {

/// How many answers of the filter trees are remembered, and for how long topics.
constexpr std::size_t places = 2048;
constexpr std::size_t longest_remembered = 256; // bytes

} // namespace

void audiences::begin(std::mt19937_64& random) {
  sessions_ = protocol::filter_tree<subscribed_session>{random()};
  groups_ = protocol::filter_tree<subscribed_group>{random()};
}

void audiences::add(const std::string& filter, const subscribed_session& who) {
  ++version_;
  sessions_.insert(filter, who);
}

void audiences::add(const std::string& filter, const subscribed_group& who) {
  ++version_;
  groups_.insert(filter, who);
}

void audiences::remove_session(std::string_view filter, std::uint64_t key) {
  ++version_;
  sessions_.erase(filter, key);
}

void audiences::remove_group(std::string_view filter, std::uint64_t key) {
  ++version_;
  groups_.erase(filter, key);
  member_groups_.erase(key);
}

void audiences::forget_session(std::uint64_t key) {
  std::vector<std::string> filters;
  sessions_.for_each([&](std::string_view filter, const subscribed_session& who) {
    if (who.key() == key)
      filters.emplace_back(filter);
  });
  for (const auto& filter : filters)
    sessions_.erase(filter, key);
  ++version_;
}

bool audiences::connect(const lend& mail) {
  auto* who = sessions_.find(mail.filter, mail.key);
  if (who == nullptr)
    return false;
  ++version_;
  who->sink = mail.sink;
  who->connected = static_cast<bool>(mail.sink);
  who->version = mail.version;
  return true;
}

void audiences::clear() {
  sessions_ = protocol::filter_tree<subscribed_session>{};
  groups_ = protocol::filter_tree<subscribed_group>{};
  remembered_.clear();
  member_groups_.clear();
}

audience& audiences::of(std::string_view topic) {
  if (topic.size() > longest_remembered) {
    find_audience(topic, other_);
    return other_;
  }
  if (remembered_.empty())
    remembered_.resize(places);
  auto& place = remembered_[std::hash<std::string_view>{}(topic) % places];
  if (place.who.version != version_ || place.topic != topic) {
    place.topic = topic;
    find_audience(topic, place.who);
  }
  return place.who;
}

void audiences::find_audience(std::string_view topic, audience& found) {
  found.clear();
  found.version = version_;
  found.transient = place_.company.is_transient(topic);
  std::vector<const subscribed_session*> all;
  std::size_t filters = 0;
  sessions_.match_filters(topic, [&](std::span<const subscribed_session> of_filter) {
    ++filters;
    for (const auto& who : of_filter)
      all.push_back(&who);
  });
  if (filters > 1) // then a client may be there more than once
    std::ranges::stable_sort(all, {}, [](const auto* who) { return who->key(); });
  const auto by = [this](
                    const subscribed_session& who) -> correspondent& { return by_mail_.of(who); };
  for (auto at = all.begin(); at != all.end();) {
    const auto key = (*at)->key();
    const auto end =
      std::find_if(at, all.end(), [&](const auto* who) { return who->key() != key; });
    found.add({at, end}, by);
    at = end;
  }
  groups_.match(topic, [&](const subscribed_group& who) {
    auto& group = member_groups_[who.key()];
    if (!group)
      group = std::make_unique<member_group>(member_group{who.group, {}, false});
    found.groups.push_back(group.get());
  });
}

// -- how the topics are divided --------------------------------------------------------

adopt audiences::split_off(std::string_view prefix) {
  adopt handed;
  sessions_.for_each([&](std::string_view filter, const subscribed_session& who) {
    if (protocol::may_match_below(filter, prefix))
      handed.subscriptions.emplace_back(filter, who);
  });
  groups_.for_each([&](std::string_view filter, const subscribed_group& who) {
    if (protocol::may_match_below(filter, prefix))
      handed.groups.emplace_back(filter, who);
  });
  for (const auto& [filter, who] : handed.subscriptions)
    if (!protocol::spans(filter, prefix))
      sessions_.erase(filter, who.key());
  for (const auto& [filter, who] : handed.groups)
    if (!protocol::spans(filter, prefix))
      groups_.erase(filter, who.key());
  ++version_;
  return handed;
}

adopt audiences::all() const {
  adopt handed;
  sessions_.for_each([&](std::string_view filter, const subscribed_session& who) {
    handed.subscriptions.emplace_back(filter, who);
  });
  groups_.for_each([&](std::string_view filter, const subscribed_group& who) {
    handed.groups.emplace_back(filter, who);
  });
  return handed;
}

void audiences::take(const adopt& mail) {
  for (const auto& [filter, who] : mail.subscriptions)
    sessions_.insert(filter, who);
  for (const auto& [filter, who] : mail.groups)
    groups_.insert(filter, who);
  ++version_;
}

} // namespace callboard::actors
