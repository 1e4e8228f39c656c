#pragma once

#include "actors/settings.hpp"

#include <atomic>
#include <cstdint>

namespace callboard::actors {

/// An amount of messages in queues.
struct waiting_amount {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;

  friend bool operator==(const waiting_amount&, const waiting_amount&) = default;
};

/// What waits for absent clients in all queues of a node. Each SESSION says at the end
/// of its turn what has changed, from whatever thread; so the limits may be passed by
/// what comes to several in the same moment.
class waiting_total {
public:
  /// A session's queue is another one than at the end of its last turn.
  void change(const waiting_amount& from, const waiting_amount& to) {
    messages_.fetch_add(to.messages - from.messages, std::memory_order_relaxed);
    bytes_.fetch_add(to.bytes - from.bytes, std::memory_order_relaxed);
  }

  waiting_amount now() const {
    return {messages_.load(std::memory_order_relaxed), bytes_.load(std::memory_order_relaxed)};
  }

  /// Whether there is no room for another `size` bytes in the queue of a session which
  /// has `told` of its queue and has `more` by now. They may fill so much of the limits.
  bool is_full(const settings& rules, const waiting_amount& told, const waiting_amount& more,
    std::uint64_t size, std::uint8_t percent) const {
    const auto most_messages = rules.queue_total_maximum_messages;
    const auto most_bytes = rules.queue_total_maximum_bytes;
    const auto all = now();
    return (most_messages != 0 && all.messages - told.messages + more.messages >=
                                    protocol::share_of(most_messages, percent)) ||
           (most_bytes != 0 &&
             all.bytes - told.bytes + more.bytes + size > protocol::share_of(most_bytes, percent));
  }

private:
  std::atomic<std::uint64_t> messages_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
};

} // namespace callboard::actors
