#pragma once

#include "persistence/store.hpp"

#include <string_view>

namespace callboard::persistence {

/// What an errno or a code of LMDB means for whoever runs the node, and what to
/// do about it.
store_error explain(std::string_view operation, int code, std::string_view file);

/// Whether the code says that the file is not what LMDB wrote.
bool tells_of_damage(int code);

} // namespace callboard::persistence
