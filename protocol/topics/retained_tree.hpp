#pragma once

#include "protocol/message.hpp"
#include "protocol/topics/retained_cursor.hpp"
#include "protocol/topics/sorted_blocks.hpp"
#include "protocol/types.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace callboard::protocol {

/// What one call to retained_tree::batch may cost.
struct batch_limits {
  /// Messages to return, at least 1.
  std::size_t messages = 100;

  /// Topics to look at, whether they match or not, at least 1. Each costs
  /// O(log n) at worst.
  std::size_t visited = 1'000;
};

/// The last retained message of each topic. Owned by one retained store.
///
/// The messages stand in the order of their topics, level by level, in small
/// blocks; the topic is compared where it is, in the message. A filter with
/// wildcards leaps from one topic that might match to the next, so that it costs
/// no scan and a topic of 65,536 levels costs no more memory than a short one:
/// about 12 bytes a topic, 20 more if it expires.
class retained_tree {
public:
  /// Keeps the message as its topic's last. Returns the one that it replaces,
  /// if there is one. That an empty payload removes (MQTT5-3.3.1-6) is for the
  /// caller to see. O(log n).
  message_ptr set(message_ptr message);

  /// Returns the message that was there, if there was one. O(log n).
  message_ptr remove(std::string_view topic);

  /// Nothing if the topic has none. O(log n).
  message_ptr find(std::string_view topic) const;

  /// The next messages whose topics match the filter, in the order of their
  /// topics; moves the cursor behind them. May return fewer than wanted, even
  /// none, before the end: ask again until cursor.done(). A topic that has a
  /// message from the first batch to the last is returned exactly once, whatever
  /// is set or removed between; topics that come or go meanwhile once or not at
  /// all, unless they go and come again. The answers are those of matches()
  /// (E86). A message that has expired and was not yet removed is returned too.
  std::vector<message_ptr> batch(
    std::string_view filter, retained_cursor& cursor, batch_limits limits = {}) const;

  /// When the next message expires; `never` if none does.
  time_point next_expiry() const;

  /// Removes at most `limit` messages that have expired and returns them, the
  /// oldest first. O(log n) each.
  std::vector<message_ptr> expire(time_point now, std::size_t limit = SIZE_MAX);

  /// Removes at most `limit` messages whose topics are below the prefix (see
  /// is_below) and returns them: for another store, which now owns that part.
  /// O(log n) each.
  std::vector<message_ptr> extract_below(std::string_view prefix, std::size_t limit = SIZE_MAX);

  /// Topics that have a message.
  std::size_t size() const { return messages_.size(); }

  /// Bytes of the messages: topics, properties and payloads.
  std::size_t bytes() const { return bytes_; }

  /// Bytes that the tree itself holds beside the messages, about.
  std::size_t index_bytes() const { return messages_.bytes() + deadlines_.bytes(); }

private:
  /// When a message of messages_ expires.
  struct deadline {
    time_point at = never;
    const message* of = nullptr;
  };

  using messages = sorted_blocks<message_ptr>;
  using deadlines = sorted_blocks<deadline>;

  messages::position place_of(std::string_view topic) const;
  bool is_at(messages::position where, std::string_view topic) const;
  deadlines::position place_of(const message& expiring) const;
  message_ptr erase(messages::position where);
  void count_in(const message& added);
  void count_out(const message& gone);

  /// In the order of their topics.
  messages messages_;

  /// Of those that expire, the next first; in the order of their topics where
  /// several expire at a time.
  deadlines deadlines_;

  std::size_t bytes_ = 0;
};

} // namespace callboard::protocol
