#pragma once

#include "app/client/failure.hpp"
#include "protocol/codec/decode.hpp"
#include "protocol/codec/encode.hpp"
#include "protocol/codec/inbound_aliases.hpp"
#include "protocol/packets/packet.hpp"
#include "protocol/types.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace callboard::app::client {

enum class direction : std::uint8_t { sent, received };

/// Hears what a broker says, as it is read. By default it does nothing.
class listener {
public:
  listener() = default;
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;
  virtual ~listener() = default;

  /// The broker has let us in.
  virtual void connected(const protocol::connack&) {}

  /// A message, once, with its topic. False leaves it with the broker: it is not
  /// acknowledged. Views that live as long as the call.
  virtual bool message(const protocol::publication&) { return true; }

  virtual void subscribed(const protocol::suback&) {}
  virtual void unsubscribed(const protocol::suback&) {}

  /// The end of an exchange at QoS 1 or 2, well or badly.
  virtual void published(const protocol::acknowledgement&) {}

  /// A packet goes out or came in, for those who want to watch.
  virtual void packet_seen(direction, const std::string&) {}
};

/// One MQTT connection from the client's side: bytes and the time go in, bytes
/// and calls of its listener come out. Does no I/O. Lives from CONNECT to the end
/// of its connection. All packets of one version.
class dialogue {
public:
  /// `receiver` outlives the dialogue.
  dialogue(protocol::connect connect, listener& receiver);

  /// Writes CONNECT.
  void open(protocol::time_point now);

  /// Takes what came from the broker. After a failure only disconnect() makes
  /// sense.
  std::optional<failure> take(std::string_view bytes);

  /// Keeps the connection alive (MQTT5-3.1.2-20). A failure if the broker is silent.
  std::optional<failure> tick(protocol::time_point now);

  /// When tick() has something to do next.
  protocol::time_point next_tick() const;

  /// Sends a message; the packet identifier is filled in. A failure if the broker
  /// said that it does not take such messages (MQTT5-3.2.2-11, MQTT5-3.2.2-14,
  /// MQTT5-3.3.2-9).
  std::optional<failure> publish(protocol::outgoing_publication message);

  /// Packet identifiers are filled in.
  void subscribe(protocol::subscribe request);
  void unsubscribe(protocol::unsubscribe request);

  /// The last packet; the broker then closes the connection.
  void disconnect(const protocol::disconnect& farewell = {});

  /// CONNACK has come.
  bool connected() const { return connected_; }

  /// Messages that may be sent at QoS 1 and 2 before the broker answers
  /// (MQTT5-3.3.4-7).
  std::size_t room() const;

  /// All exchanges at QoS 1 and 2 have come to their end.
  bool idle() const { return outgoing_.empty() && incoming_.empty(); }

  /// Messages sent and not yet acknowledged.
  std::size_t unacknowledged() const { return outgoing_.size(); }

  /// What is to be sent. Whoever sends it empties it, and says when.
  std::string& output() { return output_; }
  void sent(protocol::time_point now) { sent_at_ = now; }

private:
  /// What an exchange waits for.
  using exchanges = std::map<protocol::packet_id, protocol::ack_type>;

  std::optional<failure> take(const protocol::frame& frame);
  std::optional<failure> take_first(const protocol::packet& packet);
  std::optional<failure> on(const protocol::connack& answer);
  std::optional<failure> on(protocol::publication& message);
  std::optional<failure> on(const protocol::acknowledgement& answer);
  std::optional<failure> on(const protocol::pingresp& answer);
  std::optional<failure> on(const protocol::suback& answer);
  std::optional<failure> on(const protocol::unsuback& answer);
  std::optional<failure> on(const protocol::disconnect& farewell);
  static std::optional<failure> on(const protocol::auth& demand);
  template <class Packet>
  std::optional<failure> on(std::unique_ptr<Packet>& packet) {
    return on(*packet);
  }
  /// What only clients send; the codec lets none of it through.
  template <class Packet>
  std::optional<failure> on(const Packet&) {
    return std::nullopt;
  }

  void acknowledge(protocol::ack_type type, protocol::packet_id id,
    protocol::reason_code code = protocol::reason_code::success);
  std::optional<failure> refusal(const protocol::outgoing_publication& message) const;
  protocol::packet_id next_packet_id();
  void say(direction which, const std::string& packet) { receiver_.packet_seen(which, packet); }

  protocol::connect connect_;
  listener& receiver_;
  protocol::connack limits_; // what the broker said
  protocol::inbound_aliases aliases_;

  std::string input_; // what is not yet a whole packet
  std::string output_;

  bool connected_ = false;
  std::uint16_t keep_alive_ = 0; // seconds; 0: none
  protocol::time_point sent_at_;
  protocol::time_point pinged_at_ = protocol::never; // a PINGRESP is awaited

  protocol::packet_id last_packet_id_ = 0;
  exchanges outgoing_;                     // what we published
  std::set<protocol::packet_id> incoming_; // QoS 2 messages before their PUBREL
};

} // namespace callboard::app::client
