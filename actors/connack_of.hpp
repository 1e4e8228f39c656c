#pragma once

#include "actors/mail.hpp"
#include "actors/settings.hpp"
#include "protocol/packets/connack.hpp"
#include "protocol/packets/connect.hpp"
#include "protocol/session/session.hpp"

#include <cstdint>

namespace callboard::actors {

/// How long the client may be silent, in seconds; 0: for ever. MQTT5-3.1.2-21: the
/// server's keep alive, if it has one that is shorter. 3.x cannot be told of it.
std::uint16_t keep_alive_for(const protocol::connect& connect, const settings& rules);

/// What a client that may come in is told: what its session was and what the settings
/// of the node have for it.
protocol::connack connack_of(
  const newcomer& who, const protocol::attach_outcome& outcome, const settings& rules);

} // namespace callboard::actors
