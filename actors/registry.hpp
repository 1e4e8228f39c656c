#pragma once

#include "actors/house.hpp"
#include "actors/mail.hpp"
#include "actors/runtime/actor.hpp"
#include "actors/sleeping_sessions.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace callboard::actors {

/// The REGISTRY. Spawned by the BROKER; hears the GATEKEEPER and SESSIONs, brings
/// SESSIONs and SHARE GROUPs to life and leads to them; dies with the node.
///
/// Everything about one client identifier goes through here in order, so there
/// is never more than one session that new connections can find.
///
/// Sessions that were stored sleep there until somebody calls: their client, a SUBTREE
/// that has something for them, the time. Then the KEEPER reads them, and they have a
/// SESSION again.
class registry final : public actor {
public:
  using handle = registry_role;

  registry(caf::actor_config& config, unit& home, house& place)
      : actor{config, home}, place_{place} {}

  const char* name() const override { return "REGISTRY"; }

  void on(const enter& mail);
  void on(const session_ended& mail);
  void on(const join_group& mail);
  void on(const leave_group& mail);
  void on(const group_ended& mail);
  void on(const restore_all& mail);
  void on(const sessions_found& mail);
  void on(const session_loaded& mail);
  void on(const call_session& mail);
  void on(const wake_due& mail);
  void on(const detach_some& mail);
  void on(const restore_share& mail);
  void on(const share_begun& mail);
  void on(const restored& mail);
  void on(const retained_restored& mail);
  void on(const curtain& mail);

protected:
  behavior make_behavior() override;
  void flush() override;
  void leave() override;

private:
  struct client {
    session_role session;
    protocol::client_number number = 0;

    /// The youngest that has come in.
    std::uint64_t connection_number = 0;
    std::uint16_t unit = 0;
  };

  /// What the store has is on its way.
  struct comeback {
    restore_all order;

    /// Held by all who have to know a subscription and do not yet.
    completion_ptr slip;

    /// Sessions that have been brought back: the list may name them once more.
    std::unordered_set<std::uint64_t> back;
    bool has_sessions = false;
    bool has_retained = false;
  };

  using newcomers = std::vector<newcomer_ptr>;

  void let_in(client& entry, const newcomer_ptr& who);
  bool may_be_stored(const std::string& client_id) const;
  bool is_asleep(const session_loaded& found) const;
  void call(const std::string& client_id, newcomer_ptr who = {});
  void let_in_who_waited(const std::string& client_id, const newcomers& waiting);
  void bring_back(const std::string& client_id, std::uint64_t number,
    std::vector<protocol::operation> state, house& home);
  void lay_to_sleep(stored_session&& one, std::map<subtree_role, adopt>& known);
  void stop_sleeping(const std::string& client_id);
  void is_lost(const std::string& client_id);
  void is_unreadable(const std::string& client_id, const newcomers& waiting);
  void finish_comeback();
  void turn_away(const newcomer& who, protocol::reason_code code, std::string_view why);
  void name_client(newcomer& who);
  house& next_house();
  registry_role self();
  const share_group_role& group(const std::string& share_name, const std::string& filter);

  house& place_;
  std::unordered_map<std::string, client> clients_;
  std::unordered_map<std::string, share_group_role> groups_;
  std::uint64_t last_session_ = 0;
  std::uint16_t next_unit_ = 0;
  bool stopping_ = false;

  sleeping_sessions sleeping_;

  /// Whom the KEEPER was asked for, and who came meanwhile.
  std::unordered_map<std::string, newcomers> called_;
  std::unique_ptr<comeback> comeback_; // null when it is over

  /// Sleepers whose time runs, as the store has yet to learn: it has them as connected.
  std::vector<std::uint64_t> detached_;

  /// When the node began, and its SUBTREEs of that time.
  time_point since_;
  std::vector<subtree_role> subtrees_;
  reminder alarm_;
};

} // namespace callboard::actors
