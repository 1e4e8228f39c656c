#pragma once

#include "persistence/directory_lock.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <string>

namespace callboard::persistence {

/// What becomes of the file that another one takes the place of.
enum class old_store : std::uint8_t {
  set_aside, // as store.replaced-1, -2 and so on
  removed,
};

/// Puts a file, which lies in the store's directory and is synced, in the place of
/// the store's, in one step: whenever the power goes, one of the two is there.
/// Returns when the disk has it, and says under which name the old one is now;
/// empty: there was none, or it is removed. Whoever calls holds the directory.
protocol::expected<std::string, store_error> exchange_store(
  const directory_lock& held, const std::string& file, const std::string& with, old_store old);

} // namespace callboard::persistence
