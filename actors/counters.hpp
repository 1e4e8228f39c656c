#pragma once

#include <atomic>
#include <cstdint>

namespace callboard::actors {

/// A number that one thread counts up and any thread may read. Never falls.
class counter {
public:
  void add(std::uint64_t more = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// A number of one thread's that goes up and down and any thread may read. Those of
/// all units together are never below 0.
class level {
public:
  void change(std::int64_t by) {
    value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::int64_t> value_ = 0;
};

/// A number that any thread lets rise and fall, and how high it has been.
class gauge {
public:
  void rise() {
    const auto now = value_.fetch_add(1) + 1;
    auto before = highest_.load();
    while (before < now && !highest_.compare_exchange_weak(before, now)) {
    }
  }
  void fall() { value_.fetch_sub(1); }
  std::uint64_t value() const { return value_.load(); }
  std::uint64_t highest() const { return highest_.load(); }

private:
  std::atomic<std::uint64_t> value_ = 0;
  std::atomic<std::uint64_t> highest_ = 0;
};

/// What a unit's actors count: each unit has its own, the REPORTER adds them up.
struct counters {
  counter connections_opened;
  counter connections_closed;
  counter connections_refused; // by CONNACK, or without a CONNECT worth an answer
  counter connections_above_limit;
  counter accepting_rested; // for lack of file descriptors
  counter sessions_created;
  counter sessions_ended;

  counter bytes_received;
  counter bytes_sent;
  counter packets_received;
  counter packets_sent;      // but for PUBLISH
  counter messages_received; // PUBLISH packets from clients
  counter messages_sent;     // PUBLISH packets to clients
  counter messages_retained; // set or removed
  counter subscriptions_made;
  counter subscriptions_begun; // made where there was none of the filter
  counter subscriptions_ended;
  level retained;

  // Messages that did not reach a client, by reason.
  counter dropped_output_full;      // QoS 0, the client's socket takes nothing
  counter dropped_packet_too_large; // above the client's maximum packet size
  counter dropped_queue_full;
  counter dropped_queues_full; // all of the node together
  counter dropped_expired;
  counter dropped_client_away; // QoS 0 and the client is not connected
  counter dropped_retained_full;
  counter dropped_not_authorized; // the client may not publish there
  counter dropped_damaged;        // the store could not read them

  counter errors; // connections ended for a malformed packet or protocol error
  counter subtree_splits;
  counter subtree_merges;
};

} // namespace callboard::actors
