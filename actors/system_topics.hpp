#pragma once

#include "actors/house.hpp"
#include "actors/runtime/unit.hpp"

#include <string>
#include <string_view>
#include <vector>

/// The topics below $SYS, on which a node reports about itself. docs/monitoring.md
/// lists them.
namespace callboard::actors {

inline constexpr std::string_view system_topic = "$SYS";

/// Whether a topic, or all that a topic filter can match, is $SYS or below.
constexpr bool is_system_topic(std::string_view topic) {
  return topic.starts_with(system_topic) &&
         (topic.size() == system_topic.size() || topic[system_topic.size()] == '/');
}

/// One report: a topic, and what it says now.
struct system_value {
  std::string topic;
  std::string text;
};

/// All that a node says about itself after it has been up for so long.
std::vector<system_value> system_values(const company& node, duration uptime);

} // namespace callboard::actors
