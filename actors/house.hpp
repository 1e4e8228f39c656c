#pragma once

#include "actors/batch_divider.hpp"
#include "actors/counters.hpp"
#include "actors/event.hpp"
#include "actors/recovery.hpp"
#include "actors/routes.hpp"
#include "actors/runtime/unit.hpp"
#include "actors/settings.hpp"
#include "actors/sink_table.hpp"
#include "actors/transient_topics.hpp"
#include "actors/waiting_total.hpp"
#include "network/block.hpp"
#include "protocol/session/session_limits.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::actors {

struct house;

/// What all units of a node share: settings, who there is only one of, and some
/// numbers. The BROKER owns it; all but the numbers stays as it is while the
/// units run.
struct company {
  /// `keeps` as below.
  company(const settings& node_rules, bool keeps);

  /// Whether there is a KEEPER: what sessions and retained messages are survives the
  /// node.
  bool keeps() const { return session_rules.keep_log; }

  /// Whether messages on this topic are treated as if there were no KEEPER, though
  /// there is one.
  bool is_transient(std::string_view topic) const { return keeps() && transient.contains(topic); }

  /// What all units together have counted.
  std::uint64_t sum(counter counters::*which) const;

  /// Those that have a SESSION.
  std::uint64_t sessions_awake() const;

  /// Sessions that wait for their clients, asleep or not, subscriptions, and retained messages at
  /// this time; messages that did not reach a client so far. While clients come and
  /// go these may be off by those who do.
  std::uint64_t clients_away() const;
  std::uint64_t subscriptions() const;
  std::uint64_t retained() const;
  std::uint64_t dropped() const;

  /// Whether somebody wants to know when such a thing happens.
  bool is_watched(event::kind what) const { return watched_by && level_of(what) <= watched_up_to; }

  /// Says what happened, if somebody wants to know. Costs a comparison if not.
  void note(const event& what) const {
    if (is_watched(what.what))
      watched_by(what);
  }

  /// Who is told what happens, and up to which level; nobody if it is empty. Set
  /// before the units run.
  watcher watched_by;
  log_level watched_up_to = log_level::error;

  /// Name and version of the program, for whoever asks over MQTT.
  std::string software = "callboard";

  const settings& rules;
  const protocol::session_limits session_rules;
  const transient_topics transient;
  std::vector<house*> houses; // [house::number]

  gatekeeper_role gatekeeper;
  registry_role registry;
  keeper_role keeper; // nobody, unless keeps()
  broker_role broker;
  reporter_role reporter;
  std::vector<express_role> expresses; // [house::number]

  std::atomic<std::uint64_t> connects_taken = 0;
  std::atomic<std::uint32_t> connections_open = 0;

  /// Those that are connected, with a session.
  gauge clients;

  /// Of the store, so far.
  std::atomic<std::uint64_t> commits = 0;

  /// What the store had when the node started.
  recovery found;

  /// The store cannot take any more: publications that have to last are refused
  /// until it can.
  std::atomic<bool> store_is_stuck = false;

  /// The REPORTER knows that there is trouble, and looks again and again.
  std::atomic<bool> trouble_told = false;

  /// What waits for absent clients, as of their sessions' last turns.
  waiting_total waiting;

  /// Retained messages as limits count them, as of their stores' last turns: all
  /// but the node's own.
  std::atomic<std::uint64_t> limited_messages = 0;
  std::atomic<std::uint64_t> limited_bytes = 0;
};

/// What the actors of one unit share without mail, because they share a thread.
/// One for each unit; the BROKER owns them, and they outlive the actors. Only
/// `number`, `rules` and `counts` may be touched from another thread.
struct house {
  house(actors::unit& unit, std::uint16_t unit_number, company& node);

  /// As the company's.
  bool is_watched(event::kind what) const { return company.is_watched(what); }
  void note(const event& what) const { company.note(what); }

  actors::unit& home;
  actors::company& company;

  /// Units are numbered from 0.
  const std::uint16_t number;

  const settings& rules;
  counters counts;

  /// Where reads go, and what is encoded for many.
  network::block_pool reading;
  network::block_pool encoding;

  /// The node stops: whoever comes now is late.
  bool closing = false;

  /// The ways out of the connections that live here.
  sink_table sinks;

  /// The way in to the subtrees.
  actors::routes routes;
  batch_divider divider{routes};

  /// What came with the mail that the SESSION whose turn it is has read, and has to
  /// be held until what follows from it lasts.
  std::vector<slip_ptr> slips;
  std::vector<promise_ptr> promises;

  /// Those with something to write at the end of this round.
  std::vector<client_output*> dirty;

private:
  void write_all();
  void look_for_trouble();

  /// What there was when it was looked for last.
  std::uint64_t troubles_ = 0;
};

} // namespace callboard::actors
