#pragma once

#include "protocol/codec/decode.hpp"
#include "protocol/codec/encode.hpp"
#include "protocol/codec/framer.hpp"
#include "tests/actors/playhouse.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace callboard::testing {

/// A PUBLISH that a player got.
struct heard {
  std::string topic;
  std::string payload;
  protocol::qos qos = protocol::qos::at_most_once;
  bool retain = false;
  bool dup = false;
};

/// An MQTT client in a test: speaks to a playhouse through a pipe, acknowledges
/// what it gets unless told otherwise, and remembers it.
class player {
public:
  player(playhouse& house, std::string client_id,
    protocol::version version = protocol::version::mqtt_5_0)
      : house_{house} {
    connect_.client_id = std::move(client_id);
    connect_.version = version;
  }

  protocol::connect& connect_with() { return connect_; }

  /// Connects; the answer is there after the next play().
  void connect(std::size_t unit = 0) {
    // A session that ended with its connection, or is discarded, is over here too,
    // whatever session the node has (MQTT311-3.1.2-6, MQTT5-3.1.2-4).
    if (connect_.clean_start || session_ends_with_connection_)
      unreleased_.clear();
    session_ends_with_connection_ = connect_.version == protocol::version::mqtt_5_0
                                      ? connect_.session_expiry_interval == 0
                                      : connect_.clean_start;
    ends_ = std::make_shared<pipe>();
    pending_.clear();
    connack.reset();
    disconnect.reset();
    after_disconnect = 0;
    stream_ = house_.connect(ends_, unit);
    std::string bytes;
    protocol::encode_connect(bytes, connect_);
    send(bytes);
  }

  /// As connect() with a session that outlives its connection.
  void resume(std::uint32_t expiry, std::size_t unit = 0) {
    connect_.clean_start = false;
    connect_.session_expiry_interval = expiry;
    connect(unit);
  }

  void leave(protocol::disconnect packet = {}) {
    std::string bytes;
    protocol::encode_disconnect(bytes, connect_.version, packet);
    send(bytes);
    vanish();
  }

  /// The connection ends without a word.
  void vanish() {
    if (!ends_)
      return;
    listen();
    ends_->client_gone = true;
    stream_->latest()->look();
    ends_.reset();
  }

  /// The same, and what the node has written is never read.
  void break_off() {
    ends_->client_gone = true;
    stream_->latest()->look();
    ends_.reset();
  }

  /// The same, and what was under way is lost: all that the node has sent since
  /// listen(), and all but the first `arrived` bytes of what it has not read yet.
  void crash(std::size_t arrived = 0) {
    if (!ends_)
      return;
    ends_->to_client.clear();
    ends_->to_node.truncate(arrived);
    ends_->client_gone = true;
    stream_->latest()->look();
    ends_.reset();
  }

  protocol::packet_id subscribe(std::string filter, protocol::subscription_options options) {
    protocol::subscribe packet;
    packet.packet_id = next_id();
    packet.requests.push_back({std::move(filter), options});
    std::string bytes;
    protocol::encode_subscribe(bytes, connect_.version, packet);
    send(bytes);
    return packet.packet_id;
  }

  protocol::packet_id subscribe(std::string filter, protocol::qos qos = {}) {
    protocol::subscription_options options;
    options.maximum_qos = qos;
    return subscribe(std::move(filter), options);
  }

  protocol::packet_id unsubscribe(std::string filter) {
    protocol::unsubscribe packet{next_id(), {std::move(filter)}, {}};
    std::string bytes;
    protocol::encode_unsubscribe(bytes, connect_.version, packet);
    send(bytes);
    return packet.packet_id;
  }

  protocol::packet_id publish(std::string_view topic, std::string_view payload,
    protocol::qos qos = {}, bool retain = false, bool dup = false, protocol::packet_id id = 0,
    std::uint32_t expiry = protocol::forever) {
    protocol::outgoing_publication packet{.qos = qos, .dup = dup, .retain = retain};
    packet.packet_id = qos == protocol::qos::at_most_once ? protocol::packet_id{0}
                       : id != 0                          ? id
                                                          : next_id();
    packet.message_expiry_interval = expiry;
    packet.topic = topic;
    packet.payload = payload;
    std::string bytes;
    protocol::encode_publish(bytes, connect_.version, packet);
    send(bytes);
    return packet.packet_id;
  }

  void acknowledge(protocol::ack_type type, protocol::packet_id id) {
    std::string bytes;
    protocol::encode_ack(bytes, connect_.version, {type, id, {}});
    send(bytes);
  }

  void send(std::string_view bytes) {
    if (!ends_)
      return;
    ends_->to_node.append(bytes);
    stream_->latest()->look();
  }

  /// Reads what has come, and acknowledges it. Closes when the node has nothing more
  /// to say.
  void listen() {
    if (!ends_)
      return;
    heard_bytes_ += ends_->to_client.size();
    pending_ += std::exchange(ends_->to_client, {});
    stream_->latest()->look(); // there is room again, or the end
    std::string_view rest{pending_};
    for (;;) {
      const auto found = protocol::next_frame(rest);
      if (found.status != protocol::frame_result::status::complete)
        break;
      take(found.frame);
      rest.remove_prefix(found.packet_size);
    }
    pending_.erase(0, pending_.size() - rest.size());
    if (ends_ && ends_->node_finished && ends_->to_client.empty())
      ends_->client_gone = true;
  }

  /// Plays and listens until this client hears nothing new.
  void settle() {
    std::size_t before = SIZE_MAX;
    while (before != heard_bytes_) {
      before = heard_bytes_;
      house_.play();
      listen();
    }
  }

  /// Whether bytes that it sends may arrive: it has connected and was not closed.
  bool is_here() const { return ends_ && !ends_->node_gone; }
  bool is_connected() const { return ends_ && !ends_->node_gone && connack; }
  bool was_closed() const { return ends_ && ends_->node_gone; }
  pipe& ends() { return *ends_; }

  /// Of QoS 2 messages that it got, how many still wait for their PUBREL.
  std::size_t unreleased() const { return unreleased_.size(); }

  /// The payloads that came, oldest first; forgets them.
  std::vector<std::string> payloads() {
    settle();
    std::vector<std::string> all;
    for (auto& one : std::exchange(inbox, {}))
      all.push_back(std::move(one.payload));
    return all;
  }

  std::deque<heard> inbox;
  std::optional<protocol::connack> connack;
  std::optional<protocol::disconnect> disconnect;
  std::vector<protocol::suback> subacks;
  std::vector<protocol::packet_id> unsubacks;
  std::vector<protocol::acknowledgement> acks;

  /// Packets that came behind DISCONNECT.
  int after_disconnect = 0;

  /// Whether PUBLISH and PUBREL are answered.
  bool acknowledges = true;

  /// Is called for PUBACK, PUBREC and PUBCOMP if it is set, and answers itself.
  std::function<void(const protocol::acknowledgement&)> on_ack;

private:
  void take(const protocol::frame& frame) {
    protocol::arena rest;
    auto decoded = protocol::decode(frame, connect_.version, protocol::sender::server, rest);
    ASSERT_TRUE(decoded) << decoded.error().phrase;
    after_disconnect += disconnect ? 1 : 0;
    if (const auto* publication = std::get_if<protocol::publication>(&*decoded))
      take_publication(*publication);
    else if (const auto* ack = std::get_if<protocol::acknowledgement>(&*decoded))
      take_ack(*ack);
    else if (auto* answer = std::get_if<std::unique_ptr<protocol::connack>>(&*decoded))
      take_connack(**answer);
    else if (auto* last = std::get_if<std::unique_ptr<protocol::disconnect>>(&*decoded))
      disconnect = std::move(**last);
    else if (auto* granted = std::get_if<std::unique_ptr<protocol::suback>>(&*decoded))
      subacks.push_back(std::move(**granted));
    else if (auto* removed = std::get_if<std::unique_ptr<protocol::unsuback>>(&*decoded))
      unsubacks.push_back((*removed)->packet_id);
  }

  void take_connack(protocol::connack& answer) {
    // MQTT5-3.2.2-5: only if it continues with the connection; a CONNACK that
    // refuses never says that there is a session (MQTT5-3.2.2-6).
    if (answer.code == protocol::reason_code::success && !answer.session_present)
      unreleased_.clear();
    connack = std::move(answer);
  }

  void take_publication(const protocol::publication& what) {
    const auto id = what.packet_id;
    const bool again = what.qos == protocol::qos::exactly_once &&
                       std::ranges::find(unreleased_, id) != unreleased_.end();
    if (!again)
      inbox.push_back(
        {std::string{what.topic}, std::string{what.payload}, what.qos, what.retain, what.dup});
    if (!acknowledges || what.qos == protocol::qos::at_most_once)
      return;
    if (what.qos == protocol::qos::at_least_once)
      return acknowledge(protocol::ack_type::puback, id);
    if (!again)
      unreleased_.push_back(id);
    acknowledge(protocol::ack_type::pubrec, id);
  }

  void take_ack(const protocol::acknowledgement& ack) {
    acks.push_back(ack);
    if (ack.type == protocol::ack_type::pubrel) {
      std::erase(unreleased_, ack.packet_id);
      if (acknowledges)
        acknowledge(protocol::ack_type::pubcomp, ack.packet_id);
    } else if (on_ack) {
      on_ack(ack);
    } else if (ack.type == protocol::ack_type::pubrec && acknowledges) {
      acknowledge(protocol::ack_type::pubrel, ack.packet_id);
    }
  }

  protocol::packet_id next_id() {
    if (++last_id_ == 0)
      ++last_id_;
    return last_id_;
  }

  playhouse& house_;
  protocol::connect connect_;
  std::shared_ptr<pipe> ends_;
  std::shared_ptr<pipe_stream> stream_;
  std::string pending_;
  std::vector<protocol::packet_id> unreleased_;
  bool session_ends_with_connection_ = false;
  std::size_t heard_bytes_ = 0;
  protocol::packet_id last_id_ = 0;
};

} // namespace callboard::testing
