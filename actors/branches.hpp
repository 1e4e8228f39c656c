#pragma once

#include "actors/mail.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callboard::actors {

/// The SUBTREEs that were split off from one, and so which of its topics others have.
/// Owned by the SUBTREE.
class branches {
public:
  struct branch {
    std::string prefix;
    subtree_role child;

    /// It was told to give all back, and has not yet.
    bool returns = false;
  };

  void add(std::string prefix, subtree_role child) {
    all_.push_back({std::move(prefix), std::move(child), false});
  }

  /// It is told to give all back.
  void call_back(const subtree_role& child);

  /// It has given all back. Nothing: it is none of these.
  std::optional<branch> remove(const subtree_role& child);

  bool empty() const { return all_.empty(); }
  const std::vector<branch>& all() const { return all_; }

  // -- topics --------------------------------------------------------------------------

  /// Who has the topic. Null: nobody of these.
  const branch* of(std::string_view topic) const;

  /// Calls send(child, its part) for each that has some of the publications, in their
  /// order, and returns what nobody of these has.
  publish divide(
    const publish& mail, const std::function<void(const subtree_role&, publish)>& send) const;

  // -- filters -------------------------------------------------------------------------

  /// Calls send(child) for each that the filter reaches into.
  template <class Send>
  void tell(std::string_view filter, Send send) const {
    for (const auto& one : all_)
      if (reaches_into(filter, one))
        send(one.child);
  }

  /// Whether one of them has all of the filter's topics.
  bool has_all_of(std::string_view filter) const;

  /// Whether subscriptions to the filter are on the way back: what is said of them
  /// now is younger than what will come.
  bool returns(std::string_view filter) const;

  // -- replays -------------------------------------------------------------------------

  /// Whose turn it is in a replay: the branch that has the filter for itself, or the
  /// topics at the place that the replay has come to. Null: none of these.
  const branch* next_in(const replay_progress& progress) const;

  /// Where a replay comes to the first of these. Empty: to none any more.
  std::string_view end_of(const replay_progress& progress) const;

private:
  static bool reaches_into(std::string_view filter, const branch& one);

  std::vector<branch> all_;
};

} // namespace callboard::actors
