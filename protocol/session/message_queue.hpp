#pragma once

#include "protocol/session/delivery.hpp"
#include "protocol/session/fifo.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace callboard::protocol {

/// Deliveries that wait until the client is there and has room, in order. How
/// many may wait is the session's decision.
class message_queue {
public:
  void push(delivery&& what);

  /// Not when empty. Until the next change.
  const delivery& front() const { return waiting_.front(); }

  /// Takes the first one out. Not when empty.
  delivery pop();

  /// Takes out all that came from share groups, in order.
  std::vector<delivery> take_shared();

  bool empty() const { return waiting_.empty(); }
  std::size_t size() const { return waiting_.size(); }

  /// Of the messages that wait.
  std::uint64_t bytes() const { return bytes_; }

  /// Whether messages of QoS 0 are among them.
  bool holds_qos_0() const { return qos_0_ != 0; }

  template <class Visit>
  void for_each(Visit visit) const {
    waiting_.for_each(visit);
  }

  friend bool operator==(const message_queue& left, const message_queue& right);

private:
  fifo<delivery, 16> waiting_;
  std::uint64_t bytes_ = 0;
  std::size_t qos_0_ = 0;
};

} // namespace callboard::protocol
