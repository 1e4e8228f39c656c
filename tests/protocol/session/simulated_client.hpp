#pragma once

#include "protocol/session/session.hpp"

#include "tests/protocol/session/deliveries.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace callboard::protocol {

/// What travels between client and broker. Messages are numbers.
struct wire_publish {
  int number = 0;
  protocol::qos qos = protocol::qos::at_most_once;
  packet_id id = 0;
  bool dup = false;
};
using wire_packet = std::variant<wire_publish, acknowledgement>;

/// A correct client of MQTT that keeps its own session, acknowledges late and
/// complains if the broker breaks a rule. What is on the wire is lost with the
/// connection.
class simulated_client {
public:
  std::deque<wire_packet> to_client;
  std::deque<wire_packet> to_broker;

  /// Numbers in the order of their first arrival, by QoS.
  std::array<std::vector<int>, 3> received;

  /// Connects with this receive maximum; sends again what the broker may lack.
  void connect(std::uint16_t receive_maximum, std::uint16_t server_receive_maximum) {
    to_client.clear();
    to_broker.clear();
    owed_.clear();
    unfinished_.clear();
    receive_maximum_ = receive_maximum;
    server_receive_maximum_ = server_receive_maximum;
    awaited_acks_.clear();
    for (auto& [sequence, packet] : sending_)
      send_again(packet);
  }

  /// Publishes unless the broker's receive maximum forbids it. 0: did not.
  packet_id publish(int number, qos quality) {
    if (sending_.size() >= server_receive_maximum_)
      return 0;
    const wire_publish packet{number, quality, unused_id(), false};
    sending_[++last_sequence_] = {packet, false};
    to_broker.emplace_back(packet);
    awaited_acks_.push_back(packet.id);
    return packet.id;
  }

  bool is_sending() const { return !sending_.empty(); }
  bool owes() const { return !owed_.empty(); }

  /// Reads one packet.
  void read() {
    const auto packet = to_client.front();
    to_client.pop_front();
    std::visit([this](const auto& one) { on(one); }, packet);
  }

  /// Sends the first acknowledgement that it owes.
  void acknowledge() {
    const auto ack = owed_.front();
    owed_.pop_front();
    if (ack.type != ack_type::pubrec)
      unfinished_.erase(ack.packet_id);
    to_broker.emplace_back(ack);
  }

private:
  struct sending {
    wire_publish packet;
    bool released = false;
  };

  void send_again(sending& one) {
    one.packet.dup = true;
    if (one.released) {
      to_broker.emplace_back(acknowledgement{ack_type::pubrel, one.packet.id});
      return;
    }
    to_broker.emplace_back(one.packet);
    awaited_acks_.push_back(one.packet.id);
  }

  packet_id unused_id() {
    for (;;) {
      last_id_ = last_id_ % 12 + 1; // few, so that they are used again and again
      bool used = false;
      for (const auto& [sequence, one] : sending_)
        used = used || one.packet.id == last_id_;
      if (!used)
        return static_cast<packet_id>(last_id_);
    }
  }

  void on(const wire_publish& packet) {
    if (packet.qos == qos_0) {
      received[0].push_back(packet.number);
      return;
    }
    EXPECT_NE(packet.id, 0);
    EXPECT_TRUE(unfinished_.insert(packet.id).second) << "sent twice on one connection";
    EXPECT_LE(unfinished_.size(), receive_maximum_) << "MQTT5-3.3.4-9";
    if (packet.qos == qos_1)
      take_qos_1(packet);
    else
      take_qos_2(packet);
  }

  void take_qos_1(const wire_publish& packet) {
    const bool known = seen_.contains(packet.number);
    EXPECT_TRUE(packet.dup || !known) << "MQTT5-3.3.1-1";
    if (seen_.insert(packet.number).second)
      received[1].push_back(packet.number);
    owed_.push_back({ack_type::puback, packet.id, reason_code::success});
  }

  void take_qos_2(const wire_publish& packet) {
    const auto known = unreleased_.find(packet.id);
    if (known == unreleased_.end()) {
      unreleased_[packet.id] = packet.number;
      received[2].push_back(packet.number);
    } else {
      EXPECT_TRUE(packet.dup);
      EXPECT_EQ(known->second, packet.number) << "two deliveries under one identifier (E78)";
    }
    owed_.push_back({ack_type::pubrec, packet.id, reason_code::success});
  }

  void on(const acknowledgement& ack) {
    if (ack.type == ack_type::pubrel)
      on_pubrel(ack);
    else
      on_answer(ack);
  }

  void on_pubrel(const acknowledgement& ack) {
    EXPECT_EQ(ack.code, reason_code::success);
    unreleased_.erase(ack.packet_id);
    owed_.push_back({ack_type::pubcomp, ack.packet_id, reason_code::success});
  }

  void on_answer(const acknowledgement& ack) {
    if (ack.type != ack_type::pubcomp) {
      ASSERT_FALSE(awaited_acks_.empty());
      EXPECT_EQ(awaited_acks_.front(), ack.packet_id) << "MQTT311-4.6.0-2, -3";
      awaited_acks_.pop_front();
    }
    for (auto at = sending_.begin(); at != sending_.end(); ++at) {
      if (at->second.packet.id != ack.packet_id)
        continue;
      if (ack.type == ack_type::pubrec && !is_failure(ack.code)) {
        at->second.released = true;
        to_broker.emplace_back(acknowledgement{ack_type::pubrel, ack.packet_id});
      } else {
        sending_.erase(at);
      }
      return;
    }
    ADD_FAILURE() << "an acknowledgement of nothing: " << ack.packet_id;
  }

  std::set<int> seen_; // QoS 1
  std::map<packet_id, int> unreleased_;
  std::deque<acknowledgement> owed_;
  std::set<packet_id> unfinished_; // sent on this connection and not acknowledged in full
  std::uint16_t receive_maximum_ = 0;

  std::map<int, sending> sending_; // in order
  std::deque<packet_id> awaited_acks_;
  std::uint16_t server_receive_maximum_ = 0;
  int last_sequence_ = 0;
  int last_id_ = 0;
};

} // namespace callboard::protocol
