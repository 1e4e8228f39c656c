#include "protocol/codec/encode.hpp"

#include "protocol/codec/problem.hpp"
#include "protocol/codec/writer.hpp"

#include <array>
#include <memory>

namespace callboard::protocol {

namespace {

std::uint8_t ack_byte(ack_type type) {
  const auto flags = type == ack_type::pubrel ? 2U : 0U; // MQTT5-3.6.1-1
  return static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | flags);
}

/// `40 02 id`.
bool append_short_ack(std::string& out, const acknowledgement& ack) {
  std::array<char, 4> bytes{};
  raw_writer writer{bytes.data()};
  writer.one_byte(ack_byte(ack.type));
  writer.one_byte(2);
  writer.two_bytes(ack.packet_id);
  out.append(bytes.data(), bytes.size());
  return true;
}

/// The property length is left out if there are no properties (E47).
void append_if_any(body_writer& body, const property_writer& properties) {
  if (!properties.empty())
    properties.append_to(body);
}

/// Encodes what a packet holds.
class any_encoder {
public:
  any_encoder(std::string& out, version version, std::uint32_t maximum_packet_size)
      : out_{out}, version_{version}, maximum_{maximum_packet_size} {}

  bool operator()(const publication& read) const {
    const outgoing_publication outgoing{.qos = read.qos,
      .dup = read.dup,
      .retain = read.retain,
      .packet_id = read.packet_id,
      .message_expiry_interval = read.message_expiry_interval,
      .topic_alias = read.topic_alias,
      .topic = read.topic,
      .properties = read.properties,
      .payload = read.payload};
    if (maximum_ != 0 && publish_size(version_, outgoing) > maximum_)
      return false;
    return encode_publish(out_, version_, outgoing);
  }

  bool operator()(const acknowledgement& ack) const {
    return encode_ack(out_, version_, ack, {}, maximum_);
  }

  bool operator()(pingreq) const {
    encode_pingreq(out_);
    return true;
  }

  bool operator()(pingresp) const {
    encode_pingresp(out_);
    return true;
  }

  bool operator()(const std::unique_ptr<subscribe>& held) const {
    return encode_subscribe(out_, version_, *held, maximum_);
  }

  bool operator()(const std::unique_ptr<unsubscribe>& held) const {
    return encode_unsubscribe(out_, version_, *held, maximum_);
  }

  bool operator()(const std::unique_ptr<suback>& held) const {
    return encode_suback(out_, version_, *held, maximum_);
  }

  bool operator()(const std::unique_ptr<unsuback>& held) const {
    return encode_unsuback(out_, version_, *held, maximum_);
  }

  bool operator()(const std::unique_ptr<connect>& held) const {
    return encode_connect(out_, *held);
  }

  bool operator()(const std::unique_ptr<connack>& held) const {
    return encode_connack(out_, version_, *held, maximum_);
  }

  bool operator()(const std::unique_ptr<disconnect>& held) const {
    return encode_disconnect(out_, version_, *held, maximum_);
  }

  bool operator()(const std::unique_ptr<auth>& held) const {
    return encode_auth(out_, *held, maximum_);
  }

private:
  std::string& out_;
  version version_;
  std::uint32_t maximum_;
};

} // namespace

bool encode_ack(std::string& out, version version, const acknowledgement& ack,
  std::string_view reason, std::uint32_t maximum_packet_size) {
  if (version != version::mqtt_5_0 || (ack.code == reason_code::success && reason.empty()))
    return append_short_ack(out, ack);
  return fit([&](problem_text text) {
    property_writer properties;
    write_problem(properties, text, reason);
    body_writer body;
    body.two_bytes(ack.packet_id);
    if (ack.code != reason_code::success || !properties.empty())
      body.one_byte(static_cast<std::uint8_t>(ack.code));
    append_if_any(body, properties);
    return append_packet(out, ack_byte(ack.type), body.bytes(), maximum_packet_size);
  });
}

void encode_pingreq(std::string& out) {
  out.append({'\xC0', '\0'});
}

void encode_pingresp(std::string& out) {
  out.append({'\xD0', '\0'});
}

bool encode_disconnect(std::string& out, version version, const disconnect& disconnect,
  std::uint32_t maximum_packet_size) {
  return fit([&](problem_text text) {
    property_writer properties;
    properties.number(property::session_expiry_interval, disconnect.session_expiry_interval);
    properties.text(property::server_reference, disconnect.server_reference);
    write_problem(properties, text, disconnect.reason_string, disconnect.user_properties);
    body_writer body;
    if (version == version::mqtt_5_0) {
      if (disconnect.code != reason_code::success || !properties.empty())
        body.one_byte(static_cast<std::uint8_t>(disconnect.code));
      append_if_any(body, properties);
    }
    return append_packet(out, 0xE0, body.bytes(), maximum_packet_size);
  });
}

bool encode_auth(std::string& out, const auth& auth, std::uint32_t maximum_packet_size) {
  return fit([&](problem_text text) {
    property_writer properties;
    properties.field(property::authentication_method, auth.authentication_method);
    properties.field(property::authentication_data, auth.authentication_data);
    write_problem(properties, text, auth.reason_string, auth.user_properties);
    body_writer body;
    if (auth.code != reason_code::success || !properties.empty()) {
      body.one_byte(static_cast<std::uint8_t>(auth.code));
      properties.append_to(body);
    }
    return append_packet(out, 0xF0, body.bytes(), maximum_packet_size);
  });
}

bool encode(
  std::string& out, version version, const packet& any, std::uint32_t maximum_packet_size) {
  return std::visit(any_encoder{out, version, maximum_packet_size}, any);
}

} // namespace callboard::protocol
