#pragma once

#include "actors/audience.hpp"
#include "actors/audiences.hpp"
#include "actors/branches.hpp"
#include "actors/correspondents.hpp"
#include "actors/fan_out.hpp"
#include "actors/house.hpp"
#include "actors/load_meter.hpp"
#include "actors/mail.hpp"
#include "actors/open_replays.hpp"
#include "actors/publisher_dues.hpp"
#include "actors/runtime/actor.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::actors {

/// A SUBTREE: the topics below a prefix, and the filters that can match them.
/// Spawned by the BROKER; hears SESSIONs, its RETAINED STORE and the BROKER; tells
/// SESSIONs, EXPRESSes, SHARE GROUPs, its store and the SUBTREEs that were split
/// off from it. Dies with the node, or when it was merged and nobody knows it any
/// more.
///
/// Everything that reaches a subscriber under these topics leaves from here, in
/// one order. What is for a session that sleeps in the store waits here until the session
/// has woken up and subscribed anew.
class subtree final : public actor {
public:
  using handle = subtree_role;

  /// The prefix is empty for those that there are from the start.
  subtree(caf::actor_config& config, unit& home, house& place, std::string prefix,
    retained_store_role store);
  ~subtree() override;

  const char* name() const override { return "SUBTREE"; }

  void on(const publish& mail);
  void on(const subscribe_to& mail);
  void on(const unsubscribe_from& mail);
  void on(const lend& mail);
  void on(const replayed& mail);
  void on(const continue_replay& mail);
  void on(const split& mail);
  void on(const adopt& mail);
  void on(const absorb& mail);
  void on(const give_back& mail);
  void on(const expect_subscriptions& mail);
  void on(const restored& mail);
  void on(const forget_session& mail);
  void on(const fence& mail);
  void on(const measure& mail);

protected:
  behavior make_behavior() override;
  void flush() override;
  void leave() override;

private:
  // -- publications -----------------------------------------------------------------

  void route_here(const publish& mail);
  void route_apart(const publish& mail);
  void route(const publish& mail, const protocol::publication& publication, std::uint32_t index,
    audience& found);
  void serve(const audience::reader& reader, outbound_publication& what,
    protocol::client_number publisher, bool transient);
  void keep(outbound_publication& what, bool transient);
  void send_kept();
  void send_to_groups(const publish& mail);
  void send_pending(correspondent& to);
  void send_collected();
  void let_go(std::uint64_t key);

  // -- subscriptions ----------------------------------------------------------------

  void deliver_replayed(const continue_replay& asked, const replayed& found);
  protocol::delivery as_retained(
    const subscribed_session& who, const protocol::message_ptr& message) const;
  void send_retained(const subscribed_session& who, const protocol::message_ptr& message);

  // -- how the topics are divided -----------------------------------------------------

  void note_load(const publish& mail);
  template <class Mail>
  void put_off(const Mail& mail);
  subtree_role self();
  bool was_given_back() const { return static_cast<bool>(parent_); }

  house& place_;
  std::string prefix_;
  retained_store_role store_;

  correspondents correspondents_;
  audiences audiences_;
  branches branches_;
  open_replays open_replays_;

  /// Mail about subscriptions that are on the way back to here.
  std::vector<std::function<void()>> put_off_;

  /// Publications that wait for the subscriptions that the store had.
  bool expects_subscriptions_ = false;
  std::vector<publish> early_;

  subtree_role parent_; // after give_back
  load_meter meter_;
  std::uint64_t measured_ = 0;
  reminder measurement_;

  // What this turn has collected.
  fan_out express_;
  std::vector<member_group*> owed_groups_; // of the present mail
  retain kept_;
  bool kept_lasts_ = false; // some of it
  publisher_dues dues_;
  std::vector<completion_ptr> slips_;
};

} // namespace callboard::actors
