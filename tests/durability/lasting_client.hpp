#pragma once

#include "tests/conformance/packet_builder.hpp"
#include "tests/conformance/received_packet.hpp"
#include "tests/conformance/tcp_stream.hpp"
#include "tests/durability/world.hpp"
#include "tests/simulation/chance.hpp"

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace callboard::durability {

using conformance::bytes;
using conformance::milliseconds;
using conformance::packet_type;
using conformance::protocol_version;
using conformance::received_packet;
using steady_time = conformance::steady_time;

/// A client whose session is to outlive every connection and every node. It never
/// waits: turn() takes what has come and says what there is to say. As long as it
/// wants to be here it connects again whenever its connection has ended.
///
/// Owned by a crash_story; what it finds wrong goes to the world's complaints.
class lasting_client {
public:
  struct habits {
    std::string id;
    protocol_version version = protocol_version::v5;
    std::uint16_t receive_maximum = 0; // 0: not given
    std::uint64_t seed = 0;
  };

  lasting_client(world& all, habits ways);
  lasting_client(const lasting_client&) = delete;
  lasting_client& operator=(const lasting_client&) = delete;
  virtual ~lasting_client() = default;

  /// Goes at the one time, with a DISCONNECT or without, and comes back at the other.
  /// A connection that ends before that is not replaced either.
  void be_away(steady_time from, steady_time until) {
    leaves_at_ = from;
    comes_at_ = until;
  }

  /// Wants to be here from now on.
  void come() { be_away(steady_time::max(), steady_time{}); }

  void turn(steady_time now);

  /// For poll(): the socket, and what is waited for there.
  pollfd wanted() const;

  /// The CONNACK has come.
  bool is_served() const { return served_; }
  bool is_connected() const { return stream_.has_value(); }

  /// Nothing is under way that it began itself.
  virtual bool is_done() const = 0;

  /// When something came last.
  steady_time last_heard() const { return last_heard_; }

  const std::string& id() const { return ways_.id; }

protected:
  /// Whether it has a reason to be here.
  virtual bool wants_to_come() const { return true; }
  /// What it says of itself besides its name, session and limits.
  virtual void introduce(conformance::connect_options& /*options*/) {}
  /// The CONNACK has come.
  virtual void arrived(bool session_present) = 0;
  /// Any other packet but PINGRESP.
  virtual void take(const received_packet& packet) = 0;
  /// It is served, and may say something.
  virtual void act(steady_time now) = 0;
  /// The connection has ended.
  virtual void gone(bool was_served) = 0;

  void send(std::string_view octets) { output_ += octets; }
  /// Breaks the connection; what was not sent yet is not sent.
  void vanish();
  /// DISCONNECT; the node closes.
  void say_goodbye(unsigned reason = 0);

  void complain(const std::string& what) { all_.complaints.push_back(ways_.id + ": " + what); }

  world& all() const { return all_; }
  testing::chance& any() { return any_; }
  const habits& ways() const { return ways_; }
  milliseconds up_to(std::size_t limit) {
    return milliseconds{static_cast<milliseconds::rep>(any_.pick(limit + 1))};
  }

private:
  void dial(steady_time now);
  void read(steady_time now);
  void take_apart(steady_time now);
  void handle(const received_packet& packet);
  void begin(const received_packet& connack);
  void hang_up(bool by_itself);

  world& all_;
  habits ways_;
  testing::chance any_;
  steady_time comes_at_ = steady_time{};
  steady_time leaves_at_ = steady_time::max();
  steady_time next_attempt_ = steady_time{};
  steady_time last_heard_ = steady_time{};
  std::optional<conformance::tcp_stream> stream_;
  bytes input_;
  bytes output_;
  bool served_ = false;
  bool leaving_ = false;      // has said DISCONNECT
  bool said_goodbye_ = false; // the last time
  bool has_session_ = false;  // by a CONNACK
};

} // namespace callboard::durability
