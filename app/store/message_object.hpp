#pragma once

#include "app/store/property_object.hpp"
#include "persistence/clock_reading.hpp"
#include "protocol/packets/connect.hpp"
#include "protocol/session/delivery.hpp"
#include "protocol/session/subscription_set.hpp"

#include <string>
#include <string_view>

namespace callboard::app::store {

/// Adds a payload as text, or in base64 under another name if it is none.
void add_payload(object& to, std::string_view payload);

/// Topic, QoS, RETAIN, expiry, properties and payload.
object object_of(const protocol::message& what, const persistence::clock_reading& clock);

/// The same as it goes to one client.
object object_of(const protocol::delivery& what, const persistence::clock_reading& clock);

object object_of(const protocol::subscription& what);

object object_of(const protocol::will& what);

/// RFC 3339, UTC, in whole seconds; null if the time never comes.
object time_of(protocol::time_point at, const persistence::clock_reading& clock);

/// One line; what is no UTF-8 becomes U+FFFD.
std::string text_of(const object& one);

} // namespace callboard::app::store
