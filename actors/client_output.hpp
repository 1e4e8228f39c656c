#pragma once

#include "actors/sink_table.hpp"
#include "network/output_queue.hpp"
#include "network/stream.hpp"
#include "protocol/codec/encode.hpp"
#include "protocol/codec/outbound_aliases.hpp"
#include "protocol/message.hpp"
#include "protocol/types.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace callboard::actors {

struct house;

/// Whole PUBLISH packets, one behind the other, that go to many.
struct publish_run {
  network::slice packets;
  std::uint32_t count = 0;

  /// The size of the largest packet of them, in bytes.
  std::uint32_t largest = 0;
};

/// The way out to one client: its CONNECTION owns it, its SESSION and the unit's
/// EXPRESS put packets in, and what came together in a round is written at once.
/// Topic aliases and the client's maximum packet size are seen to here, last, so
/// that they hold for everything.
class client_output {
public:
  explicit client_output(house& place);
  client_output(const client_output&) = delete;
  client_output& operator=(const client_output&) = delete;
  ~client_output();

  /// Writes to this stream from now on. `when_drained` is called each time that
  /// it has been congested and is not any more.
  void open(std::shared_ptr<network::stream> stream, std::function<void()> when_drained);

  /// Nothing is taken and nothing written any more.
  void close();

  bool is_open() const { return stream_ != nullptr; }

  /// What the client said in CONNECT. 0 bytes: no limit.
  void obey(protocol::version version, std::uint32_t maximum_packet_size,
    std::uint16_t topic_alias_maximum);

  protocol::version version() const { return version_; }
  std::uint32_t maximum_packet_size() const { return maximum_packet_size_; }

  /// Whether a packet of this size may be sent to the client (MQTT5-3.1.2-24).
  bool fits(std::size_t packet_size) const {
    return maximum_packet_size_ == 0 || packet_size <= maximum_packet_size_;
  }

  /// Appends a packet other than PUBLISH.
  void send(std::string_view packet);

  /// The same, as encode(std::string&) writes it, or so many of them.
  template <class Encode>
  void send_with(Encode encode, std::size_t count = 1) {
    if (!takes())
      return;
    count_packets(count);
    queue_.append_with(encode);
    mark_dirty();
  }

  /// Appends one PUBLISH of the session's that fits(). A long payload is written
  /// from where it lies, which is in `message`.
  void send_publish(
    const protocol::outgoing_publication& packet, const protocol::message_ptr& message);

  /// Appends QoS 0 packets from the express path: all, or what fits; drops them
  /// if too much waits already.
  void send_express(const publish_run& run);

  /// Nothing is taken any more; what waits is still written. After a DISCONNECT
  /// (MQTT5-3.14.4-1).
  void seal() { sealed_ = true; }

  /// From now on what comes by express waits, until older messages have come by
  /// way of the session: then it is released. What is held already stays before it.
  void hold_express();
  void release_express();

  /// Puts this behind what was held before hold_express() was called last.
  void hold_before(const publish_run& run);

  /// Bytes that wait for the socket.
  std::size_t waiting() const { return queue_.size(); }

  /// Whether so much waits that whoever can should hold back.
  bool is_congested() const { return queue_.size() >= congestion && !broken_; }

  /// Whether QoS 0 has to be dropped.
  bool is_full() const;

  /// Writes what waits, unless the socket is known to take nothing. Called at the
  /// end of a round.
  void write();

  /// The stream is writable again.
  void write_again();

  /// The stream has failed: nothing can be sent any more.
  bool is_broken() const { return broken_; }

private:
  static constexpr std::size_t congestion = 262'144;

  struct held_express {
    std::vector<publish_run> earlier; // than the last call of hold_express()
    std::vector<publish_run> runs;
    std::size_t bytes = 0;

    void add(const publish_run& run, std::vector<publish_run>& to);
  };

  bool has_room_for(const publish_run& run);
  bool takes() const { return is_open() && !broken_ && !sealed_; }
  void send_shortened(const protocol::outgoing_publication& packet);
  void send_one_express(std::string_view packet, const publish_run& run);
  void count_packets(std::size_t count);
  void mark_dirty();

  house& place_;
  std::shared_ptr<network::stream> stream_;
  std::function<void()> when_drained_;
  network::output_queue queue_;
  protocol::outbound_aliases aliases_;
  std::uint32_t maximum_packet_size_ = 0;
  protocol::version version_ = protocol::version::mqtt_3_1_1;
  bool dirty_ = false;
  bool blocked_ = false;
  bool broken_ = false;
  bool sealed_ = false;
  std::unique_ptr<held_express> held_;
};

} // namespace callboard::actors
