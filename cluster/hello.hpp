#pragma once

#include "cluster/lane.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callboard::cluster {

/// One start of a node. A node that was started again is another one to its peers.
using incarnation = std::uint64_t;

/// What two nodes tell each other first when there is a link between them.
struct hello {
  incarnation from = 0;

  /// Whom the numbers are about: that incarnation of the receiver. 0: none was ever heard of.
  incarnation to = 0;

  each_lane<std::uint64_t> taken;
  each_lane<std::uint64_t> done;

  friend bool operator==(const hello&, const hello&) = default;
};

std::string encode(const hello& what);

/// None if this is no hello.
std::optional<hello> decode_hello(std::string_view bytes);

} // namespace callboard::cluster
