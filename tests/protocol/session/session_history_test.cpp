#include "protocol/session/session.hpp"

#include "tests/protocol/session/deliveries.hpp"
#include "tests/protocol/session/simulated_client.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace callboard::protocol {

namespace {

/// A broker with one session, and a client that loses its connection again and
/// again; now and then the broker starts anew from its log. Nothing may be lost
/// at QoS 1 and 2, nothing doubled at QoS 2, nothing overtake anything of its
/// QoS.
class history {
public:
  explicit history(std::uint32_t seed) : random_{seed} {
    limits_.keep_log = true;
    limits_.queue_messages = 100'000;
    limits_.receive_maximum = 5;
    limits_.in_flight = 8;
  }

  void run(int steps) {
    connect();
    for (int count = 0; count < steps && !::testing::Test::HasFatalFailure(); ++count)
      step();
    settle();
  }

  void expect_nothing_lost_or_doubled() {
    EXPECT_EQ(client_.received[1], enqueued_[1]);
    EXPECT_EQ(client_.received[2], enqueued_[2]);
    EXPECT_TRUE(std::ranges::is_sorted(client_.received[0]));
    EXPECT_EQ(std::ranges::adjacent_find(client_.received[0]), client_.received[0].end());
    for (const auto& [number, quality] : published_) {
      EXPECT_GE(routed_[number], 1) << number;
      EXPECT_TRUE(quality == qos_1 || routed_[number] == 1) << number;
    }
    EXPECT_FALSE(client_.is_sending());
    EXPECT_EQ(session_.counts().in_flight + session_.counts().unreleased, 0U);
  }

  /// How much happened, so that a history in which nothing did is noticed.
  int deliveries() const { return static_cast<int>(enqueued_[1].size() + enqueued_[2].size()); }
  int publications() const { return static_cast<int>(published_.size()); }
  int connections() const { return connections_; }

private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  qos any_qos() { return static_cast<qos>(below(3)); }

  void step() {
    const auto choice = below(100);
    if (choice < 30)
      deliver();
    else if (choice < 40)
      publish();
    else if (choice < 60)
      client_reads();
    else if (choice < 75)
      broker_reads();
    else if (choice < 85)
      client_acknowledges();
    else if (choice < 95)
      finish();
    else if (choice < 98)
      change_connection();
    else if (choice < 99 && below(4) == 0)
      restart();
    flush();
  }

  /// Both sides finish what they have begun.
  void settle() {
    if (!session_.is_attached())
      connect();
    for (int idle = 0; idle < 3; ++idle) {
      for (flush(); busy(); flush()) {
        idle = 0;
        client_reads();
        client_acknowledges();
        broker_reads();
        finish();
      }
    }
  }

  bool busy() const {
    return !client_.to_client.empty() || !client_.to_broker.empty() || client_.owes() ||
           !routing_.empty();
  }

  void deliver() {
    const auto quality = any_qos();
    const auto number = ++last_number_;
    if (session_.enqueue(make_delivery(std::to_string(number), quality), start)) {
      EXPECT_EQ(quality, qos_0); // while absent
      return;
    }
    enqueued_[static_cast<std::size_t>(quality)].push_back(number);
  }

  void publish() {
    const auto quality = below(2) == 0 ? qos_1 : qos_2;
    if (session_.is_attached() && client_.publish(++last_number_, quality) != 0)
      published_[last_number_] = quality;
  }

  void client_reads() {
    if (!client_.to_client.empty())
      client_.read();
  }

  void client_acknowledges() {
    if (session_.is_attached() && client_.owes())
      client_.acknowledge();
  }

  void broker_reads() {
    if (client_.to_broker.empty())
      return;
    const auto packet = client_.to_broker.front();
    client_.to_broker.pop_front();
    if (const auto* ack = std::get_if<acknowledgement>(&packet))
      read(*ack);
    else
      read(std::get<wire_publish>(packet));
  }

  void read(const acknowledgement& ack) {
    const auto outcome = session_.on(ack);
    ASSERT_TRUE(outcome) << outcome.error().phrase;
    if (*outcome)
      client_.to_client.emplace_back(**outcome);
  }

  void read(const wire_publish& packet) {
    publication arrived;
    arrived.qos = packet.qos;
    arrived.packet_id = packet.id;
    const auto outcome = session_.accept(arrived);
    ASSERT_NE(outcome.what, acceptance::verdict::refused) << outcome.error.phrase;
    if (outcome.what != acceptance::verdict::route)
      return;
    routing_.emplace_back(outcome.ticket, packet.number);
  }

  /// Routing ends in any order.
  void finish() {
    if (routing_.empty())
      return;
    const auto which = below(static_cast<std::uint32_t>(routing_.size()));
    const auto& [routed, number] = routing_[which];
    session_.finish(routed, reason_code::success);
    ++routed_[number];
    routing_.erase(routing_.begin() + which);
  }

  void change_connection() {
    const bool takes_over = below(4) == 0;
    if (!session_.is_attached() || takes_over)
      connect();
    else
      lose();
  }

  void connect() {
    attachment facts;
    facts.clean_start = false;
    facts.session_expiry_interval = forever;
    facts.receive_maximum = static_cast<std::uint16_t>(1 + below(10));
    session_.attach(facts, start);
    client_.connect(facts.receive_maximum, limits_.receive_maximum);
    ++connections_;
  }

  void lose() {
    session_.lose(start);
    client_.to_client.clear();
    client_.to_broker.clear();
  }

  /// The broker is killed after a commit and starts with what its log says.
  void restart() {
    copy_.apply(session_.take_log());
    ASSERT_TRUE(copy_ == session_.state());
    session_state stored;
    stored.apply(copy_.snapshot());
    session_ = session{limits_, std::move(stored)};
    lose();
    routing_.clear(); // what was routed is committed, the rest comes again
  }

  /// The session sends what is due.
  void flush() {
    std::vector<acknowledgement> due;
    session_.take_acks(due);
    if (!session_.is_attached())
      return;
    client_.to_client.insert(client_.to_client.end(), due.begin(), due.end());
    while (const auto packet = session_.next(start, [](const delivery&) { return true; })) {
      if (packet->publish == nullptr)
        client_.to_client.emplace_back(acknowledgement{ack_type::pubrel, packet->id});
      else
        client_.to_client.emplace_back(wire_publish{
          std::stoi(payload_of(*packet->publish)), packet->publish->qos, packet->id, packet->dup});
    }
  }

  std::mt19937 random_;
  session_limits limits_;
  session session_{limits_};
  session_state copy_;
  simulated_client client_;
  std::vector<std::pair<ticket, int>> routing_;

  std::array<std::vector<int>, 3> enqueued_;
  std::map<int, qos> published_;
  std::map<int, int> routed_;
  int last_number_ = 0;
  int connections_ = 0;
};

TEST(SessionHistory, LosesNothingDoublesNothingAndKeepsTheOrder) {
  const auto seed = std::random_device{}();
  for (std::uint32_t count = 0; count < 150; ++count) {
    SCOPED_TRACE("seed " + std::to_string(seed) + " + " + std::to_string(count));
    history past{seed + count};
    past.run(2'000);
    past.expect_nothing_lost_or_doubled();
    EXPECT_GT(past.deliveries(), 100);
    EXPECT_GT(past.publications(), 5);
    EXPECT_GT(past.connections(), 5);
    if (::testing::Test::HasFailure())
      return;
  }
}

} // namespace

} // namespace callboard::protocol
