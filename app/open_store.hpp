#pragma once

#include "actors/settings.hpp"
#include "persistence/store.hpp"

#include <memory>
#include <optional>

namespace callboard::app {

/// The store in the settings' data directory, which is made if it is not there; null
/// if these settings store nothing. Nothing if the store is not to be had: the log
/// says why, and what to do. The log also says what was lost by damage.
std::optional<std::unique_ptr<persistence::store>> open_store(const actors::settings& settings);

} // namespace callboard::app
