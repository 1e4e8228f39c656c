#pragma once

#include "actors/mail.hpp"
#include "actors/runtime/unit.hpp"
#include "persistence/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::actors {

/// What a node reads from its store when it starts, portion by portion, so that commits of
/// clients that are there already go in between. The KEEPER's way to read it.

/// The next sessions behind this client id, those that must not sleep with all that they
/// are. Connections that there were are lost since then. What cannot be read, by client id, goes
/// into `unread`: such a session sleeps on.
protocol::expected<sessions_found, persistence::store_error> read_sessions(persistence::store& from,
  std::string_view behind, const recovery_pace& pace, const protocol::queue_portion& kept,
  time_point since, std::vector<std::string>& unread);

/// One session, all of it; without a number if the client has none.
protocol::expected<session_loaded, persistence::store_error> read_session(
  persistence::store& from, const std::string& client_id, const protocol::queue_portion& kept);

} // namespace callboard::actors
