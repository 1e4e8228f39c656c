#include "actors/system_topics.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>

namespace callboard::actors {

namespace {

/// A number under its topic below $SYS/broker/.
struct number {
  std::string_view topic;
  std::uint64_t (*of)(const company& node);
};

template <counter counters::*Which>
std::uint64_t sum(const company& node) {
  return node.sum(Which);
}

/// Mosquitto's names where it has them: what reads those reads these.
constexpr std::array numbers{
  number{"clients/connected", [](const company& node) { return node.clients.value(); }},
  number{"clients/disconnected", [](const company& node) { return node.clients_away(); }},
  number{"clients/total",
    [](const company& node) { return node.clients.value() + node.clients_away(); }},
  number{"clients/maximum", [](const company& node) { return node.clients.highest(); }},
  number{"connections/socket/count", sum<&counters::connections_opened>},
  number{"messages/received", sum<&counters::packets_received>},
  number{"messages/sent",
    [](const company& node) {
      return node.sum(&counters::packets_sent) + node.sum(&counters::messages_sent);
    }},
  number{"bytes/received", sum<&counters::bytes_received>},
  number{"bytes/sent", sum<&counters::bytes_sent>},
  number{"publish/messages/received", sum<&counters::messages_received>},
  number{"publish/messages/sent", sum<&counters::messages_sent>},
  number{"publish/messages/dropped", [](const company& node) { return node.dropped(); }},
  number{"publish/messages/dropped/output_full", sum<&counters::dropped_output_full>},
  number{"publish/messages/dropped/packet_too_large", sum<&counters::dropped_packet_too_large>},
  number{"publish/messages/dropped/queue_full", sum<&counters::dropped_queue_full>},
  number{"publish/messages/dropped/queues_full", sum<&counters::dropped_queues_full>},
  number{"publish/messages/dropped/expired", sum<&counters::dropped_expired>},
  number{"publish/messages/dropped/client_away", sum<&counters::dropped_client_away>},
  number{"publish/messages/dropped/retained_full", sum<&counters::dropped_retained_full>},
  number{"publish/messages/dropped/not_authorized", sum<&counters::dropped_not_authorized>},
  number{"publish/messages/dropped/damaged", sum<&counters::dropped_damaged>},
  number{"subscriptions/count", [](const company& node) { return node.subscriptions(); }},
  number{"queued messages/count", [](const company& node) { return node.waiting.now().messages; }},
  number{"queued messages/bytes", [](const company& node) { return node.waiting.now().bytes; }},
  number{"sessions/awake", [](const company& node) { return node.sessions_awake(); }},
  number{"sessions/asleep", [](const company& node) { return node.found.asleep.load(); }},
  number{"sessions/woken", [](const company& node) { return node.found.woken.load(); }},
  number{"recovery/sessions", [](const company& node) { return node.found.sessions.load(); }},
  number{
    "recovery/retained messages", [](const company& node) { return node.found.retained.load(); }},
  number{"recovery/shared messages", [](const company& node) { return node.found.shares.load(); }},
  number{
    "recovery/milliseconds", [](const company& node) { return node.found.milliseconds.load(); }},
  number{"recovery/ports open after milliseconds",
    [](const company& node) { return node.found.ports_open_ms.load(); }},
  number{"retained messages/count", [](const company& node) { return node.retained(); }},
};

} // namespace

std::vector<system_value> system_values(const company& node, duration uptime) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(uptime).count();
  std::vector<system_value> all;
  const auto add = [&](std::string_view topic, std::string text) {
    all.push_back({fmt::format("{}/broker/{}", system_topic, topic), std::move(text)});
  };
  add("version", node.software);
  add("uptime", fmt::format("{} seconds", seconds));
  for (const auto& each : numbers)
    add(each.topic, std::to_string(each.of(node)));
  return all;
}

} // namespace callboard::actors
