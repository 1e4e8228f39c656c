#pragma once

#include "actors/house.hpp"
#include "actors/mail.hpp"
#include "actors/runtime/caf.hpp"
#include "actors/runtime/unit.hpp"
#include "actors/settings.hpp"
#include "persistence/store.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace callboard::actors {

/// A node: the units, and the actors that are there from the start. Whoever has
/// it runs an MQTT broker. Belongs to one thread, that of its owner.
class node {
public:
  /// The settings are valid and outlive the node. `seed` is for all that is
  /// random; `software` is what clients are told that it is. Without a store nothing
  /// survives the node.
  node(const settings& rules, std::uint64_t seed, std::string software = "callboard",
    std::unique_ptr<persistence::store> store = {});
  node(const node&) = delete;
  node& operator=(const node&) = delete;
  ~node();

  /// Has somebody told what happens, up to this level. Before start().
  void watch(watcher who, log_level up_to);

  /// Binds all addresses, so that every fault is known before anything starts:
  /// what is wrong, one text for each address; none if all is well.
  std::vector<std::string> listen();

  /// The addresses that it listens on, "127.0.0.1:1883".
  std::vector<std::string> addresses() const;

  /// Starts to serve. What the store has is brought back meanwhile. `since`: when the
  /// process began, for the report.
  void start(std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now());

  /// Sends the clients home and ends all actors, in order: ACCEPTORs, CONNECTIONs,
  /// SESSIONs, SUBTREEs, the KEEPER, units. Takes milliseconds if all clients read
  /// and close, and stop_timeout more if some do not. Only where actors have more to
  /// do than they get done, each step is given up after a second.
  void stop();

  /// What the node has counted, as one line.
  std::string report() const;

  // -- for whoever steps a node that was not started ------------------------------

  /// Has what the store has brought back, in portions, and calls `then`, on some unit, when
  /// it is there. Part of start().
  void restore(std::function<void()> then, const recovery_pace& pace = {});

  const std::vector<std::unique_ptr<unit>>& units() const { return units_; }
  const actors::company& company() const { return company_; }

private:
  /// Has all actors leave, in order.
  void dismiss_all();
  void bring_back(restore_all order);
  void open_houses(std::uint64_t seed);
  void cast_roles();
  directory_ptr first_directory();

  /// Until the condition holds, but not longer than this. Steps the units if they
  /// have no threads.
  void wait_for(const std::function<bool()>& condition, duration longest) const;

  const settings& rules_;
  system_config config_;
  caf::actor_system system_;
  actors::company company_;

  /// Those of the houses, and behind them the KEEPER's, if there is one.
  std::vector<std::unique_ptr<unit>> units_;
  std::vector<std::unique_ptr<house>> houses_;
  std::vector<acceptor_role> acceptors_;
  std::vector<subtree_role> subtrees_;
  std::map<subtree_role, retained_store_role> retained_stores_; // until restore()

  /// The KEEPER's, from start() on.
  std::unique_ptr<persistence::store> store_;

  struct listeners;
  std::unique_ptr<listeners> listeners_;
  bool started_ = false;
  bool running_ = false;
};

/// How many units a node has by its settings: one fewer than there are cores, but
/// at least one, unless it is told. The core that is left is the kernel's and the
/// store's: see docs/decisions.
std::uint32_t units_for(const settings& rules);

} // namespace callboard::actors
