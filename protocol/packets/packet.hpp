#pragma once

#include "protocol/packets/acknowledgement.hpp"
#include "protocol/packets/connack.hpp"
#include "protocol/packets/connect.hpp"
#include "protocol/packets/disconnect.hpp"
#include "protocol/packets/publication.hpp"
#include "protocol/packets/subscribe.hpp"

#include <memory>
#include <variant>

namespace callboard::protocol {

/// MQTT control packet types, MQTT5-2.1.2.
enum class packet_type : std::uint8_t {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect,
  auth,
};

struct pingreq {};
struct pingresp {};

/// UNSUBACK looks like SUBACK.
struct unsuback : suback {};

/// One control packet of any type, in either direction. What comes by the
/// thousand lies inside; what comes rarely lies behind a pointer, so that a
/// vector of packets stays small.
using packet = std::variant<publication, acknowledgement, pingreq, pingresp,
  std::unique_ptr<subscribe>, std::unique_ptr<unsubscribe>, std::unique_ptr<suback>,
  std::unique_ptr<unsuback>, std::unique_ptr<connect>, std::unique_ptr<connack>,
  std::unique_ptr<disconnect>, std::unique_ptr<auth>>;

} // namespace callboard::protocol
