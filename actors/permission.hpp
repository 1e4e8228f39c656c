#pragma once

#include "actors/system_topics.hpp"

#include <string_view>

/// Who may do what: the one place that knows. The GATEKEEPER asks when a client
/// comes, its SESSION when it publishes.
namespace callboard::actors {

/// Whether a client may publish to this topic, or leave a will for it. As long as
/// nobody is asked who he is, everybody may to all topics but those on which the node
/// speaks for itself.
constexpr bool may_publish(std::string_view topic) {
  return !is_system_topic(topic);
}

} // namespace callboard::actors
