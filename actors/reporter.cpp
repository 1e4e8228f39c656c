#include "actors/reporter.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace callboard::actors {

namespace {

using member = counter counters::*;

constexpr std::array<std::pair<std::string_view, member>, 21> all_counters{{
  {"connections_opened", &counters::connections_opened},
  {"connections_closed", &counters::connections_closed},
  {"connections_refused", &counters::connections_refused},
  {"sessions_created", &counters::sessions_created},
  {"sessions_ended", &counters::sessions_ended},
  {"bytes_received", &counters::bytes_received},
  {"bytes_sent", &counters::bytes_sent},
  {"packets_received", &counters::packets_received},
  {"messages_received", &counters::messages_received},
  {"messages_sent", &counters::messages_sent},
  {"messages_retained", &counters::messages_retained},
  {"subscriptions_made", &counters::subscriptions_made},
  {"dropped_output_full", &counters::dropped_output_full},
  {"dropped_packet_too_large", &counters::dropped_packet_too_large},
  {"dropped_queue_full", &counters::dropped_queue_full},
  {"dropped_expired", &counters::dropped_expired},
  {"dropped_client_away", &counters::dropped_client_away},
  {"dropped_retained_full", &counters::dropped_retained_full},
  {"errors", &counters::errors},
  {"subtree_splits", &counters::subtree_splits},
  {"subtree_merges", &counters::subtree_merges},
}};

} // namespace

std::string report_of(const company& node) {
  std::string text;
  for (const auto& [name, which] : all_counters) {
    std::uint64_t sum = 0;
    for (const auto* unit : node.houses)
      sum += (unit->counts.*which).value();
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, sum);
  }
  return text;
}

behavior reporter::make_behavior() {
  return reads<report_wanted>(*this);
}

void reporter::on(const report_wanted& mail) {
  mail.take(report_of(place_.company));
}

} // namespace callboard::actors
