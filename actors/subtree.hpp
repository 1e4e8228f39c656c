#pragma once

#include "actors/audience.hpp"
#include "actors/fan_out.hpp"
#include "actors/house.hpp"
#include "actors/load_meter.hpp"
#include "actors/mail.hpp"
#include "actors/runtime/actor.hpp"
#include "protocol/topics/filter_tree.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
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
  /// The answer for one topic, as long as the subscriptions do not change.
  struct remembered {
    std::string topic;
    audience who;
  };

  /// A SUBTREE that was split off from this one.
  struct branch {
    std::string prefix;
    subtree_role child;

    /// It was told to give all back, and has not yet.
    bool returns = false;
  };

  // -- publications -----------------------------------------------------------------

  void route_here(const publish& mail);
  void route_apart(const publish& mail);
  void route(const publish& mail, const protocol::publication& publication, std::uint32_t index,
    audience& found);
  audience& audience_of(std::string_view topic);
  void find_audience(std::string_view topic, audience& found);
  void serve(const audience::reader& reader, outbound_publication& what,
    protocol::client_number publisher, bool transient);
  void keep(outbound_publication& what, bool transient);
  void send_kept();
  void send_to_groups(const publish& mail);
  void acknowledge(const publish& mail, const std::vector<protocol::reason_code>& codes,
    const std::vector<std::size_t>& transient);
  void send_pending(correspondent& to);
  void send_collected();
  const promise_ptr& promise();
  void note_received(const packet_batch& batch, const protocol::publication& publication);
  correspondent& correspondent_of(const subscribed_session& who);
  void wake(const subscribed_session& who);
  void hold(std::uint64_t key, const std::vector<deliver>& mails);
  void let_go(std::uint64_t key);

  // -- subscriptions ----------------------------------------------------------------

  /// Calls send(child) for each branch that the filter reaches into.
  template <class Send>
  void tell_branches(std::string_view filter, Send send) const;
  const branch* branch_of(const replay_progress& progress) const;
  std::string_view end_of(const replay_progress& progress) const;
  void deliver_replayed(const continue_replay& asked, const replayed& found);
  protocol::delivery as_retained(
    const subscribed_session& who, const protocol::message_ptr& message) const;
  void send_retained(const subscribed_session& who, const protocol::message_ptr& message);
  bool is_outdated(const protocol::message_ptr& message, std::uint64_t as_of) const;

  // -- how the topics are divided -----------------------------------------------------

  void note_load(const publish& mail);
  const branch* branch_of(std::string_view topic) const;
  bool must_wait(std::string_view filter) const;
  template <class Mail>
  void put_off(const Mail& mail);
  subtree_role self();
  bool was_given_back() const { return static_cast<bool>(parent_); }

  house& place_;
  std::string prefix_;
  retained_store_role store_;

  protocol::filter_tree<subscribed_session> subscribers_;
  protocol::filter_tree<subscribed_group> groups_;

  /// Counts their changes.
  std::uint64_t version_ = 1;

  /// Answers of the trees, each in the place that the hash of its topic gives;
  /// a topic that falls on another's place takes it.
  std::vector<remembered> audiences_;
  audience other_; // for topics that are not worth remembering
  std::unordered_map<std::uint64_t, std::unique_ptr<correspondent>> correspondents_;
  std::unordered_map<std::uint64_t, std::unique_ptr<member_group>> member_groups_;

  /// `retain`s that the store may not have read when it answers a replay.
  std::deque<std::pair<std::uint64_t, std::string>> retained_lately_;
  std::uint64_t last_retain_ = 0;

  /// What the store was asked for and has not answered, by number.
  std::map<std::uint64_t, continue_replay> open_replays_;
  std::uint64_t last_replay_ = 0;

  std::vector<branch> branches_;

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
  std::vector<correspondent*> owed_;
  std::vector<member_group*> owed_groups_;
  retain kept_;
  bool kept_lasts_ = false; // some of it
  using acknowledgements = std::vector<std::pair<session_role, routed>>;
  acknowledgements done_;

  /// Those of publications that have to last first: whoever makes them last holds
  /// the promise, and when the last one lets go they leave. Null: none so far.
  acknowledgements promised_;
  promise_ptr promise_;

  /// Whether the publications at hand are among them; what was received of them at
  /// QoS 2, and in all.
  bool has_promised_ = false;
  std::vector<persistence::session_changes> received_here_;
  std::vector<persistence::session_changes> received_;

  std::vector<completion_ptr> slips_;

  /// The batches that were routed, and their credit if somebody gets deliveries.
  std::vector<batch_ptr> batches_;
  std::shared_ptr<std::vector<batch_ptr>> credit_;
};

} // namespace callboard::actors
