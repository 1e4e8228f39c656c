#include "protocol/codec/decode.hpp"
#include "protocol/codec/property_reader.hpp"
#include "protocol/codec/reader.hpp"
#include "protocol/codec/topic_name.hpp"

#include <utility>

namespace callboard::protocol {

namespace {

constexpr property_set properties_of_connect{property::session_expiry_interval,
  property::receive_maximum, property::maximum_packet_size, property::topic_alias_maximum,
  property::request_response_information, property::request_problem_information,
  property::user_property, property::authentication_method, property::authentication_data};

constexpr property_set properties_of_will{property::will_delay_interval,
  property::payload_format_indicator, property::message_expiry_interval, property::content_type,
  property::response_topic, property::correlation_data, property::user_property};

/// The connect flags, MQTT5-3.1.2.3.
class connect_flags {
public:
  explicit connect_flags(unsigned bits) : bits_{bits} {}

  bool reserved() const { return (bits_ & 0x01) != 0; }
  bool clean_start() const { return (bits_ & 0x02) != 0; }
  bool will() const { return (bits_ & 0x04) != 0; }
  unsigned will_qos() const { return bits_ >> 3 & 3; }
  bool will_retain() const { return (bits_ & 0x20) != 0; }
  bool password() const { return (bits_ & 0x40) != 0; }
  bool user_name() const { return (bits_ & 0x80) != 0; }

private:
  unsigned bits_;
};

void check_will_flags(reader& in, version version, connect_flags flags) {
  if (flags.will()) {
    if (flags.will_qos() == 3) // MQTT5-3.1.2-12, MQTT311-3.1.2-14, E09
      in.fail(reason_code::malformed_packet, "the will QoS must be 0, 1 or 2");
  } else if (version != version::mqtt_3_1 && (flags.will_qos() != 0 || flags.will_retain())) {
    // MQTT5-3.1.2-11, -13, MQTT311-3.1.2-11, -13, -15, E27
    in.fail(reason_code::malformed_packet,
      "will QoS and will retain must be 0 in a CONNECT without a will");
  }
}

connect_flags read_flags(reader& in, version version) {
  const connect_flags flags{in.one_byte()};
  if (flags.reserved() && version != version::mqtt_3_1) // MQTT5-3.1.2-3, MQTT311-3.1.2-3, E30
    in.fail(reason_code::malformed_packet, "bit 0 of the connect flags must be 0");
  check_will_flags(in, version, flags);
  if (flags.password() && !flags.user_name() && version != version::mqtt_5_0)
    in.fail(reason_code::malformed_packet, // MQTT311-3.1.2-22, E28
      "a password needs a user name before MQTT 5.0");
  return flags;
}

void take(const read_property& one, connect& into) {
  switch (one.id) {
  case property::session_expiry_interval:
    into.session_expiry_interval = one.number;
    break;
  case property::receive_maximum:
    into.receive_maximum = static_cast<std::uint16_t>(one.number);
    into.receive_maximum_given = true;
    break;
  case property::maximum_packet_size:
    into.maximum_packet_size = one.number;
    break;
  case property::topic_alias_maximum:
    into.topic_alias_maximum = static_cast<std::uint16_t>(one.number);
    break;
  case property::request_response_information:
    into.request_response_information = one.number != 0;
    break;
  case property::request_problem_information:
    into.request_problem_information = one.number != 0;
    break;
  case property::authentication_method:
    into.authentication_method = one.text;
    break;
  case property::authentication_data:
    into.authentication_data = one.text;
    break;
  default:
    keep(into.user_properties, one);
    break;
  }
}

void read_properties(reader& in, connect& into) {
  property_reader properties{in, properties_of_connect};
  while (const auto one = properties.next())
    take(*one, into);
  if (into.authentication_data && !into.authentication_method) // E37
    in.fail(reason_code::protocol_error,
      "a CONNECT with authentication data must name the authentication method");
}

void read_properties(reader& in, will& into) {
  property_reader properties{in, properties_of_will};
  while (const auto one = properties.next()) {
    if (one->id == property::will_delay_interval)
      into.delay_interval = one->number;
    else if (one->id == property::message_expiry_interval)
      into.message_expiry_interval = one->number;
    else
      into.properties.append(one->encoded); // in their order, MQTT5-3.1.3-10
  }
}

/// MQTT5-3.1.3-11, E27, E57.
std::string read_will_topic(reader& in) {
  const auto topic = in.binary();
  if (topic.empty())
    in.fail(reason_code::malformed_packet, "the will topic must not be empty");
  switch (check_topic_name(topic)) {
  case topic_name_fault::none:
    break;
  case topic_name_fault::not_utf8:
    in.fail(reason_code::malformed_packet, "the will topic is not valid UTF-8");
    break;
  case topic_name_fault::wildcard:
    in.fail(reason_code::malformed_packet, "the will topic must not hold the wildcards + and #");
    break;
  }
  return std::string{topic};
}

will read_will(reader& in, version version, connect_flags flags) {
  will read;
  read.qos = static_cast<qos>(flags.will_qos());
  read.retain = flags.will_retain();
  if (version == version::mqtt_5_0)
    read_properties(in, read);
  read.topic = read_will_topic(in);
  read.payload = in.binary();
  return read;
}

/// In the standard's order, MQTT5-3.1.3-1, MQTT311-3.1.3-1. In 3.1 the remaining
/// length takes precedence over the flags of user name and password.
void read_payload(reader& in, connect_flags flags, connect& into) {
  const auto announced = [&](bool flag) {
    return flag && !(into.version == version::mqtt_3_1 && in.empty());
  };
  into.client_id = in.text();
  if (flags.will())
    into.will = read_will(in, into.version, flags);
  if (announced(flags.user_name()))
    into.user_name = in.text();
  if (announced(flags.password()))
    into.password = in.binary();
}

void read_connect(reader& in, connect& into) {
  const auto flags = read_flags(in, into.version);
  into.clean_start = flags.clean_start();
  into.keep_alive = in.two_bytes();
  if (into.version == version::mqtt_5_0)
    read_properties(in, into);
  else
    into.session_expiry_interval = into.clean_start ? 0 : forever; // E39
  read_payload(in, flags, into);
}

connect_refusal unsupported(std::string_view phrase, bool may_answer, version answer_in) {
  return {{reason_code::unsupported_protocol_version, phrase}, may_answer, answer_in};
}

/// The version by the protocol's name and level, MQTT5-3.1.2-1, -2, E23 to E26.
expected<version, connect_refusal> read_version(reader& in) {
  const auto name = in.binary();
  const unsigned level = in.one_byte();
  if (in.failed())
    return connect_refusal{in.fault()};
  if (name == "MQIsdp") {
    if (level == 3)
      return version::mqtt_3_1;
    return unsupported("the protocol name MQIsdp belongs to level 3 alone: send MQTT from 4 on",
      true, version::mqtt_3_1);
  }
  if (name != "MQTT")
    return unsupported(
      "the protocol name must be MQTT, or MQIsdp for 3.1", false, version::mqtt_3_1_1);
  if (level == 4)
    return version::mqtt_3_1_1;
  if (level == 5)
    return version::mqtt_5_0;
  const auto old = level < 5 || level == 0x83 || level == 0x84;
  return unsupported("the protocol level of MQTT must be 4 or 5, without a mark for bridges", true,
    old ? version::mqtt_3_1_1 : version::mqtt_5_0);
}

} // namespace

expected<std::unique_ptr<connect>, connect_refusal> decode_connect(const frame& frame) {
  if (frame.type() != packet_type::connect) // MQTT5-3.1.0-1, E12
    return connect_refusal{
      {reason_code::protocol_error, "the first packet of a connection must be a CONNECT"}};
  reader in{frame.body()};
  const auto version = read_version(in);
  if (!version)
    return version.error();
  auto read = std::make_unique<connect>();
  read->version = *version;
  if (frame.flags() != 0 && *version != version::mqtt_3_1) // E07, E25
    in.fail(reason_code::malformed_packet, "the low four bits of a CONNECT must be 0");
  read_connect(in, *read);
  if (!in.finish())
    return connect_refusal{in.fault(), *version == version::mqtt_5_0, *version};
  return read;
}

} // namespace callboard::protocol
