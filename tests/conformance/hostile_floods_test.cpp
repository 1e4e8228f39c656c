#include "tests/conformance/hostile_test.hpp"

#include <thread>

// Clients that send too much or read too little.

namespace callboard::conformance {

namespace {

using HostileFloods = HostileTest;
using namespace std::literals;

constexpr auto v5 = protocol_version::v5;
constexpr auto v3_1_1 = protocol_version::v3_1_1;
constexpr std::size_t mebibyte = 1'048'576;
constexpr int batch = 100;

/// `batch` messages to "flood" of 10 KiB each, in one write.
bytes flood_of(unsigned qos) {
  bytes all;
  for (int i = 0; i < batch; ++i)
    all += publish_packet(v5, {.topic = "flood",
                                .payload = repeat("x", 10'240),
                                .qos = qos,
                                .packet_id = static_cast<std::uint16_t>(i + 1)});
  return all;
}

// -- those who do not read -------------------------------------------------------

TEST_F(HostileFloods, ReaderWhoStopsReadingQosZeroSlowsNobody) {
  NEEDS_SETTINGS("output_maximum_bytes=1048576");
  move_in();
  auto deaf = subscriber("deaf", "flood");
  auto quick = subscriber("quick", "flood");
  auto publisher = client("publisher");
  const auto messages = flood_of(0);
  for (int i = 0; i < 300; ++i) { // 300 MiB
    publisher.send(messages);
    for (int j = 0; j < batch; ++j)
      quick.expect(packet_type::publish);
  }
  expect_unharmed();
  // It reads again, and is a client like others.
  while (deaf.receive_within(moment)) {
  }
  deaf.ping();
  publisher.publish({.topic = "flood", .payload = "end"});
  deaf.expect_publish("flood", "end");
}

/// Receives and acknowledges until there is silence; returns how many octets of
/// payload came.
std::size_t take_all(wire_client& reader) {
  std::size_t octets = 0;
  while (const auto message = reader.receive_within(moment)) {
    reader.acknowledge(*message);
    octets += message->payload.size();
  }
  return octets;
}

TEST_F(HostileFloods, ReaderWhoStopsReadingQosOneSlowsNobody) {
  NEEDS_SETTINGS("output_maximum_bytes=1048576", "queue_maximum_bytes=4194304");
  move_in();
  auto deaf = subscriber("deaf", "flood", 1);
  auto publisher = client("publisher");
  const auto messages = flood_of(1);
  for (int i = 0; i < 200; ++i) { // 200 MiB
    publisher.send(messages);
    for (int j = 0; j < batch; ++j)
      EXPECT_LT(publisher.expect(packet_type::puback).reason, 0x80U);
  }
  expect_unharmed();
  EXPECT_GT(take_all(deaf), 3 * mebibyte); // what was queued for it
  publisher.publish({.topic = "flood", .payload = "end", .qos = 1});
  deaf.receive_message("flood", "end");
}

TEST_F(HostileFloods, QueueOfAnAbsentReaderIsBoundedAndDelivered) {
  NEEDS_SETTINGS("queue_maximum_bytes=4194304");
  move_in();
  auto absent = connect(lasting("absent"));
  absent.subscribe("flood", 1);
  absent.disconnect();
  auto publisher = client("publisher");
  const auto messages = flood_of(1);
  for (int i = 0; i < 200; ++i) {
    publisher.send(messages);
    for (int j = 0; j < batch; ++j)
      publisher.expect(packet_type::puback);
  }
  expect_unharmed();
  auto back = connect(lasting("absent"));
  const auto octets = take_all(back);
  EXPECT_GT(octets, 3 * mebibyte);
  EXPECT_LE(octets, 4 * mebibyte);
  back.ping();
}

TEST_F(HostileFloods, PingsWhoseAnswersNobodyReads) {
  NEEDS_OWN_BROKER();
  move_in();
  std::vector<wire_client> flooders;
  for (int i = 0; i < 5; ++i) {
    flooders.push_back(client("flooder " + std::to_string(i)));
    pour(flooders.back(), pingreq(), 40 * mebibyte);
  }
  expect_unharmed();
}

TEST_F(HostileFloods, PubacksThatNobodyReads) {
  NEEDS_OWN_BROKER();
  move_in();
  auto older = connect(v3_1_1, {.client_id = "older"});
  pour(older, publish_packet(v3_1_1, {.qos = 1, .packet_id = 1}), 40 * mebibyte);
  expect_unharmed();
}

TEST_F(HostileFloods, PubcompsThatNobodyReads) {
  NEEDS_OWN_BROKER();
  move_in();
  auto releasing = client("releasing");
  pour(releasing, "62 02 0007"_hex, 40 * mebibyte);
  expect_unharmed();
}

TEST_F(HostileFloods, SubacksThatNobodyReads) {
  NEEDS_OWN_BROKER();
  move_in();
  auto subscribing = client("subscribing");
  pour(subscribing, subscribe_packet(v5, 1, {{"t", 0}}), 40 * mebibyte);
  expect_unharmed();
}

TEST_F(HostileFloods, RetainedMessagesThatNobodyReads) {
  NEEDS_SETTINGS("output_maximum_bytes=1048576");
  auto publisher = client("publisher");
  for (int i = 0; i < 500; ++i) // 20 MiB
    publisher.publish({.topic = "kept/" + std::to_string(i),
      .payload = repeat("x", 40'960),
      .qos = 1,
      .retain = true});
  move_in();
  std::vector<wire_client> deaf;
  for (const unsigned qos : {0U, 1U, 0U, 1U}) {
    deaf.push_back(client("deaf " + std::to_string(deaf.size())));
    for (std::uint16_t id = 1; id <= 30; ++id)
      deaf.back().send(subscribe_packet(v5, id, {{"kept/#", qos}}));
  }
  std::this_thread::sleep_for(500ms);
  expect_unharmed(128); // of 2 GiB that were asked for
}

// -- those who send too much -----------------------------------------------------

TEST_F(HostileFloods, PublisherOfAsMuchAsTheSocketTakes) {
  NEEDS_OWN_BROKER();
  move_in();
  auto reader = subscriber("reader", "flood"); // which reads when all is over
  for (const std::size_t size : {0U, 100U, 100'000U}) {
    auto flooder = client("flooder");
    const auto packet = publish_packet(v5, {.topic = "flood", .payload = repeat("x", size)});
    EXPECT_GT(pour(flooder, packet, 100 * mebibyte, 20s), mebibyte);
    flooder.ping();
  }
  expect_unharmed();
}

TEST_F(HostileFloods, ManyPublishersAtATime) {
  NEEDS_OWN_BROKER();
  move_in();
  auto reader = subscriber("reader", "flood");
  std::vector<wire_client> flooders;
  for (int i = 0; i < 20; ++i)
    flooders.push_back(client("flooder " + std::to_string(i)));
  const auto packet = publish_packet(v5, {.topic = "flood", .payload = repeat("x", 1000)});
  for (int round = 0; round < 10; ++round)
    for (auto& each : flooders)
      pour(each, packet, mebibyte, 20s);
  for (auto& each : flooders)
    each.ping();
  expect_unharmed();
}

TEST_F(HostileFloods, PublisherWhoIgnoresTheReceiveMaximum) {
  STATEMENT("E80");
  NEEDS_SETTINGS("receive_maximum=10");
  move_in();
  auto flooder = client("flooder");
  bytes messages;
  for (unsigned id = 1; id <= 0xFFFF; ++id)
    messages += publish_packet(v5, {.qos = 2, .packet_id = static_cast<std::uint16_t>(id)});
  // Read while sending, or the rest of the flood resets the line before we see it.
  bytes answers;
  std::thread reading{[&] {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (flooder.stream().read(answers, deadline) == tcp_stream::outcome::done) {
    }
  }};
  flooder.send_while_open(messages);
  reading.join();
  std::optional<received_packet> last;
  while (const auto length = packet_length(answers)) {
    ASSERT_LE(*length, answers.size()) << "a packet is cut off";
    last = parse(v5, answers.substr(0, *length));
    answers.erase(0, *length);
  }
  ASSERT_TRUE(last);
  EXPECT_EQ(last->type, packet_type::disconnect);
  EXPECT_EQ(last->reason, 0x93U);
  expect_unharmed();
}

TEST_F(HostileFloods, HandshakesOfOlderClientsThatNeverEnd) {
  STATEMENT("E80");
  NEEDS_OWN_BROKER();
  move_in();
  std::vector<wire_client> openers;
  bytes messages;
  for (unsigned id = 1; id <= 0xFFFF; ++id)
    messages += publish_packet(v3_1_1, {.qos = 2, .packet_id = static_cast<std::uint16_t>(id)});
  for (int i = 0; i < 5; ++i) {
    openers.push_back(connect(v3_1_1, {.client_id = "opener " + std::to_string(i)}));
    std::thread reading{[&opener = openers.back()] {
      bytes answers;
      while (answers.size() < 4UL * 0xFFFF)
        if (opener.stream().read(answers, std::chrono::steady_clock::now() + patience) !=
            tcp_stream::outcome::done)
          break;
      EXPECT_EQ(answers.size(), 4UL * 0xFFFF); // a PUBREC each
    }};
    openers.back().send(messages);
    reading.join();
  }
  expect_unharmed();
}

TEST_F(HostileFloods, AnnouncedLengthsTakeNoMemory) {
  STATEMENT("E03");
  NEEDS_SOCKETS(400);
  NEEDS_SETTINGS("maximum_packet_size=268435460", "handshake_timeout=30");
  move_in();
  std::vector<wire_client> liars;
  for (int i = 0; i < 200; ++i) {
    liars.push_back(client("liar " + std::to_string(i)));
    liars.back().send("30 FF FF FF 7F 0001 74 00"_hex + repeat("x", 100)); // of 256 MiB
    liars.push_back(dial());
    liars.back().send("10 F0 FF 3F 0004 4D515454 05 02"_hex); // of 1 MiB
  }
  std::this_thread::sleep_for(300ms);
  expect_unharmed();
}

TEST_F(HostileFloods, AliasesOfTheLongestTopics) {
  STATEMENT("E59");
  NEEDS_OWN_BROKER();
  move_in();
  auto greedy = dial();
  const auto maximum =
    greedy.connect({.client_id = "greedy"}).number(property_id::topic_alias_maximum).value_or(0);
  ASSERT_GT(maximum, 0U);
  const auto longest = repeat("x", 65'530);
  for (int round = 0; round < 20; ++round)
    for (unsigned alias = 1; alias <= maximum; ++alias)
      greedy.publish({.topic = longest + std::to_string(round), .properties = topic_alias(alias)});
  greedy.ping();
  for (unsigned alias = maximum + 1; alias < maximum + 100; ++alias) {
    auto exceeding = client("exceeding");
    exceeding.publish({.topic = longest, .properties = topic_alias(alias)});
    exceeding.expect_disconnect(0x94);
  }
  expect_unharmed();
}

TEST_F(HostileFloods, TopicsThatNobodyEverHears) {
  NEEDS_OWN_BROKER();
  move_in();
  auto publisher = client("publisher");
  const auto deep = repeat("/x", 32'000);
  const auto flat = repeat("x", 65'000);
  for (int i = 0; i < 1500; ++i) { // 200 MiB of topics: none must be kept
    publisher.publish({.topic = std::to_string(i) + deep});
    publisher.publish({.topic = std::to_string(i) + flat, .payload = "", .retain = true});
  }
  publisher.ping();
  expect_unharmed();
}

// -- subscriptions ---------------------------------------------------------------

/// A SUBSCRIBE to `count` filters, with numbers from `first` on.
bytes subscribe_to_many(std::uint16_t id, int first, int count) {
  std::vector<subscription> all;
  for (int i = first; i < first + count; ++i)
    all.push_back({"many/" + std::to_string(i) + "/+/#", 1});
  return subscribe_packet(v5, id, all);
}

TEST_F(HostileFloods, SubscriptionsBeyondTheLimitAreRefused) {
  NEEDS_SETTINGS("maximum_subscriptions=1000");
  move_in();
  auto greedy = client("greedy");
  int granted = 0;
  for (std::uint16_t id = 1; id <= 100; ++id) {
    greedy.send(subscribe_to_many(id, id * 1000, 1000));
    for (const auto code : greedy.expect(packet_type::suback).reasons) {
      EXPECT_TRUE(code == 1 || code == 0x97) << code;
      granted += code == 1 ? 1 : 0;
    }
  }
  EXPECT_EQ(granted, 1000);
  expect_unharmed();
}

TEST_F(HostileFloods, SubscriptionsByTheHundredThousand) {
  NEEDS_OWN_BROKER();
  move_in();
  {
    auto greedy = client("greedy");
    for (std::uint16_t id = 1; id <= 100; ++id) {
      greedy.send(subscribe_to_many(id, id * 1000, 1000));
      EXPECT_EQ(greedy.expect(packet_type::suback).reasons, std::vector<unsigned>(1000, 1));
    }
    client("publisher").publish({.topic = "many/50000/a/b", .qos = 1});
    greedy.receive_message("many/50000/a/b", "m");
    greedy.disconnect();
  }
  auto publisher = client("publisher");
  EXPECT_EQ(publisher.publish({.topic = "many/50000/a/b", .qos = 1}), 0x10U); // all are gone
  expect_unharmed(128);
}

TEST_F(HostileFloods, SubscribingAndUnsubscribingForEver) {
  NEEDS_OWN_BROKER();
  move_in();
  auto restless = client("restless");
  for (int i = 0; i < 5000; ++i) {
    const auto filter = "restless/" + std::to_string(i) + "/#";
    restless.subscribe(filter, 1);
    EXPECT_EQ(restless.unsubscribe({filter}).reasons, std::vector<unsigned>{0});
    if (i % 3 == 0)
      restless.subscribe("$share/" + std::to_string(i) + "/t", 1);
    if (i % 3 == 1)
      restless.unsubscribe({"$share/" + std::to_string(i - 1) + "/t"});
  }
  expect_unharmed();
}

TEST_F(HostileFloods, FiltersThatAllMatchOneTopic) {
  STATEMENT("E86");
  NEEDS_OWN_BROKER();
  move_in();
  constexpr unsigned levels = 12; // a and + on each: 4096 filters
  auto greedy = client("greedy");
  std::vector<subscription> all;
  for (unsigned bits = 0; bits < 1U << levels; ++bits) {
    std::string filter;
    for (unsigned level = 0; level < levels; ++level)
      filter += std::string{level > 0 ? "/" : ""} + ((bits >> level & 1U) != 0 ? "a" : "+");
    all.push_back({filter, 1});
  }
  greedy.send(subscribe_packet(v5, 1, all));
  EXPECT_EQ(greedy.expect(packet_type::suback).reasons.size(), all.size());
  auto publisher = client("publisher");
  for (int i = 0; i < 20; ++i) {
    publisher.publish(
      {.topic = "a" + repeat("/a", levels - 1), .payload = std::to_string(i), .qos = 1});
    greedy.receive_message("a" + repeat("/a", levels - 1), std::to_string(i));
  }
  expect_unharmed();
}

TEST_F(HostileFloods, TopicsAndFiltersOfManyLevels) {
  STATEMENT("E21");
  NEEDS_OWN_BROKER();
  move_in();
  auto deep = client("deep");
  const auto topic = repeat("a/", 32'767);
  for (const auto& filter : {repeat("+/", 32'767), repeat("a/+/", 16'383) + "#",
         repeat("+/", 30'000) + "#", topic, repeat("/", 65'535), repeat("+/", 100) + "b"})
    deep.subscribe(filter, 1);
  auto publisher = client("publisher");
  for (int i = 0; i < 20; ++i) {
    publisher.publish({.topic = topic, .payload = std::to_string(i), .qos = 1, .retain = true});
    deep.receive_message(topic, std::to_string(i));
  }
  for (const auto& filter : {"a/#"s, repeat("+/", 32'767), repeat("a/", 32'766) + "+/#"})
    subscriber("late", filter, 1).receive_message(topic, "19");
  expect_unharmed();
}

} // namespace

} // namespace callboard::conformance
