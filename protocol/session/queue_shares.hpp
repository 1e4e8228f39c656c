#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::protocol {

/// What the messages on some topics may fill of a queue.
struct queue_share {
  /// A topic filter, matched as that of a subscription.
  std::string filter;

  /// Of each of the queue's limits, 1 to 100.
  std::uint8_t percent = 100;

  friend bool operator==(const queue_share&, const queue_share&) = default;
};

/// Room in queues by priority: who may fill less of them leaves the rest to the others
/// (partial buffer sharing: Kröner, Hébuterne, Boyer, Gravey, Priority Management in ATM
/// Switching Nodes, IEEE JSAC 9(3), 1991). The order of a queue is not touched.
class queue_shares {
public:
  queue_shares() = default;
  explicit queue_shares(std::vector<queue_share> all);

  /// What a message on this topic may fill, in percent. The first filter that matches
  /// decides; without one it is all. Takes as long as there are filters.
  std::uint8_t percent_of(std::string_view topic) const;

  /// What every message may fill, in percent.
  std::uint8_t least() const { return least_; }

private:
  std::vector<queue_share> all_;
  std::uint8_t least_ = 100;
};

/// So much of a limit, rounded down.
constexpr std::uint64_t share_of(std::uint64_t limit, std::uint8_t percent) {
  return limit / 100 * percent + limit % 100 * percent / 100;
}

} // namespace callboard::protocol
