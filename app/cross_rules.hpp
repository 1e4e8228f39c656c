#pragma once

#include "actors/settings.hpp"
#include "app/fault.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace callboard::app {

/// What is wrong with settings that are right one by one.
struct cross_complaint {
  /// The key to blame, and for a list which of its elements.
  std::string_view key;
  std::size_t index = 0;
  complaint what;
};

/// Looks at settings as a whole: no listener twice, none open to other machines
/// by accident, no subtree merged as soon as it is split, no filter that never decides.
/// All complaints.
std::vector<cross_complaint> check_together(const actors::settings& settings);

} // namespace callboard::app
