#include "tests/conformance/edge_test.hpp"

#include <algorithm>
#include <set>
#include <thread>

// QoS: identifiers, handshakes and what is under way when a connection ends. The
// order of messages is in edge_order_test.cpp.

namespace callboard::conformance {

namespace {

using EdgeQos = EdgeTest;
using EdgeReceiveMaximum = EdgeTest;
using namespace std::chrono_literals;

/// Publishes `count` messages to "t", numbered from `first` on.
void publish_numbers(wire_client& publisher, int first, int count, unsigned qos) {
  for (int i = first; i < first + count; ++i)
    publisher.publish({.payload = std::to_string(i), .qos = qos});
}

/// The messages that come until there is silence. None is acknowledged.
std::vector<received_packet> all_messages(wire_client& any) {
  std::vector<received_packet> all;
  while (auto packet = any.receive_within(moment)) {
    EXPECT_EQ(packet->type, packet_type::publish);
    all.push_back(*std::move(packet));
  }
  return all;
}

/// A client that finds its session again, with this Receive Maximum.
connect_options with_receive_maximum(const std::string& id, unsigned maximum) {
  return {.client_id = id,
    .clean_start = false,
    .properties = session_expiry_interval(300) + receive_maximum(maximum)};
}

// -- messages from the client ----------------------------------------------------

TEST_F(EdgeQos, RepeatsBeforePubrelAreAnsweredAndNotDelivered) {
  STATEMENT("E72");
  for (const auto version : all_versions) {
    auto watcher = subscriber("watcher", "t", 2);
    const connect_options keeping{.client_id = "p",
      .clean_start = false,
      .properties = version == v5 ? session_expiry_interval(300) : ""};
    auto publisher = connect(version, keeping);
    for (int i = 0; i < 10; ++i) {
      publisher.send_publish({.qos = 2, .dup = i % 2 == 1, .packet_id = 7});
      EXPECT_EQ(publisher.expect(packet_type::pubrec).packet_id, 7U);
    }
    publisher.cut();
    auto again = connect(version, keeping);
    for (int i = 0; i < 3; ++i) {
      again.send_publish({.qos = 2, .dup = true, .packet_id = 7});
      EXPECT_EQ(again.expect(packet_type::pubrec).packet_id, 7U);
    }
    again.send("62 02 0007"_hex);
    EXPECT_EQ(again.expect(packet_type::pubcomp).reason, 0U);
    watcher.receive_message("t", "m");
    watcher.expect_silence();
    connect(version, {.client_id = "p"}).disconnect();
  }
}

TEST_F(EdgeQos, RepeatsMayComeInOneWriteWithTheirPubrel) {
  STATEMENT("E72");
  auto watcher = subscriber("watcher", "t", 2);
  auto publisher = client("p");
  const auto first = publish_packet(v5, {.qos = 2, .packet_id = 7});
  const auto repeat = publish_packet(v5, {.qos = 2, .dup = true, .packet_id = 7});
  publisher.send(first + repeat + repeat + "62 02 0007"_hex + first + "62 02 0007"_hex);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(publisher.await(packet_type::pubrec).packet_id, 7U);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(publisher.await(packet_type::pubcomp).packet_id, 7U);
  for (int i = 0; i < 2; ++i)
    watcher.receive_message("t", "m");
  watcher.expect_silence();
}

TEST_F(EdgeQos, IdentifierIsForgottenWithASessionThatEnds) {
  STATEMENT("E72", "E99");
  auto watcher = subscriber("watcher", "t", 2);
  auto before = client("p");
  before.send_publish({.qos = 2, .packet_id = 7});
  before.expect(packet_type::pubrec);
  before.cut();
  client("p").publish({.qos = 2, .packet_id = 7});
  watcher.receive_message("t", "m");
  watcher.receive_message("t", "m");
}

TEST_F(EdgeQos, PubrelForAnUnknownIdentifierIsAnswered) {
  STATEMENT("E73");
  auto newer = client("newer");
  for (int i = 0; i < 3; ++i) {
    newer.send("62 02 0007"_hex);
    const auto pubcomp = newer.expect(packet_type::pubcomp);
    EXPECT_EQ(pubcomp.packet_id, 7U);
    EXPECT_EQ(pubcomp.reason, 0x92U);
  }
  for (const auto version : versions_before_5) {
    auto older = client_of(version, "older");
    older.send("62 02 0007"_hex);
    older.expect_octets("70 02 0007"_hex);
    older.ping();
  }
}

TEST_F(EdgeQos, PubrecForAnUnknownIdentifierIsAnsweredAndForgotten) {
  STATEMENT("E74");
  auto before = connect(lasting("s"));
  before.send("50 02 0007"_hex);
  const auto pubrel = before.expect(packet_type::pubrel);
  EXPECT_EQ(pubrel.packet_id, 7U);
  EXPECT_EQ(pubrel.reason, 0x92U);
  before.cut();
  connect(lasting("s")).expect_silence();
}

TEST_F(EdgeQos, PubrecForAnUnknownIdentifierHarmsNoOlderClient) {
  STATEMENT("E74");
  for (const auto version : versions_before_5) {
    const connect_options keeping{.client_id = "older", .clean_start = false};
    auto older = connect(version, keeping);
    older.send("50 02 0007"_hex);
    older.ping();
    older.cut();
    connect(version, keeping).expect_silence();
  }
}

TEST_F(EdgeQos, UnknownIdentifiersInOtherAcknowledgementsAreIgnored) {
  STATEMENT("E74");
  each_is_taken(v5, {"40 02 0007"_hex, "40 03 0007 80"_hex, "50 03 0007 80"_hex, "70 02 0007"_hex,
                      "70 03 0007 92"_hex});
  each_is_taken(v3_1_1, {"40 02 0007"_hex, "70 02 0007"_hex});
}

TEST_F(EdgeQos, RefusingPubrecEndsTheExchange) {
  STATEMENT("E74", "E80");
  auto reader = connect(with_receive_maximum("reader", 1));
  reader.subscribe("t", 2);
  auto publisher = client("p");
  publish_numbers(publisher, 0, 3, 2);
  for (const unsigned code : {0x80U, 0x97U}) {
    const auto message = reader.expect(packet_type::publish);
    reader.send(acknowledgement(packet_type::pubrec, message.packet_id, code));
  }
  reader.receive_message("t", "2"); // no PUBREL before, and there was room for it
  reader.cut();
  connect(lasting("reader")).expect_silence();
}

TEST_F(EdgeQos, RefusingPubackEndsTheExchange) {
  STATEMENT("E74", "E80");
  auto reader = connect(with_receive_maximum("reader", 1));
  reader.subscribe("t", 1);
  auto publisher = client("p");
  publish_numbers(publisher, 0, 2, 1);
  const auto message = reader.expect_publish("t", "0");
  reader.send(acknowledgement(packet_type::puback, message.packet_id, 0x87));
  reader.receive_message("t", "1");
  reader.cut();
  connect(lasting("reader")).expect_silence();
}

TEST_F(EdgeQos, AcknowledgementOfTheWrongTypeIsAProtocolError) {
  STATEMENT("E75");
  for (const auto version : all_versions) {
    for (const auto& [qos, type] : std::vector<std::pair<unsigned, packet_type>>{
           {1, packet_type::pubrec}, {1, packet_type::pubcomp}, {2, packet_type::puback}}) {
      auto reader = subscriber_of(version, "reader", "t", qos);
      client("p").publish({.qos = qos});
      const auto message = reader.expect_publish("t", "m");
      reader.send(acknowledgement(type, message.packet_id));
      if (version == v5)
        reader.expect_closed({0x82});
      else
        reader.expect_eof();
    }
  }
}

TEST_F(EdgeQos, SecondPubrecGetsItsPubrelAgain) {
  STATEMENT("E76");
  for (const auto version : all_versions) {
    auto reader = subscriber_of(version, "reader", "t", 2);
    client("p").publish({.qos = 2});
    const auto id = reader.expect_publish("t", "m").packet_id;
    for (int i = 0; i < 3; ++i) {
      reader.send(acknowledgement(packet_type::pubrec, id));
      const auto pubrel = reader.expect(packet_type::pubrel);
      EXPECT_EQ(pubrel.packet_id, id);
      EXPECT_EQ(pubrel.reason, 0U);
    }
    reader.send(acknowledgement(packet_type::pubcomp, id));
    reader.ping();
    reader.expect_silence(milliseconds{50});
  }
}

TEST_F(EdgeQos, CompletedIdentifierIsNewEvenWithDup) {
  STATEMENT("E77");
  for (const auto version : all_versions) {
    for (const unsigned qos : {1U, 2U}) {
      auto watcher = subscriber("watcher", "t", qos);
      auto publisher = client_of(version, "p");
      for (const bool dup : {false, true, true}) {
        publisher.publish({.qos = qos, .dup = dup, .packet_id = 7});
        EXPECT_FALSE(watcher.receive_message("t", "m").dup()); // which is of the sender alone
      }
    }
  }
}

// -- messages to the client ------------------------------------------------------

/// Publishes so many batches that all identifiers are used, while `held` of them
/// are under way, and expects that none of these comes again.
void use_all_identifiers(
  wire_client& publisher, wire_client& reader, const std::set<std::uint16_t>& held) {
  constexpr int batch = 500;
  bytes messages;
  for (int i = 0; i < batch; ++i)
    messages += publish_packet(v5, {.qos = 1, .packet_id = static_cast<std::uint16_t>(i + 1)});
  for (int total = 0; total < 66'000; total += batch) {
    publisher.send(messages);
    bytes acks;
    for (int i = 0; i < batch; ++i) {
      const auto id = reader.expect(packet_type::publish).packet_id;
      ASSERT_NE(id, 0U);
      ASSERT_FALSE(held.contains(id)) << id;
      acks += acknowledgement(packet_type::puback, id);
    }
    reader.send(acks);
    for (int i = 0; i < batch; ++i)
      publisher.expect(packet_type::puback);
  }
}

TEST_F(EdgeQos, IdentifiersInFlightAreSkippedWhenTheyWrapAround) {
  STATEMENT("E78");
  auto reader = subscriber("reader", "t", 2);
  auto publisher = client("p");
  publish_numbers(publisher, 0, 1, 1);
  publish_numbers(publisher, 1, 2, 2);
  const auto unacknowledged = reader.expect_publish("t", "0").packet_id;
  const auto unreleased = reader.expect_publish("t", "1").packet_id;
  const auto released = reader.expect_publish("t", "2").packet_id;
  reader.send(acknowledgement(packet_type::pubrec, released));
  reader.expect(packet_type::pubrel);
  use_all_identifiers(publisher, reader, {unacknowledged, unreleased, released});
}

TEST_F(EdgeQos, ResumedAndQueuedMessagesShareNoIdentifier) {
  STATEMENT("E78");
  auto before = connect(lasting("reader"));
  before.subscribe("t", 2);
  auto publisher = client("p");
  publish_numbers(publisher, 0, 10, 1);
  std::set<std::uint16_t> ids;
  for (int i = 0; i < 10; ++i)
    ids.insert(before.expect(packet_type::publish).packet_id);
  before.cut();
  publish_numbers(publisher, 10, 10, 2); // queued
  auto after = connect(lasting("reader"));
  publish_numbers(publisher, 20, 10, 1); // live
  const auto all = all_messages(after);
  ASSERT_EQ(all.size(), 30U);
  std::set<std::uint16_t> again;
  for (const auto& message : all)
    EXPECT_TRUE(again.insert(message.packet_id).second) << message.packet_id;
  EXPECT_TRUE(std::includes(again.begin(), again.end(), ids.begin(), ids.end()));
}

TEST_F(EdgeQos, NothingIsSentAgainWhileTheConnectionLives) {
  STATEMENT("E79");
  auto reader = subscriber("reader", "t", 2);
  auto publisher = client("p");
  publish_numbers(publisher, 0, 1, 1);
  publish_numbers(publisher, 1, 2, 2);
  reader.expect_publish("t", "0");
  reader.expect_publish("t", "1");
  const auto released = reader.expect_publish("t", "2").packet_id;
  reader.send(acknowledgement(packet_type::pubrec, released));
  reader.expect(packet_type::pubrel);
  reader.expect_silence(3500ms);
  reader.ping();
}

TEST_F(EdgeQos, ResumeSendsWhatWasUnderWayInItsOrderBeforeTheRest) {
  STATEMENT("E79");
  for (const auto version : {v3_1_1, v5}) {
    const connect_options keeping{.client_id = "reader",
      .clean_start = false,
      .properties = version == v5 ? session_expiry_interval(300) : ""};
    auto before = connect(version, keeping);
    before.subscribe("t", 2);
    auto publisher = client("p");
    for (int i = 0; i < 6; ++i)
      publish_numbers(publisher, i, 1, 1 + static_cast<unsigned>(i % 2));
    std::vector<std::uint16_t> ids;
    for (int i = 0; i < 6; ++i)
      ids.push_back(before.expect_publish("t", std::to_string(i)).packet_id);
    before.send(acknowledgement(packet_type::pubrec, ids[3]));
    before.expect(packet_type::pubrel);
    before.cut();
    std::this_thread::sleep_for(moment); // or they may still be sent on the old connection
    publish_numbers(publisher, 6, 2, 1);
    auto after = connect(version, keeping);
    for (std::size_t i = 0; i < 6; ++i) {
      const auto packet = after.receive();
      EXPECT_EQ(packet.packet_id, ids[i]);
      EXPECT_EQ(packet.type, i == 3 ? packet_type::pubrel : packet_type::publish);
      EXPECT_TRUE(i == 3 || (packet.dup() && packet.payload == std::to_string(i)));
    }
    for (const auto* payload : {"6", "7"})
      EXPECT_FALSE(after.expect_publish("t", payload).dup());
    connect(version, {.client_id = "reader"}).disconnect();
  }
}

// -- receive maximum -------------------------------------------------------------

TEST_F(EdgeReceiveMaximum, LimitsWhatIsUnacknowledged) {
  STATEMENT("E80");
  for (const unsigned qos : {1U, 2U}) {
    auto reader = connect({.client_id = "reader", .properties = receive_maximum(3)});
    reader.subscribe("t", qos);
    auto publisher = client("p");
    publish_numbers(publisher, 0, 10, qos);
    std::vector<received_packet> sent;
    for (int i = 0; i < 3; ++i)
      sent.push_back(reader.expect_publish("t", std::to_string(i)));
    reader.expect_silence();
    for (int i = 3; i < 10; ++i) {
      reader.acknowledge(sent[static_cast<std::size_t>(i - 3)]);
      sent.push_back(reader.expect_publish("t", std::to_string(i)));
      reader.expect_silence(20ms);
    }
  }
}

TEST_F(EdgeReceiveMaximum, DoesNotHoldQosZeroBack) {
  STATEMENT("E80");
  auto reader = connect({.client_id = "reader", .properties = receive_maximum(1)});
  reader.subscribe("acknowledged", 1);
  reader.subscribe("t", 0);
  auto publisher = client("p");
  for (int i = 0; i < 3; ++i)
    publisher.publish({.topic = "acknowledged", .qos = 1});
  reader.expect_publish("acknowledged", "m");
  publish_numbers(publisher, 0, 100, 0);
  for (int i = 0; i < 100; ++i)
    reader.expect_publish("t", std::to_string(i));
}

TEST_F(EdgeReceiveMaximum, PubrecAloneMakesNoRoom) {
  STATEMENT("E80");
  auto reader = connect({.client_id = "reader", .properties = receive_maximum(1)});
  reader.subscribe("t", 2);
  auto publisher = client("p");
  publish_numbers(publisher, 0, 2, 2);
  const auto id = reader.expect_publish("t", "0").packet_id;
  reader.send(acknowledgement(packet_type::pubrec, id));
  reader.expect(packet_type::pubrel);
  reader.expect_silence();
  reader.send(acknowledgement(packet_type::pubcomp, id));
  reader.receive_message("t", "1");
}

TEST_F(EdgeReceiveMaximum, SmallerOneHoldsForWhatIsSentAgain) {
  STATEMENT("E80");
  for (const unsigned qos : {1U, 2U}) {
    auto before = connect(with_receive_maximum("reader", 10));
    before.subscribe("t", qos);
    auto publisher = client("p");
    publish_numbers(publisher, 0, 8, qos);
    for (int i = 0; i < 8; ++i)
      before.expect_publish("t", std::to_string(i));
    before.cut();
    publish_numbers(publisher, 8, 2, qos);
    auto after = connect(with_receive_maximum("reader", 2));
    auto first = after.expect_publish("t", "0");
    for (int i = 1; i < 10; ++i) {
      const auto second = after.expect_publish("t", std::to_string(i));
      after.expect_silence(20ms);
      after.acknowledge(first);
      first = second;
    }
    after.acknowledge(first);
    after.unsubscribe({"t"});
    after.disconnect(0, session_expiry_interval(0));
  }
}

TEST_F(EdgeReceiveMaximum, SmallerOneThanPubrelsUnderWayBlocksNothing) {
  STATEMENT("E80");
  auto before = connect(with_receive_maximum("reader", 10));
  before.subscribe("t", 2);
  auto publisher = client("p");
  publish_numbers(publisher, 0, 4, 2);
  for (int i = 0; i < 4; ++i) {
    const auto id = before.expect_publish("t", std::to_string(i)).packet_id;
    before.send(acknowledgement(packet_type::pubrec, id));
    before.await(packet_type::pubrel);
  }
  before.cut();
  publish_numbers(publisher, 4, 1, 2);
  auto after = connect(with_receive_maximum("reader", 1));
  for (int i = 0; i < 4; ++i) {
    const auto pubrel = after.expect(packet_type::pubrel);
    after.send(acknowledgement(packet_type::pubcomp, pubrel.packet_id));
  }
  after.receive_message("t", "4");
}

TEST_F(EdgeReceiveMaximum, OverrunByTheClientEndsTheConnection) {
  STATEMENT("E80");
  NEEDS_SETTINGS("receive_maximum=2");
  auto publisher = dial();
  EXPECT_EQ(publisher.connect({.client_id = "p"}).number(property_id::receive_maximum), 2U);
  for (int i = 0; i < 2; ++i) {
    publisher.send_publish({.qos = 2});
    EXPECT_EQ(publisher.expect(packet_type::pubrec).reason & 0x80U, 0U);
  }
  publisher.send_publish({.qos = 2});
  publisher.expect_disconnect(0x93);
}

TEST_F(EdgeReceiveMaximum, RepeatsOfTheClientAreNoOverrun) {
  STATEMENT("E80", "E72");
  NEEDS_SETTINGS("receive_maximum=2");
  const std::array<std::uint16_t, 2> ids{1, 2};
  auto publisher = connect(lasting("p"));
  for (int round = 0; round < 5; ++round) {
    for (const auto id : ids) {
      publisher.send_publish({.qos = 2, .dup = round > 0, .packet_id = id});
      EXPECT_EQ(publisher.expect(packet_type::pubrec).packet_id, id);
    }
  }
  publisher.cut();
  auto again = connect(lasting("p")); // the quota is a connection's
  for (const auto id : ids) {
    again.send_publish({.qos = 2, .dup = true, .packet_id = id});
    EXPECT_EQ(again.expect(packet_type::pubrec).packet_id, id);
  }
  for (const auto id : ids) {
    again.send(acknowledgement(packet_type::pubrel, id));
    EXPECT_EQ(again.expect(packet_type::pubcomp).reason, 0U);
  }
  again.publish({.qos = 2});
  again.publish({.qos = 2});
}

TEST_F(EdgeReceiveMaximum, OlderClientsKnowNone) {
  STATEMENT("E80");
  NEEDS_SETTINGS("receive_maximum=2");
  auto watcher = subscriber("watcher", "t", 2);
  auto older = client_of(v3_1_1, "older");
  bytes messages;
  bytes pubrels;
  for (std::uint16_t id = 1; id <= 50; ++id) {
    messages += publish_packet(v3_1_1, {.qos = 2, .packet_id = id});
    pubrels += acknowledgement(packet_type::pubrel, id);
  }
  older.send(messages);
  for (int i = 0; i < 50; ++i)
    older.expect(packet_type::pubrec);
  older.send(pubrels);
  for (int i = 0; i < 50; ++i)
    older.expect(packet_type::pubcomp);
  for (int i = 0; i < 50; ++i)
    watcher.receive_message("t", "m");
}

// -- takeover --------------------------------------------------------------------

TEST_F(EdgeQos, TakeoverInheritsWhatIsUnacknowledged) {
  STATEMENT("E81");
  auto before = connect(lasting("reader"));
  before.subscribe("t", 2);
  auto publisher = client("p");
  publish_numbers(publisher, 0, 1, 1);
  publish_numbers(publisher, 1, 2, 2);
  std::vector<std::uint16_t> ids;
  for (int i = 0; i < 3; ++i)
    ids.push_back(before.expect_publish("t", std::to_string(i)).packet_id);
  before.send(acknowledgement(packet_type::pubrec, ids[2]));
  before.expect(packet_type::pubrel);
  auto after = connect(lasting("reader"));
  before.expect_closed({0x8E});
  std::vector<received_packet> again;
  for (std::size_t i = 0; i < 2; ++i) {
    again.push_back(after.expect_publish("t", std::to_string(i)));
    EXPECT_EQ(again.back().packet_id, ids[i]);
    EXPECT_TRUE(again.back().dup());
  }
  EXPECT_EQ(after.expect(packet_type::pubrel).packet_id, ids[2]);
  after.send(acknowledgement(packet_type::pubcomp, ids[2]));
  for (const auto& message : again)
    after.acknowledge(message);
  after.ping();
  after.cut();
  connect(lasting("reader")).expect_silence();
}

TEST_F(EdgeQos, LateAcknowledgementsOfTheOldConnectionAreIgnored) {
  STATEMENT("E81");
  auto before = connect(lasting("reader"));
  before.subscribe("t", 1);
  client("p").publish({.qos = 1});
  const auto id = before.expect_publish("t", "m").packet_id;
  auto after = connect(lasting("reader"));
  before.send_while_open(acknowledgement(packet_type::puback, id));
  EXPECT_EQ(after.expect_publish("t", "m").packet_id, id);
  after.ping();
  after.cut();
  connect(lasting("reader")).receive_message("t", "m");
}

TEST_F(EdgeQos, ExpiredMessagesDoNotOutliveATakeover) {
  STATEMENT("E81", "E69");
  auto before = connect(with_receive_maximum("reader", 1));
  before.subscribe("t", 1);
  auto publisher = client("p");
  publish_numbers(publisher, 0, 1, 1);
  publisher.publish({.payload = "1", .qos = 1, .properties = message_expiry_interval(1)});
  publish_numbers(publisher, 2, 1, 1);
  before.expect_publish("t", "0");
  std::this_thread::sleep_for(2100ms);
  auto after = connect(lasting("reader"));
  after.receive_message("t", "0");
  after.receive_message("t", "2");
  after.expect_silence();
}

TEST_F(EdgeQos, TakeoverInTheMiddleOfAPacketLosesOnlyThat) {
  STATEMENT("E81");
  auto watcher = subscriber("watcher", "t", 1);
  auto before = connect(lasting("p"));
  before.publish({.payload = "whole", .qos = 1});
  before.send(publish_packet(v5, {.payload = "half", .qos = 1, .packet_id = 9}).substr(0, 8));
  auto after = connect(lasting("p"));
  before.expect_closed({0x8E});
  after.publish({.payload = "other", .qos = 1});
  watcher.receive_message("t", "whole");
  watcher.receive_message("t", "other");
  watcher.expect_silence();
}

} // namespace

} // namespace callboard::conformance
