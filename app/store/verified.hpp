#pragma once

#include "persistence/store_check.hpp"

#include <iosfwd>
#include <string>

namespace callboard::app::store {

/// Checks a file that a node may be writing.
persistence::store_check check_in_use(const std::string& file);

/// What was counted, a line each.
void tell_counts(std::ostream& out, const persistence::store_check& found);

/// What is wrong, a line each; nothing if nothing is.
void tell_faults(std::ostream& out, const persistence::store_check& found);

} // namespace callboard::app::store
