#include "app/cross_rules.hpp"

#include "app/endpoint.hpp"
#include "protocol/topics/topic_filter.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <span>

namespace callboard::app {

namespace {

using complaints = std::vector<cross_complaint>;

void check_duplicates(std::span<const actors::endpoint> places, complaints& found) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto before = places.first(i);
    const auto twice = std::find(before.begin(), before.end(), places[i]) != before.end();
    if (twice && places[i].port != 0) // each 0 is a port of its own
      found.push_back({"mqtt", i,
        {fmt::format("{} is listed twice", to_string(places[i])), "remove one of them"}});
  }
}

void check_openness(std::span<const actors::endpoint> places, complaints& found) {
  for (std::size_t i = 0; i < places.size(); ++i)
    if (!is_loopback(places[i]))
      found.push_back({"mqtt", i,
        {fmt::format(
           "anybody who reaches {} from another machine would be let in", to_string(places[i])),
          "set allow_anonymous = true if you mean that, or listen on 127.0.0.1 or [::1]"}});
}

void check_rates(const actors::settings& settings, complaints& found) {
  const auto split = settings.subtree_split_rate;
  const auto merge = settings.subtree_merge_rate;
  if (split != 0 && merge >= split)
    found.push_back({"subtree_merge_rate", 0,
      {fmt::format("subtree_merge_rate, {}, is not below subtree_split_rate, {}", merge, split),
        "lower the one or raise the other, or subtrees are merged as soon as they are split"}});
}

/// The first filter that matches decides: none is of use behind one that matches all
/// that it does.
template <class Rule>
void check_filters(std::string_view key, std::span<const Rule> all, complaints& found) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto before = all.first(i);
    const auto wider = std::ranges::find_if(
      before, [&](const auto& one) { return protocol::covers(one.filter, all[i].filter); });
    if (wider == before.end())
      continue;
    if (wider->filter == all[i].filter)
      found.push_back(
        {key, i, {fmt::format("{} is listed twice", all[i].filter), "remove one of them"}});
    else
      found.push_back({key, i,
        {fmt::format("{} never decides: {} stands before it and matches the same topics",
           all[i].filter, wider->filter),
          fmt::format("put {} in front of {}, or remove it", all[i].filter, wider->filter)}});
  }
}

} // namespace

std::vector<cross_complaint> check_together(const actors::settings& settings) {
  complaints found;
  check_duplicates(settings.mqtt, found);
  if (!settings.allow_anonymous)
    check_openness(settings.mqtt, found);
  check_rates(settings, found);
  check_filters("durability_for", std::span{settings.durability_for}, found);
  check_filters("queue_share_for", std::span{settings.queue_share_for}, found);
  return found;
}

} // namespace callboard::app
