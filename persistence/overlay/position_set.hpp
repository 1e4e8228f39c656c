#pragma once

#include "persistence/records/session_head.hpp"

#include <cstddef>
#include <iterator>
#include <map>

namespace callboard::persistence {

/// Positions of deliveries, as the runs that they make: a queue that is taken from its
/// front makes one run, however long it is.
class position_set {
public:
  /// One that is in it already changes nothing.
  void insert(delivery_position at) {
    if (contains(at))
      return;
    ++size_;
    const auto behind = runs_.upper_bound(at);
    const bool joins_next = behind != runs_.end() && behind->first == at + 1;
    const auto last = joins_next ? behind->second : at;
    if (behind != runs_.begin()) {
      if (const auto before = std::prev(behind); before->second + 1 == at) {
        before->second = last;
        if (joins_next)
          runs_.erase(behind);
        return;
      }
    }
    if (joins_next)
      runs_.erase(behind);
    runs_.emplace(at, last);
  }

  bool contains(delivery_position at) const {
    const auto behind = runs_.upper_bound(at);
    return behind != runs_.begin() && std::prev(behind)->second >= at;
  }

  std::size_t size() const { return size_; }

  void clear() {
    runs_.clear();
    size_ = 0;
  }

  /// Each run, ascending: its first position and its last.
  template <class Visit>
  void each_run(Visit visit) const {
    for (const auto& [first, last] : runs_)
      visit(first, last);
  }

private:
  std::map<delivery_position, delivery_position> runs_;
  std::size_t size_ = 0;
};

} // namespace callboard::persistence
