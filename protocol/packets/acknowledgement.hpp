#pragma once

#include "protocol/reason_code.hpp"
#include "protocol/types.hpp"

#include <cstdint>

namespace callboard::protocol {

/// The four acknowledgements of a PUBLISH, by packet type number.
enum class ack_type : std::uint8_t { puback = 4, pubrec = 5, pubrel = 6, pubcomp = 7 };

/// PUBACK, PUBREC, PUBREL or PUBCOMP, MQTT5-3.4 to 3.7. A client's reason string
/// and user properties are checked and let go.
struct acknowledgement {
  ack_type type = ack_type::puback;
  protocol::packet_id packet_id = 0;
  reason_code code = reason_code::success;
};

} // namespace callboard::protocol
