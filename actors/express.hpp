#pragma once

#include "actors/house.hpp"
#include "actors/mail.hpp"
#include "actors/runtime/actor.hpp"

namespace callboard::actors {

/// The EXPRESS of a unit. Spawned by the BROKER, one on each unit; hears SUBTREEs
/// and SHARE GROUPs, puts QoS 0 packets into the outputs of its unit's connections,
/// and follows changes of the directory; dies with the node.
class express final : public actor {
public:
  using handle = express_role;

  express(caf::actor_config& config, unit& home, house& place)
      : actor{config, home}, place_{place} {}

  const char* name() const override { return "EXPRESS"; }

  void on(const carry& mail);
  void on(const follow& mail);
  void on(const fence_passed& mail);
  void on(const fence& mail);
  void on(const curtain& mail);

protected:
  behavior make_behavior() override;
  void leave() override;

private:
  house& place_;
};

} // namespace callboard::actors
