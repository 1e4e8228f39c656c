#pragma once

#include "protocol/session/subscription_set.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace callboard::app::store {

/// Whether there is a topic that both filters match.
bool overlap(std::string_view left, std::string_view right);

/// What `--filter` lets through; everything without one.
class selection {
public:
  selection() = default;
  explicit selection(std::string filter) : filter_{std::move(filter)} {}

  bool everything() const { return !filter_; }

  /// Messages on topics that the filter matches.
  bool takes_topic(std::string_view topic) const;

  /// Subscriptions that can get such a message.
  bool takes(const protocol::subscription& one) const;

private:
  std::optional<std::string> filter_;
};

} // namespace callboard::app::store
