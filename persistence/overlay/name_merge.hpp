#pragma once

#include "persistence/lmdb/tables.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callboard::persistence {

/// Merges the rows of a table with what the overlay has under the same names, by
/// name, ascending. Where both have a name, the overlay is right. Rows come in
/// the order of their keys; those with long names of the same front are put into
/// order here.
///
/// `from_row(name, value)` and `from_overlay(name)` tell, and say whether to go on.
template <class Value, class FromRow, class FromOverlay>
class name_merge {
public:
  /// What is not behind `behind` is passed over. `changed`: the overlay's names,
  /// ascending; they outlive this.
  name_merge(std::string_view behind, const std::vector<std::string_view>& changed,
    FromRow from_row, FromOverlay from_overlay)
      : behind_{behind}, next_{changed.begin()}, end_{changed.end()},
        from_row_{std::move(from_row)}, from_overlay_{std::move(from_overlay)} {}

  /// Says whether to go on.
  bool row(std::string_view key, std::string name, Value value) {
    if (!group_.empty() && front_of(key) != front_of(group_.front().name))
      tell_group();
    group_.push_back({std::move(name), std::move(value)});
    if (!stands_for_name(key))
      tell_group();
    return going_on_;
  }

  /// There are no more rows.
  void end() {
    tell_group();
    while (going_on_ && next_ != end_)
      tell_changed();
  }

private:
  struct named {
    std::string name;
    Value value;
  };

  void tell_group() {
    std::ranges::sort(group_, {}, &named::name);
    for (auto& one : group_) {
      if (going_on_ && one.name > behind_)
        tell(one);
    }
    group_.clear();
  }

  void tell(named& one) {
    while (going_on_ && next_ != end_ && *next_ < one.name)
      tell_changed();
    if (!going_on_)
      return;
    if (next_ != end_ && *next_ == one.name)
      tell_changed();
    else
      going_on_ = from_row_(one.name, std::move(one.value));
  }

  void tell_changed() {
    const auto name = *next_++;
    going_on_ = name <= behind_ || from_overlay_(name);
  }

  std::string_view behind_;
  std::vector<std::string_view>::const_iterator next_;
  std::vector<std::string_view>::const_iterator end_;
  FromRow from_row_;
  FromOverlay from_overlay_;
  std::vector<named> group_;
  bool going_on_ = true;
};

} // namespace callboard::persistence
