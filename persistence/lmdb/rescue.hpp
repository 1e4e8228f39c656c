#pragma once

#include "persistence/lmdb/environment.hpp"

#include <string>

namespace callboard::persistence {

/// Gives a damaged file another name besides, which it returns: the first of
/// store.damaged-1, -2 and so on that is free or the file's already. It keeps its place
/// until another one is put there, so that nothing is forgotten if the process ends
/// before; where a file cannot have two names, it leaves it. Empty if it cannot.
std::string set_file_aside(const std::string& file);

/// Brings over what can be read from a damaged file. Throws lmdb_failure.
void rescue_rows(const std::string& from, environment& into);

} // namespace callboard::persistence
