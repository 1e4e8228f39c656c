#include "protocol/codec/decode_packets.hpp"
#include "protocol/codec/property_reader.hpp"
#include "protocol/codec/reader.hpp"
#include "protocol/codec/reason_codes.hpp"

#include <utility>

namespace callboard::protocol {

namespace {

constexpr property_set from_client{
  property::session_expiry_interval, property::reason_string, property::user_property};

/// A server has no session expiry interval to set (MQTT5-3.14.2-2).
constexpr property_set from_server{
  property::server_reference, property::reason_string, property::user_property};

constexpr property_set properties_of_auth{property::authentication_method,
  property::authentication_data, property::reason_string, property::user_property};

void check_flags(reader& in, const frame& frame) {
  if (frame.flags() != 0) // MQTT5-3.14.1-1, MQTT311-3.14.1-1, MQTT5-3.15.1-1
    in.fail(reason_code::malformed_packet, "the low four bits of a DISCONNECT or AUTH must be 0");
}

void take(const read_property& one, disconnect& into) {
  if (one.id == property::session_expiry_interval)
    into.session_expiry_interval = one.number;
  else if (one.id == property::reason_string)
    into.reason_string = one.text;
  else if (one.id == property::server_reference)
    into.server_reference = one.text;
  else
    keep(into.user_properties, one);
}

void take(const read_property& one, auth& into) {
  if (one.id == property::authentication_method)
    into.authentication_method = one.text;
  else if (one.id == property::authentication_data)
    into.authentication_data = one.text;
  else if (one.id == property::reason_string)
    into.reason_string = one.text;
  else
    keep(into.user_properties, one);
}

/// Code and properties may both be left out, or the properties only (E47).
void read_body(reader& in, sender from, disconnect& into) {
  if (in.empty())
    return;
  into.code = static_cast<reason_code>(in.one_byte());
  if (!may_disconnect(from, into.code))
    in.fail(reason_code::protocol_error, "this side has no such reason code for a DISCONNECT");
  if (in.empty())
    return;
  property_reader properties{in, from == sender::client ? from_client : from_server};
  while (const auto one = properties.next())
    take(*one, into);
}

/// Code and properties may only be left out together (MQTT5-3.15.2.1).
void read_body(reader& in, sender from, auth& into) {
  const auto short_form = in.empty();
  if (!short_form)
    into.code = static_cast<reason_code>(in.one_byte());
  if (!may_authenticate(from, into.code))
    in.fail(reason_code::protocol_error,
      from == sender::client
        ? "a client's AUTH must continue an authentication (0x18) or begin it anew (0x19): "
          "do not send it without an authentication method in CONNECT"
        : "a server's AUTH must say success (0x00) or continue an authentication (0x18)");
  if (short_form)
    return;
  property_reader properties{in, properties_of_auth};
  while (const auto one = properties.next())
    take(*one, into);
  if (!into.authentication_method) // MQTT5-4.12.0-5
    in.fail(reason_code::protocol_error, "an AUTH must name the authentication method");
}

} // namespace

expected<std::unique_ptr<disconnect>, error> decode_disconnect(
  const frame& frame, version version, sender from) {
  auto read = std::make_unique<disconnect>();
  reader in{frame.body()};
  check_flags(in, frame);
  if (version == version::mqtt_5_0)
    read_body(in, from, *read);
  if (!in.finish())
    return in.fault();
  return read;
}

expected<std::unique_ptr<auth>, error> decode_auth(
  const frame& frame, version version, sender from) {
  auto read = std::make_unique<auth>();
  reader in{frame.body()};
  if (version != version::mqtt_5_0) // E08
    in.fail(reason_code::malformed_packet, "AUTH needs MQTT 5.0; before, 15 was no packet type");
  check_flags(in, frame);
  read_body(in, from, *read);
  if (!in.finish())
    return in.fault();
  return read;
}

} // namespace callboard::protocol
