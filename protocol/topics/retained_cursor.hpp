#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace callboard::protocol {

/// How far the replay of retained messages to one subscription has come: a place
/// in the order of topics (topic_order.hpp). Plain text, so that it may rest
/// between two mails or travel to another node; it holds nothing in the tree. A
/// new one starts at the beginning.
struct retained_cursor {
  enum class place : std::uint8_t {
    at,     ///< goes on with `topic`
    behind, ///< goes on with the first topic behind `topic`
    past,   ///< goes on with the first topic behind all that are below `topic`
    end,    ///< nothing is left
  };

  std::string topic;
  place goes_on = place::at;

  bool done() const { return goes_on == place::end; }

  /// Whether a topic stands before the place where the replay goes on.
  bool is_behind(std::string_view other) const;

  /// Whether the replay goes on below the prefix (see is_below in topic_filter.hpp).
  bool stands_below(std::string_view prefix) const;

  /// Compares a topic with the valid filter of the subscription and moves to the
  /// next place where a topic can match: none between the two can. Returns
  /// whether the topic itself matches, with the same answer as matches().
  bool advance(std::string_view filter, std::string_view from);

private:
  void go(place where, std::string_view text) {
    goes_on = where;
    topic.assign(text);
  }
};

} // namespace callboard::protocol
