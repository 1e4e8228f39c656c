#pragma once

#include "cluster/parcel.hpp"
#include "protocol/types.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

namespace callboard::cluster {

/// Frames for a peer, from when they are given until the peer is done with them.
class outgoing_lane {
public:
  /// Who resends sends again what the peer has not taken when a link broke; who does not
  /// forgets it. Parcels are not larger than this, as long as the frames are not.
  outgoing_lane(bool resends, std::size_t parcel_size)
      : resends_{resends}, parcel_size_{parcel_size} {}

  void push(const frame& what);

  bool has_unsent() const { return sent_ < parcels_.size(); }

  /// Bytes that were not sent yet, and bytes the peer has or could have but is not done with.
  std::uint64_t unsent() const { return unsent_; }
  std::uint64_t under_way() const { return under_way_; }

  /// What would go next. Only if there is something unsent.
  const parcel& front() const { return parcels_[sent_]; }

  /// It goes. Until the next change.
  const parcel& send(protocol::time_point now);

  /// The peer is done with all up to this number. Says when the last of what is done went,
  /// if anything is, and leaves all as it is if so much was never sent.
  struct receipt {
    bool is_wrong = false;
    std::optional<protocol::time_point> sent_at;
  };
  receipt on_done(std::uint64_t number);

  /// There is a new link to the same peer, which has taken all up to this number. What lies
  /// behind goes again, or is forgotten. Not so if so much was never sent, or if the peer was
  /// done with more before.
  bool resume(std::uint64_t taken);

  /// Frames that went twice, and those that were forgotten.
  std::uint64_t resent() const { return resent_; }
  std::uint64_t forgotten() const { return forgotten_; }

  /// The peer is another one: nothing was ever sent.
  void clear();

private:
  std::uint64_t last_sent() const { return has_unsent() ? front().first - 1 : last_; }
  void forget_sent_behind(std::uint64_t taken);

  bool resends_;
  std::size_t parcel_size_;
  std::deque<parcel> parcels_; // first those that went
  std::size_t sent_ = 0;
  std::uint64_t last_ = 0; // number given to a frame
  std::uint64_t done_ = 0;
  std::uint64_t unsent_ = 0;
  std::uint64_t under_way_ = 0;
  std::uint64_t resent_ = 0;
  std::uint64_t forgotten_ = 0;
};

} // namespace callboard::cluster
