#pragma once

#include "actors/counters.hpp"

#include <array>
#include <string_view>

namespace callboard::actors {

/// Something that is counted and that an operator should hear of, with what can be
/// done about it.
struct trouble {
  counter counters::*count;
  std::string_view what;
};

/// All of them. What is meant to be, such as expiry, is counted and no trouble.
inline constexpr std::array<trouble, 8> all_troubles{{
  {&counters::accepting_rested,
    "no file descriptors are left: clients wait, see LimitNOFILE and ulimit -n"},
  {&counters::connections_above_limit, "connections closed: maximum_connections is reached"},
  {&counters::dropped_output_full,
    "QoS 0 messages dropped: a client does not read, see output_maximum_bytes"},
  {&counters::dropped_packet_too_large,
    "messages dropped: larger than a client's maximum packet size"},
  {&counters::dropped_queue_full,
    "messages dropped: a queue is full, see queue_maximum_messages and queue_maximum_bytes"},
  {&counters::dropped_queues_full,
    "messages dropped: all queues together are full, see queue_total_maximum_messages and "
    "queue_total_maximum_bytes"},
  {&counters::dropped_retained_full,
    "retained messages dropped: retained_maximum_messages is reached"},
  {&counters::dropped_not_authorized,
    "messages dropped: their publishers may not publish below $SYS"},
}};

} // namespace callboard::actors
