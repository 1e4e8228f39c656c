#include "tests/conformance/received_packet.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace callboard::conformance {

namespace {

[[noreturn]] void fault(const std::string& what) {
  throw server_fault{"the server sent " + what};
}

void require(bool holds, const std::string& what) {
  if (!holds)
    fault(what);
}

unsigned octet(char c) {
  return static_cast<unsigned char>(c);
}

/// Reads a packet's body from front to back.
class reader {
public:
  explicit reader(std::string_view rest) : rest_{rest} {}

  bool at_end() const { return rest_.empty(); }

  std::string_view take(std::size_t count) {
    require(count <= rest_.size(), "a field that reaches beyond its packet (MQTT5-2.1.4)");
    const auto result = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return result;
  }

  std::uint32_t number(std::size_t octets) {
    std::uint32_t result = 0;
    for (const char c : take(octets))
      result = result << 8U | octet(c);
    return result;
  }

  unsigned u8() { return number(1); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }

  std::uint32_t variable() {
    std::uint32_t result = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
      const unsigned next = u8();
      require(next != 0 || shift == 0, "an overlong integer (MQTT5-1.5.5-1)");
      result |= (next & 0x7FU) << shift;
      if (next < 0x80)
        return result;
    }
    fault("a variable byte integer of five octets (MQTT5-1.5.5)");
  }

  std::string binary() { return std::string{take(u16())}; }

  std::string text() {
    auto result = binary();
    require(is_mqtt_string(result), "a bad string: " + show(result) + " (MQTT5-1.5.4-1)");
    return result;
  }

  std::string rest() { return std::string{take(rest_.size())}; }

private:
  std::string_view rest_;
};

// -- what may be where ---------------------------------------------------------

using codes = std::vector<unsigned>;

bool contains(const codes& list, unsigned code) {
  return std::find(list.begin(), list.end(), code) != list.end();
}

/// The properties a server may put into a packet (MQTT5-2.2.2.2).
codes properties_of(packet_type type) {
  switch (type) {
  case packet_type::connack:
    return {0x11, 0x12, 0x13, 0x15, 0x16, 0x1A, 0x1C, 0x1F, 0x21, 0x22, 0x24, 0x25, 0x26, 0x27,
      0x28, 0x29, 0x2A};
  case packet_type::publish:
    return {0x01, 0x02, 0x03, 0x08, 0x09, 0x0B, 0x23, 0x26};
  case packet_type::disconnect:
    return {0x1C, 0x1F, 0x26}; // no session expiry: MQTT5-3.14.2-2
  case packet_type::auth:
    return {0x15, 0x16, 0x1F, 0x26};
  default:
    return {0x1F, 0x26};
  }
}

/// The reason codes of a server's packet in version 5.0 (MQTT5-2.4).
codes reasons_of(packet_type type) {
  switch (type) {
  case packet_type::connack: // MQTT5-3.2.2-8
    return {0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90,
      0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F};
  case packet_type::puback: // MQTT5-3.4.2-1
  case packet_type::pubrec: // MQTT5-3.5.2-1
    return {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99};
  case packet_type::pubrel:  // MQTT5-3.6.2-1
  case packet_type::pubcomp: // MQTT5-3.7.2-1
    return {0x00, 0x92};
  case packet_type::suback: // MQTT5-3.9.3-2
    return {0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2};
  case packet_type::unsuback: // MQTT5-3.11.3-2
    return {0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91};
  case packet_type::disconnect: // MQTT5-3.14.2-1
    return {0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94,
      0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2};
  default: // AUTH: MQTT5-3.15.2-1
    return {0x00, 0x18};
  }
}

/// The codes of CONNACK and SUBACK before version 5.0 (MQTT311-3.2.2-6, -3.9.3-2).
codes old_reasons_of(protocol_version version, packet_type type) {
  if (type == packet_type::connack)
    return {0, 1, 2, 3, 4, 5};
  return version == protocol_version::v3_1 ? codes{0, 1, 2} : codes{0, 1, 2, 0x80};
}

void check_reason(protocol_version version, packet_type type, unsigned reason) {
  const auto& allowed =
    version == protocol_version::v5 ? reasons_of(type) : old_reasons_of(version, type);
  require(contains(allowed, reason),
    std::string{name_of(type)} + " with the code " + show(u8(reason)) + " that it cannot have");
}

void check_flags(const received_packet& packet) {
  if (packet.type != packet_type::publish) {
    const unsigned wanted = packet.type == packet_type::pubrel ? 2 : 0;
    require(packet.flags == wanted, "reserved flags (MQTT5-2.1.3-1)");
    return;
  }
  require(packet.qos() != 3, "QoS 3 (MQTT5-3.3.1-4)");
  require(packet.qos() != 0 || !packet.dup(), "DUP with QoS 0 (MQTT5-3.3.1-2)");
}

// -- bodies --------------------------------------------------------------------

enum class property_type : std::uint8_t { u8, u16, u32, variable, text, binary, pair };

property_type type_of(property_id id) {
  switch (id) {
  case property_id::payload_format_indicator:
  case property_id::maximum_qos:
  case property_id::retain_available:
  case property_id::wildcard_subscription_available:
  case property_id::subscription_identifiers_available:
  case property_id::shared_subscription_available:
    return property_type::u8;
  case property_id::server_keep_alive:
  case property_id::receive_maximum:
  case property_id::topic_alias_maximum:
  case property_id::topic_alias:
    return property_type::u16;
  case property_id::message_expiry_interval:
  case property_id::session_expiry_interval:
  case property_id::maximum_packet_size:
    return property_type::u32;
  case property_id::subscription_identifier:
    return property_type::variable;
  case property_id::correlation_data:
  case property_id::authentication_data:
    return property_type::binary;
  case property_id::user_property:
    return property_type::pair;
  default:
    return property_type::text;
  }
}

received_property read_property(reader& in, property_id id) {
  switch (type_of(id)) {
  case property_type::u8:
    return {.id = id, .number = in.u8()};
  case property_type::u16:
    return {.id = id, .number = in.u16()};
  case property_type::u32:
    return {.id = id, .number = in.number(4)};
  case property_type::variable:
    return {.id = id, .number = in.variable()};
  case property_type::binary:
    return {.id = id, .text = in.binary()};
  case property_type::pair: {
    auto key = in.text();
    return {.id = id, .text = std::move(key), .value = in.text()};
  }
  default:
    return {.id = id, .text = in.text()};
  }
}

bool may_repeat(property_id id) {
  return id == property_id::user_property || id == property_id::subscription_identifier;
}

/// Values that the standard excludes (MQTT5-3.2.2.3, MQTT5-3.3.2.3).
void check_value(const received_property& property) {
  switch (property.id) {
  case property_id::topic_alias:
    return require(property.number != 0, "topic alias 0 (MQTT5-3.3.2-8)");
  case property_id::subscription_identifier:
    return require(property.number != 0, "subscription identifier 0 (MQTT5-3.3.2.3.8)");
  case property_id::receive_maximum:
  case property_id::maximum_packet_size:
    return require(property.number != 0, "a limit of 0 (MQTT5-3.2.2.3)");
  case property_id::response_topic:
    return require(property.text.find_first_of("+#") == std::string::npos,
      "a response topic with wildcards (MQTT5-3.3.2-14)");
  default:
    if (type_of(property.id) == property_type::u8)
      require(property.number <= 1, "a flag that is neither 0 nor 1 (MQTT5-3.2.2-9)");
  }
}

void read_properties(reader& in, received_packet& packet) {
  reader list{in.take(in.variable())};
  const auto allowed = properties_of(packet.type);
  while (!list.at_end()) {
    const unsigned number = list.variable();
    const auto what = std::string{name_of(packet.type)} + " with property " + show(u8(number));
    require(contains(allowed, number), what + ", which does not belong there (MQTT5-2.2.2.2)");
    const auto id = static_cast<property_id>(number);
    require(may_repeat(id) || !packet.has(id), what + " twice (MQTT5-2.2.2.2)");
    packet.properties.push_back(read_property(list, id));
    check_value(packet.properties.back());
  }
}

void read_connack(protocol_version version, reader& in, received_packet& packet) {
  packet.acknowledge_flags = in.u8();
  packet.reason = in.u8();
  const unsigned known = version == protocol_version::v3_1 ? 0 : 1;
  require((packet.acknowledge_flags & ~known) == 0,
    "reserved acknowledge flags (MQTT5-3.2.2-1, MQTT311-3.2.2.1)");
  require(packet.reason == 0 || !packet.session_present(),
    "session present beside a refusal (MQTT5-3.2.2-6, MQTT311-3.2.2-4)");
  check_reason(version, packet.type, packet.reason);
  if (version == protocol_version::v5)
    read_properties(in, packet);
}

void read_publish(protocol_version version, reader& in, received_packet& packet) {
  packet.topic = in.text();
  require(packet.topic.find_first_of("+#") == std::string::npos,
    "wildcards in a topic name (MQTT5-3.3.2-2)");
  if (packet.qos() > 0) {
    packet.packet_id = in.u16();
    require(packet.packet_id != 0, "packet identifier 0 (MQTT5-2.2.1-4)");
  }
  if (version == protocol_version::v5)
    read_properties(in, packet);
  require(!packet.topic.empty() || packet.has(property_id::topic_alias),
    "neither a topic nor an alias (MQTT5-4.7.3-1)");
  packet.payload = in.rest();
}

void read_acknowledgement(protocol_version version, reader& in, received_packet& packet) {
  packet.packet_id = in.u16();
  if (version != protocol_version::v5 || in.at_end())
    return;
  packet.reason = in.u8();
  check_reason(version, packet.type, packet.reason);
  if (!in.at_end())
    read_properties(in, packet);
}

void read_suback(protocol_version version, reader& in, received_packet& packet) {
  packet.packet_id = in.u16();
  if (version == protocol_version::v5)
    read_properties(in, packet);
  else if (packet.type == packet_type::unsuback)
    return;
  while (!in.at_end()) {
    packet.reasons.push_back(in.u8());
    check_reason(version, packet.type, packet.reasons.back());
  }
  require(!packet.reasons.empty(), "an acknowledgement without codes (MQTT5-3.8.4-6)");
}

void read_disconnect_or_auth(protocol_version version, reader& in, received_packet& packet) {
  require(version == protocol_version::v5, "a packet that only version 5.0 has");
  if (in.at_end())
    return;
  packet.reason = in.u8();
  check_reason(version, packet.type, packet.reason);
  if (!in.at_end())
    read_properties(in, packet);
}

void read_body(protocol_version version, reader& in, received_packet& packet) {
  switch (packet.type) {
  case packet_type::connack:
    return read_connack(version, in, packet);
  case packet_type::publish:
    return read_publish(version, in, packet);
  case packet_type::puback:
  case packet_type::pubrec:
  case packet_type::pubrel:
  case packet_type::pubcomp:
    return read_acknowledgement(version, in, packet);
  case packet_type::suback:
  case packet_type::unsuback:
    return read_suback(version, in, packet);
  case packet_type::pingresp:
    return;
  case packet_type::disconnect:
  case packet_type::auth:
    return read_disconnect_or_auth(version, in, packet);
  default:
    fault("a packet that only a client may send");
  }
}

/// How many octets a sequence has that starts with `lead`, 0 if none may.
std::size_t sequence_length(unsigned lead) {
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead <= 0xDF)
    return 2;
  if (lead >= 0xE0 && lead <= 0xEF)
    return 3;
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/// Whether the second octet keeps the sequence shortest, below U+110000 and off
/// the surrogates.
bool second_fits(unsigned lead, unsigned second) {
  switch (lead) {
  case 0xE0:
    return second >= 0xA0;
  case 0xED:
    return second <= 0x9F;
  case 0xF0:
    return second >= 0x90;
  case 0xF4:
    return second <= 0x8F;
  default:
    return true;
  }
}

} // namespace

bool received_packet::has(property_id id) const {
  return std::any_of(
    properties.begin(), properties.end(), [id](const auto& each) { return each.id == id; });
}

std::optional<std::uint32_t> received_packet::number(property_id id) const {
  for (const auto& each : properties)
    if (each.id == id)
      return each.number;
  return std::nullopt;
}

std::optional<std::string> received_packet::text(property_id id) const {
  for (const auto& each : properties)
    if (each.id == id)
      return each.text;
  return std::nullopt;
}

std::vector<std::uint32_t> received_packet::subscription_identifiers() const {
  std::vector<std::uint32_t> result;
  for (const auto& each : properties)
    if (each.id == property_id::subscription_identifier)
      result.push_back(each.number);
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<string_pair> received_packet::user_properties() const {
  std::vector<string_pair> result;
  for (const auto& each : properties)
    if (each.id == property_id::user_property)
      result.emplace_back(each.text, each.value);
  return result;
}

std::optional<std::size_t> packet_length(std::string_view input) {
  std::size_t length = 0;
  for (std::size_t i = 1; i <= 4; ++i) {
    if (i >= input.size())
      return std::nullopt;
    const unsigned next = octet(input[i]);
    require(next != 0 || i == 1, "an overlong remaining length (MQTT5-1.5.5-1)");
    length |= static_cast<std::size_t>(next & 0x7FU) << (7 * (i - 1));
    if (next < 0x80)
      return 1 + i + length;
  }
  fault("a remaining length of five octets (MQTT5-2.1.4)");
}

received_packet parse(protocol_version version, std::string_view whole) {
  received_packet packet;
  packet.raw = whole;
  packet.type = static_cast<packet_type>(octet(whole.at(0)) >> 4U);
  packet.flags = octet(whole.at(0)) & 0x0FU;
  check_flags(packet);
  reader in{whole.substr(1)};
  in.variable();
  read_body(version, in, packet);
  require(in.at_end(), std::string{name_of(packet.type)} + " with octets left over");
  return packet;
}

bool is_mqtt_string(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const unsigned lead = octet(text[i]);
    const std::size_t length = sequence_length(lead);
    if (lead == 0 || length == 0 || length > text.size() - i)
      return false;
    for (std::size_t k = 1; k < length; ++k)
      if ((octet(text[i + k]) & 0xC0U) != 0x80)
        return false;
    if (length > 1 && !second_fits(lead, octet(text[i + 1])))
      return false;
    i += length;
  }
  return true;
}

} // namespace callboard::conformance
