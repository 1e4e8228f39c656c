#pragma once

#include "protocol/types.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

namespace callboard::actors {

/// What a SESSION may not send before the store has what the session said last:
/// acknowledgements that promise something, and packets of QoS 2 that must not be
/// sent under another identifier after a restart. In order, each with the number of
/// the session's journal that it waits for.
class withheld_output {
public:
  struct item {
    std::uint64_t number = 0;

    /// Encoded; or, if it is empty, the PUBLISH that is in flight as `publication`.
    std::string bytes;
    protocol::packet_id publication = 0;
    bool dup = false;
  };

  void add(item one) { items_.push_back(std::move(one)); }

  /// Calls send(item) for each that waits for this journal or an older one.
  template <class Send>
  void release(std::uint64_t number, Send send) {
    for (; !items_.empty() && items_.front().number <= number; items_.pop_front())
      send(items_.front());
  }

  void clear() { items_.clear(); }
  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }

private:
  std::deque<item> items_;
};

} // namespace callboard::actors
