#pragma once

#include "actors/directory.hpp"
#include "actors/house.hpp"
#include "actors/mail.hpp"
#include "actors/runtime/actor.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace callboard::actors {

/// The BROKER. Spawned by the node; watches over how the topics are divided: makes
/// a SUBTREE when one is hot, has it merged when it is cold, and leads the units
/// from one directory to the next. Dies with the node.
///
/// One change at a time: while it is under way, others that are asked for are
/// let pass; who is still hot will ask again.
class broker final : public actor {
public:
  using handle = broker_role;

  broker(caf::actor_config& config, unit& home, house& place)
      : actor{config, home}, place_{place} {}

  const char* name() const override { return "BROKER"; }

  void on(const hot& mail);
  void on(const cold& mail);
  void on(const split_done& mail);
  void on(const merge_done& mail);
  void on(const followed& mail);

protected:
  behavior make_behavior() override;
  void leave() override;

private:
  struct branch {
    subtree_role parent;
    subtree_role child;
    std::size_t unit = 0;
  };

  house& quietest_house();
  void lead(directory next, const subtree_role& from, const subtree_role& to);

  house& place_;

  /// By prefix.
  std::map<std::string, branch> branches_;

  /// Units that have not followed the last change.
  std::size_t followers_ = 0;
  bool changing_ = false;
};

} // namespace callboard::actors
