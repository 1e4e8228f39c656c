#pragma once

#include "app/arguments.hpp"

// The verbs of `callboard store`. Each returns the exit code.

namespace callboard::app::store {

/// Reads everything and says whether it is sound.
int check(const arguments& given);

/// Prints everything as JSON lines.
int dump(const arguments& given);

/// Writes a copy, also while a node runs.
int backup(const arguments& given);

/// Puts a copy in the place of the store.
int restore(const arguments& given);

/// Gives free pages back to the disk.
int compact(const arguments& given);

} // namespace callboard::app::store
