#include "tests/conformance/mqtt3_fixture.hpp"

// How sessions begin, last and end (MQTT 3.1.1, 3.1.2.4 and 4.1), and what becomes
// of one whose client comes back with another version.

namespace callboard::conformance {

namespace {

using Mqtt311Session = Mqtt311Test;

constexpr auto v5 = protocol_version::v5;

TEST_F(Mqtt311Session, IsResumedWithItsSubscriptions) {
  STATEMENT("MQTT311-3.1.2-4", "MQTT311-3.1.4-3");
  auto first = connect(lasting("s"));
  first.subscribe("t", 1);
  first.cut();
  auto again = dial();
  EXPECT_TRUE(again.connect(lasting("s")).session_present());
  client("p").publish({.qos = 1});
  again.receive_message("t", "m");
}

TEST_F(Mqtt311Session, IsMadeWhereThereIsNone) {
  STATEMENT("MQTT311-3.1.2-4", "MQTT311-3.1.4-3");
  auto fresh = dial();
  EXPECT_FALSE(fresh.connect(lasting("s")).session_present());
  fresh.subscribe("t", 1);
  client("p").publish({.qos = 1});
  fresh.receive_message("t", "m");
}

TEST_F(Mqtt311Session, OutlivesAnyEndOfTheConnection) {
  STATEMENT("MQTT311-3.1.2-4");
  connect(lasting("s")).disconnect();
  auto cut = dial();
  EXPECT_TRUE(cut.connect(lasting("s")).session_present());
  cut.cut();
  auto faulty = dial();
  EXPECT_TRUE(faulty.connect(lasting("s")).session_present());
  faulty.send("F0 00"_hex);
  faulty.expect_eof();
  EXPECT_TRUE(dial().connect(lasting("s")).session_present());
}

TEST_F(Mqtt311Session, StoresMessagesWhileTheClientIsAway) {
  STATEMENT("MQTT311-3.1.2-5", "MQTT311-4.5.0-1");
  leave_session("s", "t", 2);
  auto publisher = client("p");
  publisher.publish({.payload = "one", .qos = 1});
  publisher.publish({.payload = "two", .qos = 2});
  auto again = connect(lasting("s"));
  EXPECT_EQ(again.receive_message("t", "one").qos(), 1U);
  EXPECT_EQ(again.receive_message("t", "two").qos(), 2U);
  again.expect_silence();
}

TEST_F(Mqtt311Session, StoresManyMessagesWhileTheClientIsAway) {
  STATEMENT("MQTT311-3.1.2-5", "MQTT311-4.1.0-1");
  constexpr int count = 500;
  leave_session("s", "t", 1);
  auto publisher = client("p");
  for (int i = 0; i < count; ++i)
    publisher.publish({.payload = std::to_string(i), .qos = 1});
  auto again = connect(lasting("s"));
  for (int i = 0; i < count; ++i)
    again.receive_message("t", std::to_string(i));
}

TEST_F(Mqtt311Session, StoredMessagesComeOnceOnly) {
  STATEMENT("MQTT311-3.1.2-5");
  leave_session("s", "t", 1);
  client("p").publish({.qos = 1});
  auto again = connect(lasting("s"));
  again.receive_message("t", "m");
  again.disconnect();
  connect(lasting("s")).expect_silence();
}

TEST_F(Mqtt311Session, CleanSessionDiscardsTheStoredOne) {
  STATEMENT("MQTT311-3.1.2-6", "MQTT311-3.1.4-3", "E99");
  leave_session("s", "t", 1);
  auto publisher = client("p");
  publisher.publish({.payload = "queued", .qos = 1});
  auto clean = client("s");
  publisher.publish({.payload = "live", .qos = 1});
  clean.expect_silence();
  clean.cut();
  auto again = dial();
  EXPECT_FALSE(again.connect(lasting("s")).session_present());
  publisher.publish({.payload = "later", .qos = 1});
  again.expect_silence();
}

TEST_F(Mqtt311Session, CleanSessionDiscardsTheSessionOfAnOpenConnection) {
  STATEMENT("MQTT311-3.1.2-6");
  auto first = connect(lasting("s"));
  first.subscribe("t", 1);
  auto clean = client("s");
  first.expect_eof();
  client("p").publish({.qos = 1});
  clean.expect_silence();
}

TEST_F(Mqtt311Session, OfACleanSessionEndsWithItsConnection) {
  STATEMENT("MQTT311-3.1.2-6", "E39");
  auto clean = subscriber("s", "t", 1);
  clean.disconnect();
  client("p").publish({.qos = 1});
  auto again = dial();
  EXPECT_FALSE(again.connect(lasting("s")).session_present());
  client("p").publish({.qos = 1});
  again.expect_silence();
}

TEST_F(Mqtt311Session, RetainedMessagesOutliveTheSession) {
  STATEMENT("MQTT311-3.1.2-7", "E99");
  auto publisher = client("p");
  publisher.publish({.payload = "kept", .qos = 1, .retain = true});
  publisher.cut();
  auto again = client("p"); // a clean session again
  subscriber("late", "t", 1).receive_message("t", "kept");
}

TEST_F(Mqtt311Session, BelongsToTheClientIdentifier) {
  STATEMENT("MQTT311-3.1.3-2");
  const std::vector<std::string> ids{"id", "ID", "Id", "id "};
  for (const auto& id : ids)
    leave_session(id, "to/" + id, 1);
  auto publisher = client("p");
  for (const auto& id : ids)
    publisher.publish({.topic = "to/" + id, .payload = id, .qos = 1});
  for (const auto& id : ids) {
    auto again = dial();
    EXPECT_TRUE(again.connect(lasting(id)).session_present());
    again.receive_message("to/" + id, id);
    again.expect_silence(milliseconds{50});
  }
}

TEST_F(Mqtt311Session, HoldsTheIdentifiersOfQosTwoThatWereReceived) {
  STATEMENT("MQTT311-4.1.0-1", "MQTT311-4.3.3-2");
  auto watcher = subscriber("watcher", "t", 2);
  auto publisher = connect(lasting("p"));
  publisher.send_publish({.qos = 2, .packet_id = 7});
  publisher.expect(packet_type::pubrec);
  publisher.cut();
  auto again = connect(lasting("p"));
  again.send_publish({.qos = 2, .dup = true, .packet_id = 7});
  EXPECT_EQ(again.expect(packet_type::pubrec).packet_id, 7U);
  again.send(acknowledgement(packet_type::pubrel, 7));
  EXPECT_EQ(again.expect(packet_type::pubcomp).packet_id, 7U);
  watcher.receive_message("t", "m");
  watcher.expect_silence();
}

TEST_F(Mqtt311Session, HoldsSubscriptionsAndDeliveriesAcrossManyConnections) {
  STATEMENT("MQTT311-4.1.0-1");
  auto publisher = client("p");
  leave_session("s", "t", 1);
  publisher.publish({.payload = "held", .qos = 1});
  std::optional<std::uint16_t> id;
  for (int i = 0; i < 5; ++i) {
    auto again = connect(lasting("s"));
    const auto message = again.expect_publish("t", "held");
    EXPECT_EQ(message.packet_id, id.value_or(message.packet_id));
    id = message.packet_id;
    again.cut();
  }
}

TEST_F(Mqtt311Session, LastsAsLongAsItsConnection) {
  STATEMENT("MQTT311-4.1.0-2");
  auto idle = connect({.client_id = "s", .keep_alive = 0});
  idle.subscribe("t", 2);
  idle.expect_silence(milliseconds{2000});
  client("p").publish({.qos = 2});
  idle.receive_message("t", "m");
}

TEST_F(Mqtt311Session, AcceptedMessageReachesAllMatchingSessions) {
  STATEMENT("MQTT311-4.5.0-1");
  leave_session("asleep", "t/#", 1);
  auto awake = subscriber("awake", "t/+", 1);
  auto other = subscriber("other", "u/+", 1);
  client("p").publish({.topic = "t/x", .qos = 1});
  awake.receive_message("t/x", "m");
  other.expect_silence();
  connect(lasting("asleep")).receive_message("t/x", "m");
}

TEST_F(Mqtt311Session, AcceptedMessageSurvivesItsPublisher) {
  STATEMENT("MQTT311-4.5.0-1", "MQTT311-4.3.2-2");
  leave_session("asleep", "t", 1);
  auto publisher = client("p");
  publisher.send_publish({.qos = 1, .packet_id = 7});
  publisher.expect(packet_type::puback);
  publisher.cut();
  connect(lasting("asleep")).receive_message("t", "m");
}

TEST_F(Mqtt311Session, IsFoundByAClientOfVersion5) {
  STATEMENT("E39");
  leave_session("s", "t", 1);
  client("p").publish({.qos = 1});
  auto newer = ConformanceTest::dial(v5);
  EXPECT_TRUE(newer.connect({.client_id = "s", .clean_start = false}).session_present());
  EXPECT_TRUE(newer.receive_message("t", "m").properties.empty());
}

TEST_F(Mqtt311Session, OfVersion5IsFoundAndKeepsItsSubscriptionOptions) {
  STATEMENT("E39");
  auto newer = connect(v5, ConformanceTest::lasting("s"));
  newer.subscribe("t", 1 | no_local, subscription_identifier(5));
  newer.disconnect();
  auto older = dial();
  EXPECT_TRUE(older.connect(lasting("s")).session_present());
  older.publish({.payload = "own", .qos = 1});
  connect(v5, {.client_id = "p"})
    .publish({.payload = "foreign", .qos = 1, .properties = content_type("x")});
  older.receive_message("t", "foreign"); // as 3.1.1 writes it: no properties
  older.expect_silence();
}

TEST_F(Mqtt311Session, LastsForeverOnceTaken) {
  STATEMENT("E39");
  connect(v5, ConformanceTest::lasting("s", 1)).cut();
  auto older = dial();
  EXPECT_TRUE(older.connect(lasting("s")).session_present());
  older.expect_silence(milliseconds{2200}); // the expiry that version 5.0 had asked for
  older.cut();
  EXPECT_TRUE(dial().connect(lasting("s")).session_present());
}

} // namespace

} // namespace callboard::conformance
