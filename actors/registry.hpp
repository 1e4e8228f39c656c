#pragma once

#include "actors/house.hpp"
#include "actors/mail.hpp"
#include "actors/runtime/actor.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>

namespace callboard::actors {

/// The REGISTRY. Spawned by the BROKER; hears the GATEKEEPER and SESSIONs, brings
/// SESSIONs and SHARE GROUPs to life and leads to them; dies with the node.
///
/// Everything about one client identifier goes through here in order, so there
/// is never more than one session that new connections can find.
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
  void on(const restore_session& mail);
  void on(const restore_share& mail);
  void on(const share_begun& mail);
  void on(const restored& mail);
  void on(const curtain& mail);

protected:
  behavior make_behavior() override;
  void leave() override;

private:
  struct client {
    session_role session;
    protocol::client_number number = 0;

    /// The youngest that has come in.
    std::uint64_t connection_number = 0;
    std::uint16_t unit = 0;
  };

  void turn_away(const newcomer& who);
  void name_client(newcomer& who);
  house& next_house();
  const share_group_role& group(const std::string& share_name, const std::string& filter);

  house& place_;
  std::unordered_map<std::string, client> clients_;
  std::unordered_map<std::string, share_group_role> groups_;
  std::uint64_t last_session_ = 0;
  std::uint16_t next_unit_ = 0;
  bool stopping_ = false;
};

} // namespace callboard::actors
