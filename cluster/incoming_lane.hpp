#pragma once

#include "cluster/frame.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::cluster {

/// What came from a peer, each frame once and in order. Taken is what has come; done is
/// what nothing has to be done for any more. Parcels may be done in any order, what the
/// peer is told of it has no gaps.
class incoming_lane {
public:
  /// Who may miss some goes on behind a gap. What came in several frames may be so large.
  incoming_lane(bool may_miss, std::size_t largest_whole)
      : may_miss_{may_miss}, largest_whole_{largest_whole} {}

  /// A frame, whole; its bytes are the parcel's, or kept here until the next parcel.
  struct item {
    std::uint8_t type = 0;
    std::string_view body;
  };

  /// What is new in a parcel, and the number to call done(); 0: nothing is new. None if
  /// it does not follow, or is broken.
  struct news {
    std::uint64_t number = 0;
    std::vector<item> items;
  };
  std::optional<news> take(std::uint64_t first, std::uint64_t count, std::string_view frames);

  /// What this number stood for is done. Says whether there is something to tell.
  bool finish(std::uint64_t number);

  std::uint64_t taken() const { return taken_; }
  std::uint64_t done() const { return open_.empty() ? taken_ : open_.front().before; }

  /// Frames that came again, and those that never came.
  std::uint64_t repeated() const { return repeated_; }
  std::uint64_t missed() const { return missed_; }

  /// The peer is another one.
  void clear();

private:
  struct open_parcel {
    std::uint64_t before = 0; // the last number in front of it
    std::uint64_t last = 0;
    bool finished = false;
  };

  bool join(const frame& part, std::vector<item>& items);

  bool may_miss_;
  std::size_t largest_whole_;
  std::uint64_t taken_ = 0;
  std::deque<open_parcel> open_;    // the first is not finished
  std::optional<std::string> part_; // of something whose end has not come
  std::deque<std::string> wholes_;  // joined, of the last parcel
  std::uint64_t repeated_ = 0;
  std::uint64_t missed_ = 0;
};

} // namespace callboard::cluster
