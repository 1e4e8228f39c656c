#pragma once

#include "protocol/session/session.hpp"

#include "tests/protocol/session/deliveries.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::protocol {

/// A session with a client on the other end, for tests: packets go in as calls
/// and come out as short texts.
class SessionTest : public ::testing::Test {
protected:
  /// A connection that wants to be resumed after `expiry` seconds at most.
  static attachment resuming(std::uint32_t expiry = forever) {
    attachment facts;
    facts.clean_start = false;
    facts.session_expiry_interval = expiry;
    return facts;
  }

  static attachment starting_clean(std::uint32_t expiry = 0) {
    attachment facts;
    facts.session_expiry_interval = expiry;
    return facts;
  }

  static attachment with_quota(std::uint16_t receive_maximum) {
    auto facts = resuming();
    facts.receive_maximum = receive_maximum;
    return facts;
  }

  static attachment with_will(attachment facts, std::uint32_t delay, std::string topic = "will") {
    auto brought = std::make_shared<will>();
    brought->topic = std::move(topic);
    brought->delay_interval = delay;
    facts.will = std::move(brought);
    return facts;
  }

  static disconnect goodbye(
    reason_code code = reason_code::success, std::optional<std::uint32_t> expiry = std::nullopt) {
    disconnect packet;
    packet.code = code;
    packet.session_expiry_interval = expiry;
    return packet;
  }

  static publication publish(qos quality, packet_id id) {
    publication packet;
    packet.qos = quality;
    packet.packet_id = id;
    return packet;
  }

  bool enqueue(std::string_view payload, qos quality = qos_1, time_point expires_at = never) {
    return !session_.enqueue(make_delivery(payload, quality, expires_at), now_);
  }

  /// All that is sent now: "a/3" is payload a under packet id 3, "a" one at QoS
  /// 0, "a/3*" one with DUP, "~3" a PUBREL.
  std::vector<std::string> sent(std::size_t at_most = 1'000) {
    std::vector<std::string> all;
    while (all.size() < at_most) {
      const auto packet = session_.next(now_, [this](const delivery& what) {
        return what.message->payload().size() <= largest_payload_;
      });
      if (!packet)
        break;
      all.push_back(text_of(*packet));
    }
    return all;
  }

  /// The answer to an acknowledgement: "PUBREL 3", with its code behind it if it
  /// is not 0; "error 130"; or nothing.
  std::string ack(ack_type type, packet_id id, reason_code code = reason_code::success) {
    const auto outcome = session_.on(acknowledgement{type, id, code});
    if (!outcome)
      return "error " + std::to_string(static_cast<int>(outcome.error().code));
    return *outcome ? text_of(**outcome) : "";
  }
  std::string puback(packet_id id, reason_code code = reason_code::success) {
    return ack(ack_type::puback, id, code);
  }
  std::string pubrec(packet_id id, reason_code code = reason_code::success) {
    return ack(ack_type::pubrec, id, code);
  }
  std::string pubrel(packet_id id) { return ack(ack_type::pubrel, id); }
  std::string pubcomp(packet_id id) { return ack(ack_type::pubcomp, id); }

  /// PUBACKs and PUBRECs that are due now.
  std::vector<std::string> acks() {
    std::vector<acknowledgement> due;
    session_.take_acks(due);
    std::vector<std::string> all;
    all.reserve(due.size());
    for (const auto& one : due)
      all.push_back(text_of(one));
    return all;
  }

  /// What became of shares: "7 returned".
  std::vector<std::string> shares() {
    static constexpr std::array outcomes{" settled", " dropped", " returned"};
    std::vector<std::string> all;
    for (const auto& one : session_.take_shares())
      all.push_back(std::to_string(one.share) + outcomes.at(static_cast<std::size_t>(one.outcome)));
    return all;
  }

  std::uint32_t dropped(drop_reason why) const {
    return session_.counts().dropped[static_cast<std::size_t>(why)];
  }

  session_limits limits_;
  session session_{limits_};
  time_point now_ = start;
  std::size_t largest_payload_ = 100;

private:
  static std::string text_of(const acknowledgement& one) {
    const auto* type = one.type == ack_type::puback   ? "PUBACK "
                       : one.type == ack_type::pubrec ? "PUBREC "
                       : one.type == ack_type::pubrel ? "PUBREL "
                                                      : "PUBCOMP ";
    const auto code = one.code == reason_code::success
                        ? std::string{}
                        : " " + std::to_string(static_cast<int>(one.code));
    return type + std::to_string(one.packet_id) + code;
  }

  static std::string text_of(const outgoing& packet) {
    if (packet.publish == nullptr)
      return "~" + std::to_string(packet.id);
    auto payload = payload_of(*packet.publish);
    EXPECT_EQ(packet.publish->qos == qos_0, packet.id == 0) << payload;
    if (packet.id == 0)
      return payload;
    return payload + "/" + std::to_string(packet.id) + (packet.dup ? "*" : "");
  }
};

} // namespace callboard::protocol
