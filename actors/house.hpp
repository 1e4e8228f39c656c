#pragma once

#include "actors/batch_divider.hpp"
#include "actors/counters.hpp"
#include "actors/routes.hpp"
#include "actors/runtime/unit.hpp"
#include "actors/settings.hpp"
#include "actors/sink_table.hpp"
#include "network/block.hpp"
#include "protocol/session/session_limits.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace callboard::actors {

struct house;

/// What all units of a node share: settings, who there is only one of, and a few
/// numbers. The BROKER owns it; all but the numbers stays as it is while the
/// units run.
struct company {
  explicit company(const settings& node_rules);

  const settings& rules;
  const protocol::session_limits session_rules;
  std::vector<house*> houses; // [house::number]

  gatekeeper_role gatekeeper;
  registry_role registry;
  keeper_role keeper;
  broker_role broker;
  std::vector<express_role> expresses; // [house::number]

  std::atomic<std::uint64_t> connections_begun = 0;
  std::atomic<std::uint32_t> connections_open = 0;

  /// What all RETAINED STOREs have, as of their last turns.
  std::atomic<std::uint64_t> retained_messages = 0;
  std::atomic<std::uint64_t> retained_bytes = 0;
};

/// What the actors of one unit share without mail, because they share a thread.
/// One for each unit; the BROKER owns them, and they outlive the actors. Only
/// `number`, `rules` and `counts` may be touched from another thread.
struct house {
  house(actors::unit& unit, std::uint16_t unit_number, company& node);

  actors::unit& home;
  actors::company& company;

  /// Units are numbered from 0.
  const std::uint16_t number;

  const settings& rules;
  counters counts;

  /// Where reads go, and what is encoded for many.
  network::block_pool reading;
  network::block_pool encoding;

  /// The ways out of the connections that live here.
  sink_table sinks;

  /// The way in to the subtrees.
  actors::routes routes;
  batch_divider divider{routes};

  /// Those with something to write at the end of this round.
  std::vector<client_output*> dirty;

private:
  void write_all();
};

} // namespace callboard::actors
