#include "tests/conformance/edge_test.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

// The order of messages, while subscribers come and go.

namespace callboard::conformance {

namespace {

using EdgeOrder = EdgeTest;
using namespace std::chrono_literals;

/// Publishes growing numbers to "t" from a thread of its own, each after the
/// acknowledgement of the one before, until it is stopped.
class counting_publisher {
public:
  counting_publisher(wire_client client, unsigned qos)
      : client_{std::move(client)}, thread_{[this, qos] { run(qos); }} {}
  counting_publisher(const counting_publisher&) = delete;
  counting_publisher& operator=(const counting_publisher&) = delete;
  ~counting_publisher() { stop(); }

  /// Stops it; returns how many it has published. Throws if the server failed it.
  int stop() {
    stopped_ = true;
    if (thread_.joinable())
      thread_.join();
    EXPECT_EQ(fault_, "");
    return count_;
  }

private:
  void run(unsigned qos) {
    try {
      for (; !stopped_; ++count_) {
        client_.publish({.payload = std::to_string(count_), .qos = qos});
        std::this_thread::sleep_for(200us);
      }
    } catch (const std::exception& fault) {
      fault_ = fault.what();
    }
  }

  wire_client client_;
  std::string fault_;
  int count_ = 0;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

/// Takes the numbers as they come, and complains of one out of turn. What was
/// under way when a connection ended may come again, marked with DUP.
class counting_subscriber {
public:
  /// Receives and acknowledges until the number `last` has come.
  void receive_until(wire_client& from, int last) {
    while (next_ <= last)
      take(from, from.expect(packet_type::publish));
  }

  /// The same for a while.
  void receive_for(wire_client& from, milliseconds time) {
    const auto begin = std::chrono::steady_clock::now();
    while (since(begin) < time)
      if (auto message = from.receive_within(10ms))
        take(from, *message);
  }

  int next() const { return next_; }

private:
  void take(wire_client& from, const received_packet& message) {
    const int number = std::stoi(message.payload);
    ASSERT_LE(number, next_) << "a gap";
    ASSERT_TRUE(message.dup() || number == next_) << number << " again, without DUP";
    next_ = std::max(next_, number + 1);
    if (message.qos() == 1)
      from.send(acknowledgement(packet_type::puback, message.packet_id));
  }

  int next_ = 0;
};

TEST_F(EdgeOrder, HoldsWhileTheSubscriberComesAndGoes) {
  STATEMENT("E82");
  counting_subscriber counting;
  auto first = connect(lasting("reader"));
  first.subscribe("t", 1);
  counting_publisher publisher{client("p"), 1};
  counting.receive_for(first, 30ms);
  first.cut();
  for (int round = 0; round < 20; ++round) {
    auto reader = connect(lasting("reader"));
    counting.receive_for(reader, 10ms * (round % 5));
    reader.ping(); // so that all of our acknowledgements have been read
    if (round % 2 == 0)
      reader.cut();
    else
      reader.disconnect();
    std::this_thread::sleep_for(5ms * (round % 4));
  }
  auto last = connect(lasting("reader"));
  counting.receive_until(last, publisher.stop() - 1);
  last.expect_silence();
}

TEST_F(EdgeOrder, HoldsThroughTakeovers) {
  STATEMENT("E82", "E81");
  counting_subscriber counting;
  std::vector<wire_client> readers;
  readers.push_back(connect(lasting("reader")));
  readers.back().subscribe("t", 1);
  counting_publisher publisher{client("p"), 1};
  for (int round = 0; round < 20; ++round) {
    counting.receive_for(readers.back(), 10ms * (round % 4));
    readers.push_back(connect(lasting("reader")));
  }
  counting.receive_until(readers.back(), publisher.stop() - 1);
  readers.back().expect_silence();
}

TEST_F(EdgeOrder, HoldsForASlowReader) {
  STATEMENT("E82");
  auto reader = connect({.client_id = "reader", .properties = receive_maximum(2)});
  reader.subscribe("t", 1);
  counting_subscriber counting;
  counting_publisher publisher{client("p"), 1};
  std::this_thread::sleep_for(300ms);
  counting.receive_until(reader, 50);
  counting.receive_until(reader, publisher.stop() - 1);
  reader.expect_silence();
}

TEST_F(EdgeOrder, AcknowledgementsComeInTheOrderOfTheirMessages) {
  STATEMENT("E82");
  auto watcher = subscriber("watcher", "listened/#", 2);
  auto publisher = client("p");
  bytes messages;
  for (std::uint16_t id = 1; id <= 100; ++id)
    messages +=
      publish_packet(v5, {.topic = id % 3 == 0 ? "unheard" : "listened/" + std::to_string(id % 5),
                           .qos = id % 2 == 0 ? 1U : 2U,
                           .retain = id % 7 == 0,
                           .packet_id = id});
  publisher.send(messages);
  std::vector<std::uint16_t> pubacks;
  std::vector<std::uint16_t> pubrecs;
  for (int i = 0; i < 100; ++i) {
    const auto ack = publisher.receive();
    (ack.type == packet_type::puback ? pubacks : pubrecs).push_back(ack.packet_id);
  }
  EXPECT_EQ(pubacks.size(), 50U);
  EXPECT_TRUE(std::is_sorted(pubacks.begin(), pubacks.end()));
  EXPECT_TRUE(std::is_sorted(pubrecs.begin(), pubrecs.end()));
}

TEST_F(EdgeOrder, PubrelsComeInTheOrderOfThePubrecs) {
  STATEMENT("E82");
  auto reader = subscriber("reader", "t", 2);
  auto publisher = client("p");
  for (int i = 0; i < 10; ++i)
    publisher.publish({.payload = std::to_string(i), .qos = 2});
  std::vector<std::uint16_t> ids;
  for (int i = 0; i < 10; ++i)
    ids.push_back(reader.expect_publish("t", std::to_string(i)).packet_id);
  bytes pubrecs;
  for (const auto id : ids)
    pubrecs += acknowledgement(packet_type::pubrec, id);
  reader.send(pubrecs);
  for (const auto id : ids)
    EXPECT_EQ(reader.expect(packet_type::pubrel).packet_id, id);
}

} // namespace

} // namespace callboard::conformance
