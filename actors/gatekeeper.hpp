#pragma once

#include "actors/house.hpp"
#include "actors/mail.hpp"
#include "actors/runtime/actor.hpp"

namespace callboard::actors {

/// The GATEKEEPER. Spawned by the BROKER; hears CONNECTIONs, sends who may come in
/// on to the REGISTRY and refuses the others; dies with the node.
///
/// There is no authentication yet: who reaches a listener is let in, and the
/// configuration sees to it that listeners are on loopback unless the operator
/// has said otherwise. What a CONNECT asks for is still checked against what this
/// node offers.
class gatekeeper final : public actor {
public:
  using handle = gatekeeper_role;

  gatekeeper(caf::actor_config& config, unit& home, house& place)
      : actor{config, home}, place_{place} {}

  const char* name() const override { return "GATEKEEPER"; }

  void on(const admit& mail);

protected:
  behavior make_behavior() override;

private:
  protocol::error judge(const protocol::connect& connect) const;
  protocol::error judge_client_id(const protocol::connect& connect) const;
  protocol::error judge_will(const protocol::will& will) const;

  house& place_;
};

} // namespace callboard::actors
