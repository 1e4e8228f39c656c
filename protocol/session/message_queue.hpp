#pragma once

#include "protocol/session/delivery.hpp"
#include "protocol/session/delivery_tally.hpp"
#include "protocol/session/fifo.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace callboard::protocol {

/// Deliveries that wait until the client is there and has room, in order. How
/// many may wait is the session's decision.
///
/// Of a long queue a part may *rest*: only the store has it, and of it no more is
/// known here than how much it is. In front of it lie the first ones, behind it those
/// that came since; what rests comes back in front, portion by portion.
class message_queue {
public:
  void push(delivery&& what);

  /// Not when empty, nor when the first one rests. Until the next change.
  const delivery& front() const { return waiting_.front(); }

  /// Takes the first one out. Not when front() is not.
  delivery pop();

  /// Takes out all that came from share groups, in order.
  std::vector<delivery> take_shared();

  bool empty() const { return all_.count == 0; }
  std::size_t size() const { return all_.count; }

  /// Of the messages that wait.
  std::uint64_t bytes() const { return all_.bytes; }

  /// Whether messages of QoS 0 are among them.
  bool holds_qos_0() const { return all_.qos_0 != 0; }

  /// From front to back, but for those that rest.
  template <class Visit>
  void for_each(Visit visit) const {
    waiting_.for_each(visit);
    if (rest_)
      rest_->behind.for_each(visit);
  }

  // -- what rests in the store --------------------------------------------------------

  /// The first one has to be brought back before anything can be done with it.
  bool front_rests() const { return rest_ && waiting_.empty(); }

  /// What rests.
  delivery_tally resting() const { return rest_ ? rest_->what : delivery_tally{}; }

  /// What does not rest.
  delivery_tally in_memory() const;

  /// How many lie in front of what rests.
  std::size_t size_in_front() const { return waiting_.size(); }

  /// Lets all but the first ones, up to this portion, rest; what lies behind others that
  /// rest does, too. The store must have them: with some that it has not, and with some of
  /// share groups, which may have to be given back at any time, none does.
  void rest(const queue_portion& kept);

  /// So much more than is here rests.
  void add_resting(const delivery_tally& more);

  /// The first of those that rest are back, in order, but for what is lost. The store has
  /// no more if these are none. Says how many are lost.
  std::uint64_t wake(std::vector<delivery>&& first, const delivery_tally& lost = {});

  friend bool operator==(const message_queue& left, const message_queue& right);

private:
  using list = fifo<delivery, 16>;

  struct resting_part {
    delivery_tally what;
    list behind;
  };

  void stop_resting();

  list waiting_;
  delivery_tally all_;
  std::unique_ptr<resting_part> rest_; // none if nothing rests
};

} // namespace callboard::protocol
