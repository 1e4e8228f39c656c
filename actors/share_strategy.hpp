#pragma once

#include "actors/settings.hpp"
#include "protocol/message.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string_view>

namespace callboard::actors {

/// Picks one of a number of members that could take a message.
class share_chooser {
public:
  explicit share_chooser(share_strategy strategy) : strategy_{strategy} {}

  /// What there is to know of a message for this.
  struct message {
    std::string_view topic;
    protocol::client_number publisher = 0;
  };

  /// The place, 0 to count - 1, where looking for a member with room begins.
  /// `load` gives the messages in flight to a member. count is at least 1.
  std::size_t first(const message& what, std::size_t count, std::mt19937_64& random,
    const std::function<std::uint32_t(std::size_t)>& load);

  /// The member at this place got the message.
  void chosen(std::size_t place) { last_ = place; }

private:
  share_strategy strategy_;
  std::size_t last_ = SIZE_MAX;
};

} // namespace callboard::actors
