#pragma once

#include "app/arguments.hpp"

namespace callboard::app {

/// Does what the command line says; `given` begins with the verb. Returns the
/// exit code. Throws nothing.
int run_verb(const arguments& given) noexcept;

} // namespace callboard::app
