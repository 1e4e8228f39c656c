#pragma once

#include "actors/house.hpp"
#include "actors/mail.hpp"
#include "actors/runtime/actor.hpp"
#include "protocol/topics/retained_tree.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::actors {

/// The RETAINED STORE of a SUBTREE. Spawned with it on the same unit and dies with
/// it; hears its SUBTREE and, when topics change hands, other stores; answers its
/// SUBTREE, so that what is retained and what is published reach a subscriber in
/// one order.
class retained_store final : public actor {
public:
  using handle = retained_store_role;

  retained_store(caf::actor_config& config, unit& home, house& place)
      : actor{config, home}, place_{place} {}

  const char* name() const override { return "RETAINED STORE"; }

  void on(const retain& mail);
  void on(const replay& mail);
  void on(const hand_over_retained& mail);
  void on(const expect_retained& mail);
  void on(const adopt_retained& mail);
  void on(const answer_on& mail);
  void on(const expire& mail);

protected:
  behavior make_behavior() override;
  void flush() override;
  void leave() override;

private:
  struct amount {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
  };

  void take(const protocol::message_ptr& message);
  void remember(const protocol::message_ptr& message);
  void note_change(std::string_view topic, protocol::message_ptr message);
  bool has_room(const protocol::message& added) const;
  amount limited() const;
  void count();
  void answer_waiting();
  void answer(const replay& mail);
  void set_alarm();

  house& place_;
  protocol::retained_tree messages_;

  /// How many of them the unit has counted.
  std::size_t counted_ = 0;

  /// Of them the node's own, which have no limit.
  amount system_;

  /// What the node's totals have of the others: see count().
  amount limited_;

  /// Number of the last `retain`.
  std::uint64_t as_of_ = 0;

  /// Replays that wait: for their turn, or for topics on the way from another store.
  std::deque<replay> waiting_;

  /// How many times the tree was looked into in this turn.
  unsigned looks_ = 0;

  /// How many stores have yet to send theirs, and which topics have changed
  /// meanwhile, so that ours is the younger.
  unsigned expected_ = 0;
  std::set<std::string, std::less<>> changed_;

  /// Of this turn.
  persistence::batch journal_;
  std::vector<promise_ptr> promises_;

  reminder alarm_;
};

} // namespace callboard::actors
