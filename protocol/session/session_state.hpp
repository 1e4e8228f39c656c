#pragma once

#include "protocol/session/inbound_window.hpp"
#include "protocol/session/message_queue.hpp"
#include "protocol/session/operation.hpp"
#include "protocol/session/outbound_window.hpp"
#include "protocol/session/subscription_set.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace callboard::protocol {

/// What a session is besides its connection: everything that must survive a
/// restart or be copied to another node (MQTT5-4.1.0-1, MQTT5-4.1.0-2). Changes only
/// by operations. What is not used holds no memory. Operations that do not fit,
/// such as the last ones of a session that has ended already, do nothing.
class session_state {
public:
  /// A connection has begun the session and nothing has ended it.
  bool begun() const { return begun_; }
  bool attached() const { return attached_; }

  /// Seconds; `forever`: never ends.
  std::uint32_t expiry() const { return expiry_; }

  /// When the session ends unless its client comes back; never while attached.
  time_point ends_at() const { return attached_ || !begun_ ? never : after(detached_at_, expiry_); }

  /// Null if there is none.
  const will_ptr& will() const { return will_; }

  /// When the will is due; never, if it is not.
  time_point will_at() const { return will_at_; }

  const subscription_set& subscriptions() const { return subscriptions_; }

  /// Null if never used.
  outbound_window* outbound() { return outbound_.get(); }
  const outbound_window* outbound() const { return outbound_.get(); }
  inbound_window* inbound() { return inbound_.get(); }
  const inbound_window* inbound() const { return inbound_.get(); }
  const message_queue* queue() const { return queue_.get(); }

  /// Made if there was none.
  inbound_window& need_inbound();
  outbound_window& need_outbound();

  // -- change -------------------------------------------------------------------

  void apply(const client_attached& change);
  void apply(const client_detached& change);
  void apply(const expiry_changed& change);
  void apply(const will_set& change);
  void apply(const will_armed& change);
  void apply(const will_cleared& change);
  void apply(subscription_put&& change);
  void apply(const subscription_removed& change);
  void apply(delivery_enqueued&& change);
  void apply(const delivery_sent& change);
  void apply(const delivery_released& change);
  void apply(const shares_returned& change);
  void apply(const publication_received& change);
  void apply(const publication_freed& change);
  void apply(const session_ended& change);
  void apply(delivery_in_flight&& change);
  void apply(const numbers_continued& change);
  void apply(const deliveries_resting& change);

  /// What left the queue, or the flight.
  delivery apply(const delivery_passed& change);
  delivery apply(const delivery_settled& change);

  void apply(const operation& change);
  void apply(std::span<const operation> changes);

  // -- what of the queue rests in the store (see message_queue) ---------------------

  void rest(const queue_portion& kept);
  std::uint64_t wake(std::vector<delivery>&& first, const delivery_tally& lost = {});

  /// Operations that make a fresh state equal to this one, apart from what does not
  /// last. Not if some of it rests.
  std::vector<operation> snapshot() const;

  /// Gives back memory of what is empty.
  void shrink();

  /// Equal, but for the present connection.
  friend bool operator==(const session_state& left, const session_state& right);

private:
  bool has_first() const { return queue_ && !queue_->empty() && !queue_->front_rests(); }
  message_queue& need_queue();
  void snapshot_messages(std::vector<operation>& all) const;

  subscription_set subscriptions_;
  std::unique_ptr<outbound_window> outbound_;
  std::unique_ptr<inbound_window> inbound_;
  std::unique_ptr<message_queue> queue_;
  will_ptr will_;
  time_point will_at_ = never;
  time_point detached_at_;
  std::uint32_t expiry_ = 0;
  bool begun_ = false;
  bool attached_ = false;
};

} // namespace callboard::protocol
