#pragma once

#include "tests/actors/player.hpp"
#include "tests/simulation/delivery_history.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace callboard::testing {

/// A publisher as MQTT wants it: numbers its messages, keeps what was not
/// acknowledged in full, and sends it again, in order, when it is back with its
/// session. One without a session forgets.
class writer {
public:
  writer(playhouse& house, delivery_history& history, std::string name, protocol::version version,
    bool keeps_session);

  /// Publishes the next message of this topic and QoS, if it is connected and not
  /// too far ahead.
  void publish(
    const std::string& topic, protocol::qos qos, bool retain = false, std::size_t padding = 0);

  /// Removes what is retained there.
  void remove_retained(const std::string& topic, protocol::qos qos);

  /// Connects, also while the last connection is still there.
  void come(std::size_t unit);
  void vanish() { client_.vanish(); }
  void crash(std::size_t arrived) { client_.crash(arrived); }

  void listen();

  /// The node has crashed.
  void lose_node() { client_.crash(); }

  /// The node may refuse messages for a while.
  void bear_refusals() { bears_refusals_ = true; }

  bool is_here() const {
    return client_.is_here() &&
           (!client_.connack || client_.connack->code == protocol::reason_code::success);
  }
  bool was_let_in() const { return client_.connack.has_value(); }
  bool is_done() const { return under_way_.empty(); }
  const std::string& name() const { return name_; }

  /// What should be retained on a topic where only this one retains: the number
  /// of the last message; 0: nothing.
  std::uint32_t last_retained(const std::string& topic, protocol::qos qos) const;

  /// Something was refused there that had been sent before.
  bool is_uncertain(const std::string& topic) const { return uncertain_.contains(topic); }

  /// What is wrong with what it heard itself.
  const std::vector<std::string>& complaints() const { return complaints_; }

private:
  struct sent {
    protocol::packet_id id = 0;
    stream from;
    std::uint32_t number = 0;
    std::string payload;
    bool retain = false;
    bool released = false;
    bool repeated = false;
  };

  void send(const stream& from, std::string payload, bool retain);
  void send_again(sent& one);
  void acknowledged(const protocol::acknowledgement& ack);
  void refused(const protocol::acknowledgement& ack);

  delivery_history& history_;
  std::string name_;
  bool keeps_session_;
  player client_;
  std::deque<sent> under_way_;
  std::map<stream, std::uint32_t> last_;
  std::map<std::string, std::vector<std::uint32_t>> retained_; // also what removes it
  std::map<stream, std::set<std::uint32_t>> removals_;
  std::set<std::string> uncertain_;
  bool bears_refusals_ = false;
  bool has_session_ = false; // for sure
  bool has_begun_ = false;   // since the CONNACK
  std::vector<std::string> complaints_;
};

} // namespace callboard::testing
