#pragma once

#include "actors/settings.hpp"
#include "protocol/packets/publication.hpp"
#include "protocol/packets/subscribe.hpp"
#include "protocol/reason_code.hpp"
#include "protocol/topics/shared_filter.hpp"

/// What the settings of a node let clients ask for. Each says why not, with what to do
/// instead, or reason_code::success.
namespace callboard::actors {

/// A PUBLISH, whoever sends it (for that see permission.hpp).
protocol::error admissible(const settings& rules, const protocol::publication& publication);

/// What concerns a whole SUBSCRIBE packet.
protocol::error admissible(const settings& rules, const protocol::subscribe& packet);

/// One of its topic filters.
protocol::error admissible(const settings& rules, const protocol::shared_filter& filter);

} // namespace callboard::actors
