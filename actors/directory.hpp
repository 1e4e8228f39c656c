#pragma once

#include "actors/cast.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::actors {

/// How the topics are divided among the SUBTREEs: by the hash of their first
/// level at first, with `$`-topics apart (MQTT5-4.7.2-1), and by prefix where a
/// subtree was split. Immutable: a change makes a new one, which each unit
/// follows in its own time.
class directory {
public:
  directory(std::vector<subtree_role> base, subtree_role dollar)
      : base_{std::move(base)}, dollar_{std::move(dollar)} {}

  /// The one SUBTREE that a topic belongs to.
  const subtree_role& subtree_of(std::string_view topic) const;

  /// The SUBTREEs that have to know of a filter. What was split off is told by
  /// the one that it was split off from.
  std::vector<subtree_role> concerned(std::string_view filter) const;

  /// The same with the topics below `prefix` at `child`.
  directory with(const std::string& prefix, subtree_role child) const;
  directory without(const std::string& prefix) const;

  const std::map<std::string, subtree_role, std::less<>>& split_off() const { return split_off_; }

private:
  const subtree_role& base_of(std::string_view first_level) const;

  std::vector<subtree_role> base_;
  subtree_role dollar_;
  std::map<std::string, subtree_role, std::less<>> split_off_;

  /// Levels of the longest prefix in split_off_.
  std::size_t deepest_ = 0;
};

using directory_ptr = std::shared_ptr<const directory>;

} // namespace callboard::actors
