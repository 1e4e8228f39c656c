#include "actors/house.hpp"

#include "actors/client_output.hpp"
#include "actors/mail.hpp"
#include "actors/trouble.hpp"

#include <algorithm>
#include <array>

namespace callboard::actors {

namespace {

constexpr std::array all_drops{&counters::dropped_output_full, &counters::dropped_packet_too_large,
  &counters::dropped_queue_full, &counters::dropped_queues_full, &counters::dropped_expired,
  &counters::dropped_client_away, &counters::dropped_retained_full,
  &counters::dropped_not_authorized, &counters::dropped_damaged};

protocol::session_limits limits_of(const settings& rules, bool keeps) {
  protocol::session_limits limits;
  limits.session_expiry = rules.session_expiry_maximum;
  limits.subscriptions =
    rules.maximum_subscriptions == 0 ? UINT32_MAX : rules.maximum_subscriptions;
  limits.in_flight = 65'535; // a client's own receive maximum holds, see session
  limits.receive_maximum = rules.receive_maximum;
  limits.queue_messages = rules.queue_maximum_messages;
  limits.queue_bytes = limits.in_flight_bytes = rules.queue_maximum_bytes;
  limits.when_full = rules.queue_policy == queue_policy::drop_newest
                       ? protocol::when_full::drop_newest
                       : protocol::when_full::drop_oldest;
  limits.shares = protocol::queue_shares{rules.queue_share_for};
  limits.queue_qos_0 = rules.queue_qos0;
  limits.keep_log = keeps;
  return limits;
}

} // namespace

company::company(const settings& node_rules, bool keeps)
    : rules{node_rules}, session_rules{limits_of(node_rules, keeps)}, transient{node_rules} {}

std::uint64_t company::sum(counter counters::*which) const {
  std::uint64_t all = 0;
  for (const auto* unit : houses)
    all += (unit->counts.*which).value();
  return all;
}

std::uint64_t company::sessions_awake() const {
  const auto ended = sum(&counters::sessions_ended);
  return sum(&counters::sessions_created) - ended;
}

std::uint64_t company::clients_away() const {
  const auto sessions = sessions_awake() + found.asleep;
  return sessions - std::min(sessions, clients.value());
}

std::uint64_t company::subscriptions() const {
  const auto ended = sum(&counters::subscriptions_ended);
  return sum(&counters::subscriptions_begun) - ended + found.asleep_subscriptions;
}

std::uint64_t company::retained() const {
  std::int64_t all = 0;
  for (const auto* unit : houses)
    all += unit->counts.retained.value();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(all, 0));
}

std::uint64_t company::dropped() const {
  std::uint64_t all = 0;
  for (const auto which : all_drops)
    all += sum(which);
  return all;
}

house::house(actors::unit& unit, std::uint16_t unit_number, actors::company& node)
    : home{unit}, company{node}, number{unit_number}, rules{node.rules} {
  home.when_round_ends([this] {
    write_all();
    look_for_trouble();
  });
}

void house::write_all() {
  // A write may find its connection broken, which makes nobody dirty.
  for (auto* output : dirty)
    output->write();
  dirty.clear();
}

void house::look_for_trouble() {
  std::uint64_t now = 0;
  for (const auto& each : all_troubles)
    now += (counts.*each.count).value();
  if (now == troubles_ || !company.watched_by)
    return;
  troubles_ = now;
  if (!company.trouble_told.load() && !company.trouble_told.exchange(true))
    tell(company.reporter, trouble_seen{});
}

} // namespace callboard::actors
