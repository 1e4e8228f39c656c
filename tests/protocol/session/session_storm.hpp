#pragma once

#include "protocol/session/session.hpp"

#include "tests/protocol/session/deliveries.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace callboard::protocol {

/// Does to a session whatever can be done to it, at random, sensible or not. The
/// same seed does the same.
class session_storm {
public:
  enum deliveries : std::uint8_t { all_lasting, some_transient };

  explicit session_storm(std::uint32_t seed, deliveries how = all_lasting)
      : random_{seed}, deliveries_{how} {
    limits_.keep_log = true;
    limits_.queue_messages = 8;
    limits_.queue_qos_0 = true;
    limits_.receive_maximum = 20;
    limits_.when_full = below(2) == 0 ? when_full::drop_newest : when_full::drop_oldest;
    if (below(2) == 0)
      limits_.shares = queue_shares{{{"topic", 50}}};
  }

  session_storm(const session_storm&) = delete; // its session knows its limits
  session_storm& operator=(const session_storm&) = delete;

  void step() {
    now_ += std::chrono::milliseconds{below(300)};
    switch (below(16)) {
    case 0:
      return connect_or_leave();
    case 1:
      return change_subscriptions();
    case 2:
      session_.due(now_);
      return;
    case 3:
      if (!session_.is_attached())
        session_.return_shares();
      return;
    case 4:
    case 5:
      return publish();
    case 6:
      return finish();
    case 7:
    case 8:
    case 9:
    case 10:
      return acknowledge();
    default:
      return deliver();
    }
  }

  session& stormy() { return session_; }

  /// Whether the session is one that keeps a log.
  bool is_logged() const { return logged_; }

private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  qos any_qos() { return static_cast<qos>(below(3)); }
  packet_id any_id() { return static_cast<packet_id>(1 + below(30)); }

  attachment facts() {
    attachment facts;
    facts.clean_start = below(8) == 0;
    facts.session_expiry_interval = below(4);
    facts.receive_maximum = static_cast<std::uint16_t>(1 + below(6));
    if (below(2) == 0) {
      auto brought = std::make_shared<will>();
      brought->topic = std::to_string(below(100));
      brought->delay_interval = below(3);
      facts.will = std::move(brought);
    }
    return facts;
  }

  void connect_or_leave() {
    const auto choice = below(8);
    if (!session_.is_attached() || choice == 0) {
      const auto how = facts();
      const bool present = session_.attach(how, now_).session_present;
      logged_ = how.session_expiry_interval > 0 || (logged_ && present);
    } else if (choice < 5) {
      session_.lose(now_);
    } else {
      disconnect packet;
      if (below(2) == 0)
        packet.session_expiry_interval = below(4);
      if (below(2) == 0)
        packet.code = reason_code::disconnect_with_will_message;
      session_.leave(packet, now_);
    }
  }

  void change_subscriptions() {
    const auto filter = std::to_string(below(25));
    if (below(3) == 0)
      session_.unsubscribe(filter);
    else if (session_.is_attached())
      session_.subscribe(filter, {any_qos()}, below(3));
  }

  void publish() {
    publication packet;
    packet.qos = any_qos();
    packet.packet_id = any_id();
    if (!session_.is_attached())
      return;
    if (const auto outcome = session_.accept(packet); outcome.ticket != 0)
      routing_.push_back(outcome.ticket);
  }

  void finish() {
    if (routing_.empty())
      return;
    const auto which = below(static_cast<std::uint32_t>(routing_.size()));
    const auto code = below(3) == 0 ? reason_code::not_authorized : reason_code::success;
    const bool passes = deliveries_ == some_transient && below(2) == 0;
    session_.finish(routing_[which], code, passes ? reception::passing : reception::told);
    routing_.erase(routing_.begin() + which);
    std::vector<acknowledgement> due;
    session_.take_acks(due);
  }

  void acknowledge() {
    const auto type = static_cast<ack_type>(4 + below(4));
    const auto code = below(5) == 0 ? reason_code::unspecified_error : reason_code::success;
    if (session_.is_attached())
      session_.on(acknowledgement{type, any_id(), code});
  }

  void deliver() {
    if (!session_.state().begun())
      return;
    auto what = make_delivery(std::to_string(below(1'000)), any_qos(),
      below(4) == 0 ? now_ + std::chrono::seconds{below(3)} : never);
    what.share = below(3) == 0 ? ++last_share_ : 0;
    what.identifiers.add(below(3));
    what.identifiers.add(below(3));
    what.lasting = deliveries_ == all_lasting || below(2) == 0;
    session_.enqueue(std::move(what), now_);
    for (auto count = below(4); count > 0; --count)
      session_.next(now_, [this](const delivery&) { return below(10) != 0; });
    session_.take_shares();
  }

  std::mt19937 random_;
  deliveries deliveries_;
  session_limits limits_;
  session session_{limits_};
  time_point now_ = start;
  std::vector<ticket> routing_;
  share_token last_share_ = 0;
  bool logged_ = false;
};

} // namespace callboard::protocol
