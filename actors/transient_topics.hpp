#pragma once

#include "actors/settings.hpp"
#include "persistence/store.hpp"

#include <string_view>
#include <vector>

namespace callboard::actors {

/// Whose messages do not survive a node that has a store: `durability_for`, or else
/// `durability`, leaves them in memory. The company has it; it never changes.
class transient_topics {
public:
  explicit transient_topics(const settings& rules);

  /// The first filter that matches decides. Takes as long as there are filters.
  bool contains(std::string_view topic) const;

private:
  std::vector<topic_durability> filters_;
  bool others_ = false; // those that no filter matches
};

/// How far the commits of such a node's store have to come.
persistence::durability how_commits_last(const settings& rules);

} // namespace callboard::actors
