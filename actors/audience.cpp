#include "actors/audience.hpp"

#include <algorithm>
#include <utility>

namespace callboard::actors {

namespace {

bool same_bytes(const express_group& left, const express_group& right) {
  const auto v5 = protocol::version::mqtt_5_0;
  return left.unit == right.unit && (left.version == v5) == (right.version == v5) &&
         left.retain_as_published == right.retain_as_published &&
         left.identifiers == right.identifiers;
}

} // namespace

void audience::clear() {
  express.clear();
  readers.clear();
  groups.clear();
}

void audience::add(std::span<const subscribed_session* const> of_one_client,
  const std::function<correspondent&(const subscribed_session&)>& by) {
  if (std::ranges::all_of(of_one_client, [](const auto* who) { return who->takes_express(); }))
    return add_express(of_one_client);
  auto& all = readers.emplace_back();
  all.to = &by(*of_one_client.front());
  all.client = of_one_client.front()->client;
  for (const auto* who : of_one_client) {
    const auto& options = who->options;
    all.maximum_qos = std::max(all.maximum_qos, options.maximum_qos);
    all.retain_as_published |= options.retain_as_published;
    all.identifiers.add(who->identifier);
    if (options.no_local)
      continue;
    all.hears_itself = true;
    all.own_maximum_qos = std::max(all.own_maximum_qos, options.maximum_qos);
    all.own_identifiers.add(who->identifier);
  }
}

void audience::add_express(std::span<const subscribed_session* const> of_one_client) {
  const auto& first = *of_one_client.front();
  express_group group{first.unit, first.version, false, {}, {}};
  for (const auto* who : of_one_client) {
    group.retain_as_published |= who->options.retain_as_published;
    group.identifiers.add(who->identifier);
  }
  const auto found =
    std::ranges::find_if(express, [&](const auto& other) { return same_bytes(other, group); });
  if (found != express.end()) {
    found->sinks.add(first.sink);
    return;
  }
  group.sinks.add(first.sink);
  express.push_back(std::move(group));
}

} // namespace callboard::actors
