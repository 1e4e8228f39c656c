#include "tests/conformance/edge_test.hpp"

#include <atomic>
#include <set>
#include <thread>

// Retained messages, and the RETAIN flag.

namespace callboard::conformance {

namespace {

using EdgeRetained = EdgeTest;
using namespace std::chrono_literals;

TEST_F(EdgeRetained, FlagIsKeptOnlyForThoseWhoAskForIt) {
  STATEMENT("E93");
  for (const unsigned qos : {0U, 1U, 2U}) {
    auto cleared = subscriber("cleared", "t", qos);
    auto kept = subscriber("kept", "t", qos | retain_as_published);
    auto older = subscriber_of(v3_1_1, "older", "t", qos);
    auto publisher = client("p");
    for (const bool retained : {true, false}) {
      publisher.publish({.qos = qos, .retain = retained});
      EXPECT_FALSE(cleared.receive_message("t", "m").retain());
      EXPECT_EQ(kept.receive_message("t", "m").retain(), retained);
      EXPECT_FALSE(older.receive_message("t", "m").retain());
    }
    publisher.publish({.payload = "", .qos = 1, .retain = true});
  }
}

TEST_F(EdgeRetained, FlagIsSetOnWhatASubscribeBrings) {
  STATEMENT("E93");
  retain("t", "kept");
  for (const unsigned qos : {0U, 1U, 2U})
    for (const unsigned option : {0U, retain_as_published})
      EXPECT_TRUE(subscriber("s", "t", qos | option).receive_message("t", "kept").retain());
  EXPECT_TRUE(subscriber_of(v3_1_1, "s", "t", 1).receive_message("t", "kept").retain());
}

TEST_F(EdgeRetained, FlagSurvivesTheQueueAsTheSubscriptionWantsIt) {
  STATEMENT("E93");
  for (const unsigned option : {0U, retain_as_published}) {
    auto before = connect(lasting("s"));
    before.subscribe("t", 1 | option | retain_never);
    before.disconnect();
    retain("t", "retained");
    client("p").publish({.payload = "not", .qos = 1});
    auto after = connect(lasting("s"));
    EXPECT_EQ(after.receive_message("t", "retained").retain(), option != 0);
    EXPECT_FALSE(after.receive_message("t", "not").retain());
  }
}

TEST_F(EdgeRetained, FlagReachesSharedSubscribersAsTheyWantIt) {
  STATEMENT("E93", "E87");
  for (const unsigned qos : {0U, 1U}) {
    for (const unsigned option : {0U, retain_as_published}) {
      auto member = subscriber("member", "$share/g/t", qos | option);
      client("p").publish({.qos = qos, .retain = true});
      EXPECT_EQ(member.receive_message("t", "m").retain(), option != 0);
    }
  }
}

TEST_F(EdgeRetained, EmptyPayloadDeletesAndIsDelivered) {
  STATEMENT("E94");
  for (const unsigned qos : {0U, 1U, 2U}) {
    retain("t", "kept", qos);
    auto cleared = subscriber("cleared", "t", qos | retain_never);
    auto kept = subscriber("kept", "t", qos | retain_never | retain_as_published);
    client("p").publish({.payload = "", .qos = qos, .retain = true});
    EXPECT_FALSE(cleared.receive_message("t", "").retain());
    EXPECT_TRUE(kept.receive_message("t", "").retain());
    subscriber("late", "t", qos).expect_silence(100ms);
    subscriber("later", "#", qos).expect_silence(100ms);
  }
}

TEST_F(EdgeRetained, EmptyPayloadOfANewTopicIsNotKept) {
  STATEMENT("E94");
  auto watcher = subscriber("watcher", "#", 1);
  client("p").publish({.topic = "new", .payload = "", .qos = 1, .retain = true});
  watcher.receive_message("new", "");
  subscriber("late", "#", 1).expect_silence();
}

TEST_F(EdgeRetained, EmptyPayloadWithoutTheFlagDeletesNothing) {
  STATEMENT("E94");
  retain("t", "kept");
  client("p").publish({.payload = "", .qos = 1});
  subscriber("late", "t", 1).receive_message("t", "kept");
}

TEST_F(EdgeRetained, EmptyPayloadDeletesThatTopicOnly) {
  STATEMENT("E94");
  for (const auto* topic : {"a", "a/", "a/b", "a/b/c", "/a"})
    retain(topic, "kept");
  retain("a/b", "");
  auto late = subscriber("late", "#", 1);
  std::set<std::string> topics;
  for (int i = 0; i < 4; ++i) {
    const auto message = late.expect(packet_type::publish);
    late.acknowledge(message);
    topics.insert(message.topic);
  }
  EXPECT_EQ(topics, (std::set<std::string>{"a", "a/", "a/b/c", "/a"}));
  late.expect_silence();
}

TEST_F(EdgeRetained, EmptyWillDeletesToo) {
  STATEMENT("E94");
  retain("will", "kept");
  auto watcher = subscriber("watcher", "will", 1 | retain_never);
  connect({.client_id = "w", .will = will_options{.payload = "", .qos = 1, .retain = true}}).cut();
  watcher.receive_message("will", "");
  subscriber("late", "will", 1).expect_silence();
}

TEST_F(EdgeRetained, DeletedTopicCanBeSetAgain) {
  STATEMENT("E94");
  for (int i = 0; i < 3; ++i) {
    retain("t", std::to_string(i));
    subscriber("late", "t", 1).receive_message("t", std::to_string(i));
    retain("t", "");
    subscriber("later", "t", 1).expect_silence(50ms);
  }
}

TEST_F(EdgeRetained, QosIsTheLowerOfStoredAndGranted) {
  STATEMENT("E95");
  for (const unsigned stored : {0U, 1U, 2U}) {
    retain("t", "kept", stored);
    for (const unsigned granted : {0U, 1U, 2U}) {
      auto late = subscriber("late", "t", granted);
      EXPECT_EQ(late.receive_message("t", "kept").qos(), std::min(stored, granted));
    }
  }
}

TEST_F(EdgeRetained, LastOneReplacesTheOthersWhateverItsQos) {
  STATEMENT("E95");
  retain("t", "of QoS 2", 2);
  retain("t", "of QoS 1", 1);
  retain("t", "of QoS 0", 0);
  const auto message = subscriber("late", "t", 2).receive_message("t", "of QoS 0");
  EXPECT_EQ(message.qos(), 0U);
  EXPECT_TRUE(message.retain());
}

TEST_F(EdgeRetained, LastOneReplacesThePropertiesToo) {
  STATEMENT("E95");
  retain("t", "first", 1, user_property("k", "v") + content_type("type"));
  retain("t", "second", 1);
  EXPECT_TRUE(subscriber("late", "t", 1).receive_message("t", "second").properties.empty());
}

TEST_F(EdgeRetained, NewValueWhileTheOldOneIsDeliveredComesLast) {
  STATEMENT("E95");
  for (const unsigned qos : {0U, 1U}) {
    auto publisher = client("p");
    for (int round = 0; round < 100; ++round) {
      auto late = client("late");
      const auto last = std::to_string(round) + "b";
      publisher.publish({.payload = std::to_string(round) + "a", .qos = 1, .retain = true});
      // The SUBSCRIBE and the new value cross each other.
      late.send(subscribe_packet(v5, 1, {{"t", qos}}));
      publisher.publish({.payload = last, .qos = 1, .retain = true});
      std::string seen;
      while (seen != last) {
        const auto packet = late.receive();
        if (packet.type != packet_type::publish)
          continue;
        seen = packet.payload;
        late.acknowledge(packet);
      }
      const auto more = late.receive_within(5ms);
      EXPECT_TRUE(!more || more->type != packet_type::publish || more->payload == last)
        << more->payload << " after " << last;
    }
  }
}

/// Publishes `count` retained messages to "t/<n>", with growing numbers as payload.
void retain_many(wire_client& publisher, int count) {
  constexpr int batch = 100;
  for (int first = 0; first < count; first += batch) {
    bytes messages;
    for (int i = 0; i < batch; ++i)
      messages += publish_packet(v5, {.topic = "t/" + std::to_string(first + i),
                                       .payload = std::to_string(first + i),
                                       .qos = 1,
                                       .retain = true,
                                       .packet_id = static_cast<std::uint16_t>(i + 1)});
    publisher.send(messages);
    for (int i = 0; i < batch; ++i)
      publisher.expect(packet_type::puback);
  }
}

TEST_F(EdgeRetained, ManyAtOnceRespectTheReceiveMaximumAndNoneIsLost) {
  STATEMENT("E95");
  constexpr int count = 3000;
  auto publisher = client("p");
  retain_many(publisher, count);
  auto late = connect({.client_id = "late", .properties = receive_maximum(10)});
  late.subscribe("t/#", 1);
  std::set<std::string> seen;
  while (seen.size() < count) {
    std::vector<received_packet> window;
    for (std::size_t i = 0; i < std::min<std::size_t>(10, count - seen.size()); ++i)
      window.push_back(late.expect(packet_type::publish));
    if (seen.size() % 500 == 0)
      late.expect_silence(50ms); // no eleventh one
    for (const auto& message : window) {
      EXPECT_TRUE(seen.insert(message.payload).second) << message.payload << " came twice";
      late.acknowledge(message);
    }
  }
  late.expect_silence();
}

TEST_F(EdgeRetained, ManyAtOnceReachAReaderOfQosZero) {
  STATEMENT("E95");
  constexpr int count = 3000;
  auto publisher = client("p");
  retain_many(publisher, count);
  for (const auto version : {v3_1_1, v5}) {
    auto late = subscriber_of(version, "late", "t/#", 0);
    std::set<std::string> seen;
    for (int i = 0; i < count; ++i)
      seen.insert(late.expect(packet_type::publish).payload);
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(count));
    late.expect_silence(100ms);
  }
}

} // namespace

} // namespace callboard::conformance
