#pragma once

#include "protocol/packets/subscribe.hpp"
#include "protocol/session/delivery.hpp"
#include "protocol/session/subscription_set.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace callboard::actors {

class client_output;

/// Keeps QoS 0 in order for one client, to whom it comes on two ways: by express, from
/// a SUBTREE through the EXPRESS of the unit into the output, and by way of its SESSION.
/// Owned by the SESSION.
///
/// Which way a subscription takes changes with its options and with the client's
/// connection. Where it goes over to the express, the output holds what comes by express
/// until what is older has come by way of the session and has been sent. Where it leaves
/// the express, what comes by way of the session waits here until the EXPRESS has passed
/// on what it had.
class express_order {
public:
  /// What a SUBSCRIBE or UNSUBSCRIBE does to the ways.
  struct change {
    bool to_session = false;
    bool to_express = false;
  };

  /// There is a subscription with these options from now on.
  void expect(const protocol::subscription_options& options);

  change change_by(
    const protocol::subscribe& packet, const protocol::subscription_set& before) const;
  change change_by(
    const protocol::unsubscribe& packet, const protocol::subscription_set& before) const;

  /// Whether what comes behind this change could not be told from what comes before
  /// another one that is under way. None of them takes longer than a few mails,
  /// whatever the client does.
  bool must_wait(const change& what) const {
    return (what.to_session && held_ == hold_until::lent) ||
           (what.to_express && follower_ && follower_->fences > 0);
  }

  /// Nothing is held any more, and nothing waits: the connection is gone. Says how many
  /// messages have waited, which QoS 0 does not survive.
  std::size_t forget();

  // -- towards the express -----------------------------------------------------------

  /// The SUBTREEs are told of a change; until they all know, and what waits in the
  /// session's queue is sent, the output (null: it has closed) holds what comes by express.
  void hold(client_output* out);

  /// They know. False: of another change they do not know yet.
  bool lent();

  /// Whether only what waits in the session's queue is to be sent before.
  bool is_due() const { return held_ == hold_until::drained; }

  /// It has been sent.
  void release(client_output* out);

  // -- away from the express -----------------------------------------------------------

  /// Topics leave the express: a fence is on its way through the EXPRESS.
  void follow();

  /// It is through. False: another one is not.
  bool has_left() { return follower_ && --follower_->fences == 0; }

  /// Whether QoS 0 that comes by way of the session has to wait() or be held between.
  bool follows() const { return follower_ != nullptr; }

  /// Whether topics have come back to the express while older messages are held there:
  /// what comes by way of the session goes between the two.
  bool is_between() const { return follower_ && follower_->is_between; }

  /// False: it is dropped, as more than so many bytes would wait.
  bool wait(protocol::delivery&& what, std::size_t most_bytes);

  /// What has waited, if nothing is before it any more.
  std::vector<protocol::delivery> take_what_followed();

  /// Topics are about to come back to the express: what has waited, to be held between
  /// what the output holds already and what is to come.
  std::vector<protocol::delivery> go_between(client_output* out);

private:
  enum class hold_until : std::uint8_t { none, lent, drained };

  struct follower {
    bool is_between = false;
    std::size_t fences = 0; // on their way through the EXPRESS
    std::vector<protocol::delivery> waiting;
    std::size_t bytes = 0;
  };

  std::unique_ptr<follower> follower_;
  std::uint32_t lends_ = 0; // of this connection, on their way
  hold_until held_ = hold_until::none;
  bool has_been_used_ = false; // there was a subscription that takes the express
};

} // namespace callboard::actors
