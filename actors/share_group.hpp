#pragma once

#include "actors/fan_out.hpp"
#include "actors/house.hpp"
#include "actors/mail.hpp"
#include "actors/runtime/actor.hpp"
#include "actors/share_strategy.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace callboard::actors {

/// A SHARE GROUP: one share name and filter, MQTT5-4.8.2. Spawned by the REGISTRY
/// for its first member; hears SUBTREEs and its members' SESSIONs; hands each
/// message to one member that is connected and has room, and to another one if
/// that fails; dies when the last member leaves. While the node brings back what it had
/// it hands out nothing: what members had begun with is not known yet.
class share_group final : public actor {
public:
  using handle = share_group_role;

  /// `awaits_members`: until `restored`.
  share_group(caf::actor_config& config, unit& home, house& place, std::string share_name,
    std::string filter, bool awaits_members = false);

  const char* name() const override { return "SHARE GROUP"; }

  void on(const join_group& mail);
  void on(const leave_group& mail);
  void on(const distribute& mail);
  void on(const share_settled& mail);
  void on(const share_begun& mail);
  void on(const restore_share& mail);
  void on(const restored& mail);
  void on(const dismissed& mail);

protected:
  behavior make_behavior() override;
  void flush() override;
  void leave() override;

private:
  struct member {
    subscribed_session who;

    /// As an express receiver, if it is one.
    express_group sink;

    /// QoS 1 and 2 messages that it has and has not settled.
    std::uint32_t in_flight = 0;

    /// What was handed out last when it joined, or joined again.
    std::uint64_t joined_behind = 0;
    std::vector<protocol::delivery> pending;
    bool pending_is_kept = false; // some of it, in the store
  };

  /// A message that no member has settled.
  struct open_message {
    protocol::share_token token = 0;
    protocol::message_ptr message;

    /// The store has it, or will.
    bool kept = false;
  };

  struct assigned {
    std::uint64_t member = 0;
    open_message what;

    /// Counts what the group hands out.
    std::uint64_t serial = 0;
  };

  void subscribe(const completion_ptr& slip);
  void unsubscribe(const completion_ptr& slip);
  void note_ready();
  bool has_room(const member& any) const;
  member* choose(std::string_view topic, protocol::client_number publisher);
  void hand_out(outbound_publication& what, protocol::client_number publisher);
  open_message take_over(const protocol::message_ptr& message);
  void be_done_with(const open_message& what);
  void note_change(protocol::share_token token, protocol::message_ptr message);
  void give(member& to, const open_message& what);
  void wait(open_message what);
  void take_back(const leave_group& mail);
  void put_in_front(const std::vector<open_message>& back);
  void hand_out_waiting();
  void drop_surplus();
  share_group_role self();

  house& place_;
  std::string share_name_;
  std::string filter_;

  /// What the store and the REGISTRY call it.
  std::shared_ptr<const std::string> name_;
  share_chooser chooser_;

  /// By session, in the order of joining.
  std::map<std::uint64_t, member> members_;

  /// Those that are connected.
  std::vector<member*> ready_;

  std::map<protocol::share_token, assigned> assigned_;
  protocol::share_token last_token_ = 0;
  std::uint64_t last_serial_ = 0;

  /// What no member had room for, oldest first. Messages that came back stand in
  /// front.
  std::deque<open_message> waiting_;
  std::size_t waiting_bytes_ = 0;

  /// A member's session outlives the node: so does what the group has.
  bool lasting_ = false;

  // Of this turn.
  persistence::batch journal_;
  std::vector<promise_ptr> promises_;

  fan_out express_;
  bool awaits_members_ = false;
  bool subscribed_ = false;
  bool ending_ = false;
};

} // namespace callboard::actors
