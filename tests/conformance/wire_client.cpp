#include "tests/conformance/wire_client.hpp"

#include <algorithm>
#include <utility>

namespace callboard::conformance {

namespace {

using outcome = tcp_stream::outcome;

steady_time after(milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

std::string described(const received_packet& packet) {
  return std::string{name_of(packet.type)} + " " + show(packet.raw);
}

} // namespace

wire_client::wire_client(const endpoint& broker, protocol_version version)
    : version_{version}, stream_{broker} {}

// -- octets --------------------------------------------------------------------

void wire_client::send(std::string_view octets, place where) {
  if (!send_while_open(octets, where))
    fail("the server closed instead of reading " + show(octets), where);
}

void wire_client::send_bytewise(std::string_view octets, place where) {
  remember('>', octets);
  for (const char octet : octets)
    if (stream_.write({&octet, 1}, after(patience)) != outcome::done)
      fail("the server did not read octet by octet", where);
}

bool wire_client::send_while_open(std::string_view octets, place where) {
  remember('>', octets);
  const auto result = stream_.write(octets, after(patience));
  if (result == outcome::timeout)
    fail("the server did not read " + show(octets), where);
  return result == outcome::done;
}

void wire_client::cut() {
  stream_.close();
}

// -- what comes ----------------------------------------------------------------

received_packet wire_client::receive(place where) {
  auto packet = next(after(patience), "a packet", where);
  if (!packet)
    fail("wanted a packet, nothing came", where);
  return *std::move(packet);
}

std::optional<received_packet> wire_client::receive_within(milliseconds time, place where) {
  return next(after(time), "a packet or silence", where);
}

received_packet wire_client::expect(packet_type type, place where) {
  auto packet = next(after(patience), std::string{name_of(type)}, where);
  if (!packet)
    fail("wanted " + std::string{name_of(type)} + ", nothing came", where);
  return checked(*std::move(packet), type, where);
}

received_packet wire_client::await(packet_type type, place where) {
  const auto found = std::find_if(
    pending_.begin(), pending_.end(), [type](const auto& each) { return each.type == type; });
  if (found != pending_.end()) {
    auto packet = std::move(*found);
    pending_.erase(found);
    return packet;
  }
  const auto deadline = after(patience);
  while (auto packet = from_stream(deadline, std::string{name_of(type)}, where)) {
    if (packet->type == type)
      return *std::move(packet);
    pending_.push_back(*std::move(packet));
  }
  fail("wanted " + std::string{name_of(type)} + ", it did not come", where);
}

received_packet wire_client::expect_publish(
  std::string_view topic, std::string_view payload, place where) {
  auto packet = expect(packet_type::publish, where);
  if (packet.topic != topic || packet.payload != payload)
    fail("wanted PUBLISH of " + show(payload) + " to " + std::string{topic} + ", got " +
           show(packet.payload) + " to " + packet.topic,
      where);
  return packet;
}

void wire_client::expect_octets(std::string_view octets, place where) {
  const auto deadline = after(patience);
  while (input_.size() < octets.size())
    if (stream_.read(input_, deadline) != outcome::done)
      break;
  if (!input_.starts_with(octets))
    fail("wanted " + show(octets) + ", got " + show(input_), where);
  remember('<', octets);
  input_.erase(0, octets.size());
}

void wire_client::expect_silence(milliseconds time, place where) {
  if (const auto packet = next(after(time), "silence", where))
    fail("wanted silence, got " + described(*packet), where);
  if (!input_.empty())
    fail("wanted silence, got " + show(input_), where);
}

void wire_client::expect_eof(milliseconds time, place where) {
  if (!pending_.empty())
    fail("wanted the end of the stream, got " + described(pending_.front()), where);
  expect_end(after(time), where);
}

std::optional<received_packet> wire_client::expect_closed(
  const reason_codes& codes, milliseconds time, place where) {
  return closing_packet(packet_type::disconnect, codes, time, where);
}

received_packet wire_client::expect_disconnect(unsigned code, place where) {
  auto packet = closing_packet(packet_type::disconnect, {code}, patience, where);
  if (!packet)
    fail("wanted DISCONNECT " + show(u8(code)) + ", the server just closed", where);
  return *std::move(packet);
}

std::optional<received_packet> wire_client::expect_refused(const reason_codes& codes, place where) {
  return closing_packet(packet_type::connack, codes, patience, where);
}

bytes wire_client::drain(milliseconds time, place where) {
  const auto deadline = after(time);
  outcome result{};
  while ((result = stream_.read(input_, deadline)) == outcome::done) {
  }
  remember('<', input_);
  if (result == outcome::timeout)
    fail("wanted the end of the stream, it stays open", where);
  ended_ = true;
  return std::exchange(input_, {});
}

// -- conversations -------------------------------------------------------------

received_packet wire_client::connect(const connect_options& options, place where) {
  send(connect_packet(version_, options), where);
  auto connack = expect(packet_type::connack, where);
  if (connack.reason != 0)
    fail("refused: " + described(connack), where);
  return connack;
}

received_packet wire_client::subscribe(
  std::string_view filter, unsigned options, std::string_view properties, place where) {
  auto suback = try_subscribe({{std::string{filter}, options}}, properties, where);
  if (suback.reasons != std::vector<unsigned>{options & 3U})
    fail("not granted: " + described(suback), where);
  return suback;
}

received_packet wire_client::try_subscribe(
  const std::vector<subscription>& subscriptions, std::string_view properties, place where) {
  const auto id = next_packet_id();
  send(subscribe_packet(version_, id, subscriptions, properties), where);
  auto suback = await(packet_type::suback, where);
  if (suback.packet_id != id || suback.reasons.size() != subscriptions.size())
    fail("not the answer to our SUBSCRIBE: " + described(suback), where);
  return suback;
}

received_packet wire_client::unsubscribe(const std::vector<std::string>& filters, place where) {
  const auto id = next_packet_id();
  send(unsubscribe_packet(version_, id, filters), where);
  auto unsuback = await(packet_type::unsuback, where);
  const std::size_t codes = version_ == protocol_version::v5 ? filters.size() : 0;
  if (unsuback.packet_id != id || unsuback.reasons.size() != codes)
    fail("not the answer to our UNSUBSCRIBE: " + described(unsuback), where);
  return unsuback;
}

unsigned wire_client::publish(publication message, place where) {
  const unsigned qos = message.qos;
  const auto id = send_publish(std::move(message), where);
  if (qos == 0)
    return 0;
  const auto answer = await(qos == 1 ? packet_type::puback : packet_type::pubrec, where);
  if (answer.packet_id != id)
    fail("not the answer to our PUBLISH: " + described(answer), where);
  if (qos == 2 && answer.reason < 0x80) {
    send(acknowledgement(packet_type::pubrel, id), where);
    const auto pubcomp = await(packet_type::pubcomp, where);
    if (pubcomp.packet_id != id || pubcomp.reason != 0)
      fail("not the answer to our PUBREL: " + described(pubcomp), where);
  }
  return answer.reason;
}

std::uint16_t wire_client::send_publish(publication message, place where) {
  if (message.qos > 0 && message.packet_id == 0)
    message.packet_id = next_packet_id();
  send(publish_packet(version_, message), where);
  return message.packet_id;
}

void wire_client::acknowledge(const received_packet& message, place where) {
  if (message.qos() == 1)
    send(acknowledgement(packet_type::puback, message.packet_id), where);
  if (message.qos() != 2)
    return;
  send(acknowledgement(packet_type::pubrec, message.packet_id), where);
  const auto pubrel = await(packet_type::pubrel, where);
  if (pubrel.packet_id != message.packet_id || pubrel.reason != 0)
    fail("not the answer to our PUBREC: " + described(pubrel), where);
  send(acknowledgement(packet_type::pubcomp, message.packet_id), where);
}

received_packet wire_client::receive_message(
  std::string_view topic, std::string_view payload, place where) {
  auto packet = expect_publish(topic, payload, where);
  acknowledge(packet, where);
  return packet;
}

void wire_client::ping(place where) {
  send(pingreq(), where);
  await(packet_type::pingresp, where);
}

void wire_client::disconnect(unsigned reason, std::string_view properties, place where) {
  send(disconnect_packet(reason, properties), where);
  drain(patience, where);
}

std::uint16_t wire_client::next_packet_id() {
  last_packet_id_ = static_cast<std::uint16_t>(last_packet_id_ % 0xFFFF + 1);
  return last_packet_id_;
}

// -- underneath ----------------------------------------------------------------

std::optional<received_packet> wire_client::next(
  steady_time deadline, const std::string& wanted, place where) {
  if (pending_.empty())
    return from_stream(deadline, wanted, where);
  auto packet = std::move(pending_.front());
  pending_.pop_front();
  return packet;
}

std::optional<received_packet> wire_client::from_stream(
  steady_time deadline, const std::string& wanted, place where) {
  while (true) {
    if (auto packet = cut_from_input(where))
      return packet;
    const auto result = stream_.read(input_, deadline);
    if (result == outcome::timeout)
      return std::nullopt;
    if (result == outcome::closed)
      fail("wanted " + wanted + ", the server closed", where);
  }
}

std::optional<received_packet> wire_client::cut_from_input(place where) {
  try {
    const auto length = packet_length(input_);
    if (!length || *length > input_.size())
      return std::nullopt;
    const bytes whole = input_.substr(0, *length);
    input_.erase(0, *length);
    remember('<', whole);
    return parse(version_, whole);
  } catch (const server_fault& fault) {
    fail(fault.what(), where);
  }
}

std::optional<received_packet> wire_client::closing_packet(
  packet_type type, const reason_codes& codes, milliseconds time, place where) {
  const auto deadline = after(time);
  std::optional<received_packet> packet;
  if (!pending_.empty()) {
    packet = next(deadline, "", where);
  } else {
    while (!packet && !ended_) {
      packet = cut_from_input(where);
      if (packet)
        break;
      const auto result = stream_.read(input_, deadline);
      if (result == outcome::timeout)
        fail("wanted the end of the connection, it stays open", where);
      ended_ = result == outcome::closed;
    }
  }
  if (!packet) {
    if (reasons_required_ && version_ == protocol_version::v5)
      fail("closed without a " + std::string{name_of(type)} + " that names the reason", where);
    return std::nullopt;
  }
  packet = checked(*std::move(packet), type, where);
  const bool fits = codes.empty()
                      ? packet->reason >= (version_ == protocol_version::v5 ? 0x80U : 1U)
                      : std::find(codes.begin(), codes.end(), packet->reason) != codes.end();
  if (!fits)
    fail("closed for another reason: " + described(*packet), where);
  expect_eof(time, where);
  return packet;
}

received_packet wire_client::checked(
  received_packet packet, packet_type wanted, place where) const {
  if (packet.type != wanted)
    fail("wanted " + std::string{name_of(wanted)} + ", got " + described(packet), where);
  return packet;
}

void wire_client::expect_end(steady_time deadline, place where) {
  if (ended_)
    return;
  outcome result = outcome::done;
  while (input_.empty() && result == outcome::done)
    result = stream_.read(input_, deadline);
  if (!input_.empty())
    fail("wanted the end of the stream, got " + show(input_), where);
  if (result == outcome::timeout)
    fail("wanted the end of the stream, it stays open", where);
  ended_ = true;
}

void wire_client::remember(char direction, std::string_view octets) {
  history_.push_back(std::string{direction} + " " + show(octets, 48));
  if (history_.size() > 12)
    history_.pop_front();
}

void wire_client::fail(const std::string& what, place where) const {
  std::string text = where.text() + ": " + what;
  for (const auto& line : history_)
    text += "\n  " + line;
  throw wire_failure{text};
}

} // namespace callboard::conformance
