#include "actors/reporter.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;
using member = counter counters::*;

/// How long a trouble is collected before it is told again.
constexpr auto between_warnings = 1s;

constexpr std::array<std::pair<std::string_view, member>, 28> all_counters{{
  {"connections_opened", &counters::connections_opened},
  {"connections_closed", &counters::connections_closed},
  {"connections_refused", &counters::connections_refused},
  {"connections_above_limit", &counters::connections_above_limit},
  {"accepting_rested", &counters::accepting_rested},
  {"sessions_created", &counters::sessions_created},
  {"sessions_ended", &counters::sessions_ended},
  {"bytes_received", &counters::bytes_received},
  {"bytes_sent", &counters::bytes_sent},
  {"packets_received", &counters::packets_received},
  {"packets_sent", &counters::packets_sent},
  {"messages_received", &counters::messages_received},
  {"messages_sent", &counters::messages_sent},
  {"messages_retained", &counters::messages_retained},
  {"subscriptions_made", &counters::subscriptions_made},
  {"subscriptions_ended", &counters::subscriptions_ended},
  {"dropped_output_full", &counters::dropped_output_full},
  {"dropped_packet_too_large", &counters::dropped_packet_too_large},
  {"dropped_queue_full", &counters::dropped_queue_full},
  {"dropped_queues_full", &counters::dropped_queues_full},
  {"dropped_expired", &counters::dropped_expired},
  {"dropped_client_away", &counters::dropped_client_away},
  {"dropped_retained_full", &counters::dropped_retained_full},
  {"dropped_not_authorized", &counters::dropped_not_authorized},
  {"dropped_damaged", &counters::dropped_damaged},
  {"errors", &counters::errors},
  {"subtree_splits", &counters::subtree_splits},
  {"subtree_merges", &counters::subtree_merges},
}};

} // namespace

std::string report_of(const company& node) {
  const auto waiting = node.waiting.now();
  auto text =
    fmt::format("clients={} clients_away={} subscriptions={} retained={} queued={} queued_bytes={}",
      node.clients.value(), node.clients_away(), node.subscriptions(), node.retained(),
      waiting.messages, waiting.bytes);
  for (const auto& [name, which] : all_counters)
    text += fmt::format(" {}={}", name, node.sum(which));
  if (node.keeps())
    text += fmt::format(" commits={} sessions_asleep={} sessions_woken={} recovered_sessions={} "
                        "recovered_retained={} recovery_ms={} ports_open_ms={}",
      node.commits.load(), node.found.asleep.load(), node.found.woken.load(),
      node.found.sessions.load(), node.found.retained.load(), node.found.milliseconds.load(),
      node.found.ports_open_ms.load());
  return text;
}

behavior reporter::make_behavior() {
  begun_ = now();
  return reads<report_wanted, trouble_seen, system_watched, system_left, publish_system>(*this);
}

void reporter::on(const report_wanted& mail) {
  mail.take(report_of(place_.company));
}

void reporter::on(const trouble_seen&) {
  auto& told = place_.company.trouble_told;
  bool more = tell_troubles();
  if (!more) {
    told.store(false);
    more = tell_troubles() && !told.exchange(true); // counted before they could see that
  }
  if (more)
    remind(now() + between_warnings, trouble_seen{});
}

void reporter::on(const system_watched& mail) {
  listeners_.emplace(mail.session, mail.filter);
  if (place_.rules.sys_interval != 0 && clock_ == reminder{})
    on(publish_system{});
}

void reporter::on(const system_left& mail) {
  listeners_.erase({mail.session, mail.filter});
  if (!listeners_.empty())
    return;
  cancel(std::exchange(clock_, {}));
  std::vector<system_value> nothing;
  for (const auto& [topic, text] : std::exchange(published_, {}))
    nothing.push_back({topic, {}});
  send(std::move(nothing));
}

void reporter::on(const publish_system&) {
  clock_ = remind(now() + std::chrono::seconds{place_.rules.sys_interval}, publish_system{});
  auto values = system_values(place_.company, now() - begun_);
  std::erase_if(values, [this](const system_value& one) {
    return std::exchange(published_[one.topic], one.text) == one.text;
  });
  send(std::move(values));
}

/// As retained messages; an empty text takes one away.
void reporter::send(std::vector<system_value> values) {
  if (values.empty())
    return;
  const auto kept = std::make_shared<const std::vector<system_value>>(std::move(values));
  publish mail;
  mail.batch = std::make_shared<packet_batch>();
  mail.batch->bytes = kept;
  for (const auto& [topic, text] : *kept) {
    protocol::publication publication;
    publication.topic = topic;
    publication.payload = text;
    publication.retain = true;
    mail.batch->packets.emplace_back(publication);
  }
  place_.routes.send(place_.routes.now().subtree_of(system_topic), std::move(mail));
}

/// Whether there were new ones.
bool reporter::tell_troubles() {
  bool any = false;
  for (std::size_t i = 0; i < all_troubles.size(); ++i) {
    const auto count = place_.company.sum(all_troubles[i].count);
    const auto fresh = count - told_[i];
    if (fresh == 0)
      continue;
    told_[i] = count;
    any = true;
    place_.note({.what = event::kind::trouble, .reason = all_troubles[i].what, .number = fresh});
  }
  return any;
}

} // namespace callboard::actors
