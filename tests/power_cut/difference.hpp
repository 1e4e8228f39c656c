#pragma once

#include "persistence/store.hpp"

#include <string>

namespace callboard::persistence {

/// In what the content of a store is not what it should be; empty: it is. A failure
/// to read is a difference, too.
std::string difference(store& found, store& wanted);

} // namespace callboard::persistence
