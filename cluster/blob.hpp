#pragma once

#include "cluster/lane.hpp"
#include "cluster/parcel.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callboard::cluster {

/// What stands in front of a parcel, and may travel without one.
struct blob_head {
  lane on = lane::control;

  /// The view of the cluster in which it was sent.
  std::uint64_t view = 0;

  /// With what came the other way the sender is done up to here.
  each_lane<std::uint64_t> done;

  /// The parcel's; a count of 0 is none.
  std::uint64_t first = 0;
  std::uint64_t count = 0;

  friend bool operator==(const blob_head&, const blob_head&) = default;
};

/// What one mail to the peer carries. The parcel is that of the head, or empty.
std::string make_blob(const blob_head& head, std::string_view frames);

struct opened_blob {
  blob_head head;
  std::string_view frames; // of the blob's bytes
};

/// None if this is no blob. The frames have not been looked at.
std::optional<opened_blob> open_blob(std::string_view bytes);

} // namespace callboard::cluster
