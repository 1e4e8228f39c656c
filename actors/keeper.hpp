#pragma once

#include "actors/mail.hpp"
#include "actors/runtime/actor.hpp"
#include "persistence/store.hpp"

#include <memory>
#include <vector>

namespace callboard::actors {

/// The KEEPER. Spawned by the node; the only one who touches the store; hears
/// SESSIONs and RETAINED STOREs; dies last.
///
/// All that waits for it in a turn becomes one commit.
class keeper final : public actor {
public:
  using handle = keeper_role;

  keeper(caf::actor_config& config, unit& home, std::unique_ptr<persistence::store> store)
      : actor{config, home}, store_{std::move(store)} {}

  const char* name() const override { return "KEEPER"; }

  void on(const journal& mail);

protected:
  behavior make_behavior() override;
  void flush() override;

private:
  std::unique_ptr<persistence::store> store_;
  persistence::batch waiting_;
  std::vector<credit_ptr> credits_; // of what waits
};

} // namespace callboard::actors
