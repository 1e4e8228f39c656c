#include "app/client/dialogue.hpp"

#include "app/client/reason_text.hpp"
#include "app/exit_code.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <utility>
#include <variant>

namespace callboard::app::client {

namespace {

using namespace protocol; // NOLINT(google-build-using-namespace): the packets are all it speaks of
using outcome = std::optional<failure>;

failure bad_packet(const error& wrong) {
  return {exit_code::bad_data, fmt::format("the broker sent a bad packet: {}", wrong.phrase)};
}

std::string_view name_of(ack_type type) {
  switch (type) {
  case ack_type::puback:
    return "PUBACK";
  case ack_type::pubrec:
    return "PUBREC";
  case ack_type::pubrel:
    return "PUBREL";
  case ack_type::pubcomp:
    break;
  }
  return "PUBCOMP";
}

template <class Publication>
std::string describe_publish(const Publication& message) {
  return fmt::format("PUBLISH (d{}, q{}, r{}, m{}, '{}', {} bytes)", message.dup ? 1 : 0,
    static_cast<int>(message.qos), message.retain ? 1 : 0, message.packet_id, message.topic,
    message.payload.size());
}

} // namespace

dialogue::dialogue(protocol::connect connect, listener& receiver)
    : connect_{std::move(connect)}, receiver_{receiver}, aliases_{connect_.topic_alias_maximum},
      keep_alive_{connect_.keep_alive} {}

void dialogue::open(time_point now) {
  encode_connect(output_, connect_);
  say(direction::sent, fmt::format("CONNECT as '{}'", connect_.client_id));
  sent(now);
}

outcome dialogue::take(std::string_view bytes) {
  pinged_at_ = never; // whatever came, the broker is alive
  input_.append(bytes);
  std::size_t used = 0;
  outcome wrong;
  while (!wrong) {
    const auto next =
      next_frame(std::string_view{input_}.substr(used), connect_.maximum_packet_size);
    if (next.status == frame_result::status::need_more)
      break;
    wrong = next.status == frame_result::status::failed ? bad_packet(next.error) : take(next.frame);
    used += next.packet_size;
  }
  input_.erase(0, used);
  return wrong;
}

outcome dialogue::take(const frame& frame) {
  arena rest;
  auto decoded = decode(frame, connect_.version, sender::server, rest);
  if (!decoded)
    return bad_packet(decoded.error());
  if (!connected_)
    return take_first(*decoded);
  return std::visit([this](auto& packet) { return on(packet); }, *decoded);
}

outcome dialogue::take_first(const packet& packet) {
  if (const auto* answer = std::get_if<std::unique_ptr<connack>>(&packet))
    return on(**answer);
  if (const auto* demand = std::get_if<std::unique_ptr<auth>>(&packet))
    return on(**demand);
  return failure{exit_code::bad_data, "the broker did not begin with CONNACK"};
}

outcome dialogue::on(const connack& answer) {
  say(direction::received, fmt::format("CONNACK ({})", client::name_of(answer.code)));
  if (connected_)
    return failure{exit_code::bad_data, "the broker sent a second CONNACK"};
  if (is_failure(answer.code))
    return failure{exit_code_for(answer.code), fmt::format("the broker refuses the connection: {}",
                                                 describe(answer.code, answer.reason_string))};
  connected_ = true;
  limits_ = answer;
  keep_alive_ = answer.server_keep_alive.value_or(keep_alive_);
  receiver_.connected(answer);
  return std::nullopt;
}

outcome dialogue::on(publication& message) {
  const auto topic = aliases_.resolve(message);
  if (!topic)
    return bad_packet(topic.error());
  say(direction::received, describe_publish(message));
  const auto repeated = message.qos == qos::exactly_once && incoming_.contains(message.packet_id);
  if (!repeated && !receiver_.message(message))
    return std::nullopt;
  if (message.qos == qos::at_least_once)
    acknowledge(ack_type::puback, message.packet_id);
  if (message.qos == qos::exactly_once) {
    incoming_.insert(message.packet_id);
    acknowledge(ack_type::pubrec, message.packet_id);
  }
  return std::nullopt;
}

outcome dialogue::on(const acknowledgement& answer) {
  say(direction::received, fmt::format("{} (m{}, {})", name_of(answer.type), answer.packet_id,
                             client::name_of(answer.code)));
  if (answer.type == ack_type::pubrel) {
    const auto known = incoming_.erase(answer.packet_id) == 1;
    acknowledge(ack_type::pubcomp, answer.packet_id,
      known ? reason_code::success : reason_code::packet_identifier_not_found);
    return std::nullopt;
  }
  const auto waiting = outgoing_.find(answer.packet_id);
  if (waiting == outgoing_.end() || waiting->second != answer.type)
    return failure{exit_code::bad_data,
      fmt::format("the broker sent {} for nothing that waits for it", name_of(answer.type))};
  if (answer.type == ack_type::pubrec && !is_failure(answer.code)) {
    waiting->second = ack_type::pubcomp;
    acknowledge(ack_type::pubrel, answer.packet_id);
    return std::nullopt;
  }
  outgoing_.erase(waiting);
  receiver_.published(answer);
  return std::nullopt;
}

outcome dialogue::on(const pingresp&) {
  say(direction::received, "PINGRESP");
  return std::nullopt;
}

outcome dialogue::on(const suback& answer) {
  say(direction::received, fmt::format("SUBACK (m{})", answer.packet_id));
  receiver_.subscribed(answer);
  return std::nullopt;
}

outcome dialogue::on(const unsuback& answer) {
  say(direction::received, fmt::format("UNSUBACK (m{})", answer.packet_id));
  receiver_.unsubscribed(answer);
  return std::nullopt;
}

outcome dialogue::on(const protocol::disconnect& farewell) {
  say(direction::received, "DISCONNECT");
  return failure{exit_code_for(farewell.code), fmt::format("the broker ends the connection: {}",
                                                 describe(farewell.code, farewell.reason_string))};
}

outcome dialogue::on(const auth&) {
  return failure{exit_code::not_authorised,
    "the broker asks for extended authentication, which this client does not know"};
}

outcome dialogue::tick(time_point now) {
  if (now < next_tick())
    return std::nullopt;
  if (pinged_at_ != never)
    return failure{exit_code::unreachable, "the broker is silent: no answer to PINGREQ"};
  encode_pingreq(output_);
  say(direction::sent, "PINGREQ");
  pinged_at_ = now;
  return std::nullopt;
}

time_point dialogue::next_tick() const {
  if (!connected_ || keep_alive_ == 0)
    return never;
  return after(pinged_at_ == never ? sent_at_ : pinged_at_, keep_alive_);
}

std::size_t dialogue::room() const {
  const std::size_t allowed = limits_.receive_maximum.value_or(65'535);
  return connected_ ? allowed - std::min(allowed, outgoing_.size()) : 0;
}

outcome dialogue::publish(outgoing_publication message) {
  if (message.qos != qos::at_most_once)
    message.packet_id = next_packet_id();
  if (auto wrong = refusal(message))
    return wrong;
  encode_publish(output_, connect_.version, message);
  say(direction::sent, describe_publish(message));
  if (message.qos != qos::at_most_once)
    outgoing_[message.packet_id] =
      message.qos == qos::at_least_once ? ack_type::puback : ack_type::pubrec;
  return std::nullopt;
}

outcome dialogue::refusal(const outgoing_publication& message) const {
  const auto size = publish_size(connect_.version, message);
  const auto largest =
    std::min<std::size_t>(limits_.maximum_packet_size.value_or(268'435'460), 268'435'460);
  if (size > largest)
    return failure{exit_code::failed,
      fmt::format("the message makes a packet of {} bytes, the limit is {}", size, largest)};
  if (message.qos > limits_.maximum_qos.value_or(qos::exactly_once))
    return failure{exit_code::failed, fmt::format("the broker takes messages up to QoS {}",
                                        static_cast<int>(*limits_.maximum_qos))};
  if (message.retain && !limits_.retain_available.value_or(true))
    return failure{exit_code::failed, "the broker does not retain messages"};
  if (message.topic_alias > limits_.topic_alias_maximum.value_or(0))
    return failure{exit_code::failed, fmt::format("the broker takes topic aliases up to {}",
                                        limits_.topic_alias_maximum.value_or(0))};
  return std::nullopt;
}

void dialogue::subscribe(protocol::subscribe request) {
  request.packet_id = next_packet_id();
  encode_subscribe(output_, connect_.version, request);
  for (const auto& one : request.requests)
    say(direction::sent, fmt::format("SUBSCRIBE (m{}, '{}', q{})", request.packet_id, one.filter,
                           static_cast<int>(one.options.maximum_qos)));
}

void dialogue::unsubscribe(protocol::unsubscribe request) {
  request.packet_id = next_packet_id();
  encode_unsubscribe(output_, connect_.version, request);
  for (const auto& filter : request.filters)
    say(direction::sent, fmt::format("UNSUBSCRIBE (m{}, '{}')", request.packet_id, filter));
}

void dialogue::disconnect(const protocol::disconnect& farewell) {
  encode_disconnect(output_, connect_.version, farewell);
  say(direction::sent, "DISCONNECT");
}

void dialogue::acknowledge(ack_type type, packet_id id, reason_code code) {
  encode_ack(output_, connect_.version, {type, id, code});
  say(direction::sent, fmt::format("{} (m{})", name_of(type), id));
}

packet_id dialogue::next_packet_id() {
  do
    ++last_packet_id_;
  while (last_packet_id_ == 0 || outgoing_.contains(last_packet_id_));
  return last_packet_id_;
}

} // namespace callboard::app::client
