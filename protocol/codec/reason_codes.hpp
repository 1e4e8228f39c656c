#pragma once

#include "protocol/codec/decode.hpp"
#include "protocol/packets/acknowledgement.hpp"
#include "protocol/reason_code.hpp"

/// Which reason codes a packet may carry, MQTT5-2.4.
namespace callboard::protocol {

/// MQTT5-3.4.2-1, MQTT5-3.5.2-1, MQTT5-3.6.2-1, MQTT5-3.7.2-1. A client that says
/// no_matching_subscribers, which is for servers to say, does no harm.
bool may_acknowledge(ack_type type, reason_code code);

/// MQTT5-3.2.2-8.
bool may_answer_connect(reason_code code);

/// MQTT5-3.9.3-2.
bool may_answer_subscribe(reason_code code);

/// MQTT5-3.11.3-2.
bool may_answer_unsubscribe(reason_code code);

/// MQTT5-3.14.2-1, E49. That a server ends a connection normally is not in the
/// standard's table but happens.
bool may_disconnect(sender from, reason_code code);

/// MQTT5-3.15.2-1.
bool may_authenticate(sender from, reason_code code);

} // namespace callboard::protocol
