#pragma once

#include "actors/house.hpp"
#include "actors/mail.hpp"
#include "actors/runtime/actor.hpp"
#include "actors/trouble.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace callboard::actors {

/// Adds up what the units of a node have counted, as one line: `name=number`.
std::string report_of(const company& node);

/// The REPORTER. Spawned by the node; reads what the units count, and tells the
/// node's watcher of trouble; dies with the node.
class reporter final : public actor {
public:
  using handle = reporter_role;

  reporter(caf::actor_config& config, unit& home, house& place)
      : actor{config, home}, place_{place} {}

  const char* name() const override { return "REPORTER"; }

  void on(const report_wanted& mail);
  void on(const trouble_seen& mail);

protected:
  behavior make_behavior() override;

private:
  bool tell_troubles();

  house& place_;

  /// How much of each trouble has been told.
  std::array<std::uint64_t, all_troubles.size()> told_{};
};

} // namespace callboard::actors
