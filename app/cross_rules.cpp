#include "app/cross_rules.hpp"

#include "app/endpoint.hpp"

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

} // namespace

std::vector<cross_complaint> check_together(const actors::settings& settings) {
  complaints found;
  check_duplicates(settings.mqtt, found);
  if (!settings.allow_anonymous)
    check_openness(settings.mqtt, found);
  check_rates(settings, found);
  return found;
}

} // namespace callboard::app
