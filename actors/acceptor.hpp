#pragma once

#include "actors/house.hpp"
#include "actors/mail.hpp"
#include "actors/runtime/actor.hpp"
#include "network/tcp_listener.hpp"

#include <cstddef>
#include <memory>

namespace callboard::actors {

/// An ACCEPTOR. Spawned by the node, one for each listening address; brings a
/// CONNECTION to life for each client, on the units in turn; dies when the
/// listener closes.
class acceptor final : public actor {
public:
  using handle = acceptor_role;

  /// The listener listens already.
  acceptor(caf::actor_config& config, unit& home, house& place,
    std::shared_ptr<network::tcp_listener> listener);

  const char* name() const override { return "ACCEPTOR"; }

  void on(const open_curtain& mail);
  void on(const stop_listening& mail);

protected:
  behavior make_behavior() override;
  void leave() override;

private:
  house& next_house() const;
  void welcome(std::shared_ptr<network::stream> stream);

  house& place_;
  std::shared_ptr<network::tcp_listener> listener_;
  std::size_t turn_ = 0;
};

} // namespace callboard::actors
