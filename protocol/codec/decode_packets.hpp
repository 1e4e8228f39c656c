#pragma once

#include "protocol/codec/decode.hpp"

#include <memory>

/// The parts of decode(), one for each packet type. All take the frame of a
/// packet of that type.
namespace callboard::protocol {

expected<std::unique_ptr<subscribe>, error> decode_subscribe(const frame& frame, version version);
expected<std::unique_ptr<unsubscribe>, error> decode_unsubscribe(
  const frame& frame, version version);
expected<std::unique_ptr<suback>, error> decode_suback(const frame& frame, version version);
expected<std::unique_ptr<unsuback>, error> decode_unsuback(const frame& frame, version version);
expected<std::unique_ptr<connack>, error> decode_connack(const frame& frame, version version);
expected<std::unique_ptr<disconnect>, error> decode_disconnect(
  const frame& frame, version version, sender from);
expected<std::unique_ptr<auth>, error> decode_auth(
  const frame& frame, version version, sender from);

} // namespace callboard::protocol
