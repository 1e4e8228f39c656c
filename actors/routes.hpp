#pragma once

#include "actors/cast.hpp"
#include "actors/directory.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace callboard::actors {

/// A unit's way in to the SUBTREEs. While the unit moves from one directory to
/// the next, publications for the SUBTREE that gains topics are held here until
/// what went the old way has arrived: order per publisher and topic holds over
/// splits and merges. Belongs to the unit's thread.
class routes {
public:
  routes();
  routes(const routes&) = delete;
  routes& operator=(const routes&) = delete;
  ~routes();

  const directory& now() const { return *now_; }
  const directory_ptr& shared() const { return now_; }

  /// Without a fence: when a unit starts.
  void begin(directory_ptr first) { now_ = std::move(first); }

  /// Sends publications to the SUBTREE, or holds them for it.
  void send(const subtree_role& to, publish mail);

  /// Follows a new directory; everything for `to` is held until release() of
  /// the fence that is returned.
  std::uint64_t follow(directory_ptr next, const subtree_role& to);
  void release(std::uint64_t fence);

private:
  struct held;

  directory_ptr now_;
  std::map<std::uint64_t, std::unique_ptr<held>> fences_;
  std::uint64_t last_fence_ = 0;
};

} // namespace callboard::actors
