#include "tests/durability/restart_fixture.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <map>
#include <string>
#include <thread>

// What a node knows again that was started where another one has ended.

namespace callboard::durability {

namespace {

using namespace std::chrono_literals;
using namespace conformance;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Optional;

using Restart = RestartTest;

constexpr auto behind_a_second = 2100ms;

// Packets by what they carry, as the order between QoS is open.
std::map<std::string, received_packet> receive(wire_client& client, std::size_t count) {
  std::map<std::string, received_packet> all;
  while (count-- > 0) {
    auto packet = client.receive();
    const auto name = packet.payload.empty() ? std::string{name_of(packet.type)} : packet.payload;
    all.emplace(name, std::move(packet));
  }
  return all;
}

} // namespace

// -- retained messages ----------------------------------------------------------------

TEST_P(Restart, KeepsRetainedMessages) {
  auto publisher = client("p");
  publisher.publish({.topic = "r/1", .payload = "old", .qos = 1, .retain = true});
  publisher.publish({.topic = "r/1",
    .payload = "one",
    .qos = 1,
    .retain = true,
    .properties = content_type("text") + user_property("k", "v")});
  publisher.publish({.topic = "r/2", .payload = "two", .qos = 2, .retain = true});
  publisher.publish({.topic = "r/3", .payload = "gone", .qos = 1, .retain = true});
  publisher.publish({.topic = "r/3", .payload = "", .qos = 1, .retain = true});
  restart();
  auto subscriber = client("s");
  subscriber.subscribe("r/#", 2);
  auto found = receive(subscriber, 2);
  EXPECT_TRUE(found["one"].retain());
  EXPECT_EQ(found["one"].topic, "r/1");
  EXPECT_EQ(found["one"].text(property_id::content_type), "text");
  EXPECT_THAT(found["one"].user_properties(), ElementsAre(string_pair{"k", "v"}));
  EXPECT_EQ(found["two"].topic, "r/2");
  EXPECT_EQ(found["two"].qos(), 2U);
  subscriber.expect_silence();
}

TEST_P(Restart, KeepsARetainedMessageOnALongTopic) {
  const std::string topic(60'000, 't');
  client("p").publish({.topic = topic, .payload = "m", .qos = 1, .retain = true});
  restart();
  auto subscriber = client("s");
  subscriber.subscribe(topic, 1);
  EXPECT_TRUE(subscriber.receive_message(topic, "m").retain());
}

// -- sessions ---------------------------------------------------------------------------

TEST_P(Restart, KeepsSubscriptionsWithOptionsAndIdentifiers) {
  auto first = begin("s");
  first.subscribe("t/#", 1U | no_local | retain_as_published, subscription_identifier(7));
  first.subscribe("t/2", 2U, subscription_identifier(300));
  first.subscribe("given/up", 2U);
  first.unsubscribe({"given/up"});
  restart();
  auto again = resume("s");
  again.publish({.topic = "t/1", .payload = "of its own", .qos = 1});
  auto publisher = client("p");
  publisher.publish({.topic = "given/up", .payload = "unwanted", .qos = 2});
  publisher.publish({.topic = "t/1", .payload = "one", .qos = 2, .retain = true});
  const auto one = again.receive_message("t/1", "one");
  EXPECT_EQ(one.qos(), 1U);
  EXPECT_TRUE(one.retain());
  EXPECT_THAT(one.subscription_identifiers(), ElementsAre(7));
  publisher.publish({.topic = "t/2", .payload = "two", .qos = 2});
  const auto two = again.receive_message("t/2", "two");
  EXPECT_EQ(two.qos(), 2U);
  EXPECT_THAT(two.subscription_identifiers(), ElementsAre(7, 300));
  again.expect_silence();
}

TEST_P(Restart, KnowsThatASubscriptionIsNotNew) {
  client("p").publish({.topic = "t", .payload = "retained", .qos = 1, .retain = true});
  auto first = begin("s");
  first.subscribe("t", retain_if_new); // QoS 0: nothing is repeated
  first.receive_message("t", "retained");
  first.disconnect();
  restart();
  auto again = resume("s");
  again.subscribe("t", retain_if_new);
  again.expect_silence();
}

TEST_P(Restart, KeepsSessionsOfVersion311) {
  auto first = begin("s", {}, protocol_version::v3_1_1);
  first.subscribe("t", 2);
  first.disconnect();
  client("p").publish({.payload = "queued", .qos = 2});
  restart();
  resume("s", {}, protocol_version::v3_1_1).receive_message("t", "queued");
}

TEST_P(Restart, KeepsASessionWithALongClientId) {
  const std::string id(60'000, 'c');
  leave_session(id, "t", 1);
  client("p").publish({.payload = "queued", .qos = 1});
  restart();
  resume(id).receive_message("t", "queued");
}

TEST_P(Restart, BringsNoSessionBackThatWasDiscarded) {
  leave_session("anew", "t", 1);
  leave_session("over", "t", 1);
  client("over").disconnect();
  auto anew = client("anew"); // its session ends with its connection
  restart();
  EXPECT_FALSE(has_session("anew"));
  EXPECT_FALSE(has_session("over"));
}

TEST_P(Restart, KeepsAShareGroupsQueue) {
  auto member = begin("m");
  member.subscribe("$share/g/t", 1);
  member.disconnect();
  client("p").publish({.payload = "queued", .qos = 1});
  restart();
  resume("m").receive_message("t", "queued");
}

// -- messages on their way --------------------------------------------------------------

TEST_P(Restart, KeepsQueuesInOrder) {
  constexpr int count = 30;
  leave_session("s", "t/#", 2);
  auto publisher = client("p");
  for (int i = 0; i < count; ++i)
    for (const unsigned qos : {1U, 2U})
      publisher.publish(
        {.topic = "t/" + std::to_string(qos), .payload = std::to_string(i), .qos = qos});
  restart();
  auto again = resume("s");
  std::map<std::string, int> next;
  for (int i = 0; i < 2 * count; ++i) {
    const auto message = again.await(packet_type::publish);
    EXPECT_EQ(message.payload, std::to_string(next[message.topic]++)) << message.topic;
    EXPECT_FALSE(message.dup());
    again.send(acknowledgement(
      message.qos() == 1 ? packet_type::puback : packet_type::pubrec, message.packet_id));
  }
}

TEST_P(Restart, RepeatsWhatWasInFlightUnderTheSamePacketIdentifiers) {
  auto first = begin("s");
  first.subscribe("t", 2);
  auto publisher = client("p");
  publisher.publish({.payload = "one", .qos = 1});
  publisher.publish({.payload = "two", .qos = 2});
  publisher.publish({.payload = "received", .qos = 2});
  auto sent = receive(first, 3);
  first.send(acknowledgement(packet_type::pubrec, sent["received"].packet_id));
  first.expect(packet_type::pubrel);
  restart();
  auto again = resume("s");
  auto repeated = receive(again, 3);
  for (const std::string name : {"one", "two"}) {
    EXPECT_TRUE(repeated[name].dup());
    EXPECT_EQ(repeated[name].packet_id, sent[name].packet_id);
    EXPECT_EQ(repeated[name].topic, "t");
  }
  EXPECT_EQ(repeated["one"].qos(), 1U);
  EXPECT_EQ(repeated["two"].qos(), 2U);
  EXPECT_EQ(repeated["PUBREL"].packet_id, sent["received"].packet_id);
  again.expect_silence();
}

TEST_P(Restart, KnowsWhichQos2MessagesItHasReceived) {
  leave_session("s", "t", 2);
  auto first = begin("p");
  const auto id = first.send_publish({.payload = "one", .qos = 2});
  first.expect(packet_type::pubrec);
  restart();
  auto again = resume("p");
  again.send_publish({.payload = "one", .qos = 2, .dup = true, .packet_id = id});
  EXPECT_EQ(again.expect(packet_type::pubrec).packet_id, id);
  again.send(acknowledgement(packet_type::pubrel, id));
  again.expect(packet_type::pubcomp);
  auto subscriber = resume("s");
  subscriber.receive_message("t", "one");
  subscriber.expect_silence();
}

TEST_P(Restart, KnowsWhichPacketIdentifiersWereReleased) {
  leave_session("s", "t", 2);
  auto first = begin("p");
  first.publish({.payload = "one", .qos = 2, .packet_id = 5});
  restart();
  resume("p").publish({.payload = "two", .qos = 2, .packet_id = 5});
  auto subscriber = resume("s");
  subscriber.receive_message("t", "one");
  subscriber.receive_message("t", "two");
}

// -- time that passes while no node is there -----------------------------------------------

TEST_P(Restart, CountsMessageExpiryDown) {
  leave_session("s", "t", 1);
  auto publisher = client("p");
  for (const bool retain : {false, true})
    for (const std::uint32_t seconds : {1U, 100U})
      publisher.publish({.topic = retain ? "r/" + std::to_string(seconds) : "t",
        .payload = std::to_string(seconds),
        .qos = 1,
        .retain = retain,
        .properties = message_expiry_interval(seconds)});
  end_node();
  std::this_thread::sleep_for(behind_a_second);
  start_node();
  const auto counted_down = Optional(AllOf(Ge(80U), Le(98U)));
  auto again = resume("s");
  EXPECT_THAT(
    again.receive_message("t", "100").number(property_id::message_expiry_interval), counted_down);
  again.expect_silence();
  auto visitor = client("v");
  visitor.subscribe("r/#", 1);
  EXPECT_THAT(visitor.receive_message("r/100", "100").number(property_id::message_expiry_interval),
    counted_down);
  visitor.expect_silence();
}

TEST_P(Restart, CountsSessionExpiryDown) {
  begin("short", {.properties = session_expiry_interval(1)}).disconnect();
  begin("long", {.properties = session_expiry_interval(100)}).disconnect();
  end_node();
  std::this_thread::sleep_for(behind_a_second);
  start_node();
  EXPECT_FALSE(has_session("short"));
  EXPECT_TRUE(has_session("long"));
}

TEST_P(Restart, CountsWillDelaysDown) {
  leave_session("s", "will/+", 1);
  const auto cut_one = [this](const std::string& id, std::uint32_t delay) {
    const will_options will{
      .topic = "will/" + id, .payload = id, .qos = 1, .properties = will_delay_interval(delay)};
    begin(id, {.will = will}).cut();
  };
  cut_one("due", 1);
  cut_one("later", 4);
  cut_one("back", 4);
  const auto begin = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(moment); // for the node to see that they are gone
  end_node();
  std::this_thread::sleep_for(1s);
  start_node();
  resume("back").disconnect();
  auto watcher = resume("s");
  watcher.receive_message("will/due", "due");
  watcher.receive_message("will/later", "later");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 3500ms);
  watcher.expect_silence();
}

INSTANTIATE_TEST_SUITE_P(Killed, Restart, ::testing::Values(ending::kill));
INSTANTIATE_TEST_SUITE_P(Stopped, Restart, ::testing::Values(ending::stop));

// -- one node, one directory -----------------------------------------------------------------

TEST(DataDirectory, IsRefusedWhileAnotherNodeHasIt) {
  durable_node node;
  node.start();
  const auto end = node.start_another();
  EXPECT_NE(end.code, 0);
  EXPECT_LT(end.code, 128); // no signal
  EXPECT_THAT(end.errors, HasSubstr(node.directory()));
  EXPECT_TRUE(node.running());
}

TEST(DataDirectory, IsRefusedIfItCannotBeMade) {
  const std::string impossible = "/proc/callboard";
  const auto end = start_in_vain({"node", "--data", impossible, "--mqtt", "127.0.0.1:0"});
  EXPECT_NE(end.code, 0);
  EXPECT_LT(end.code, 128); // no signal
  EXPECT_THAT(end.errors, HasSubstr(impossible));
}

TEST(Will, IsPublishedThoughTheNodeEndsWithItsClient) {
  durable_node node;
  node.start();
  const auto lasting = session_expiry_interval(1000);
  wire_client watcher{node.mqtt()};
  watcher.connect({.client_id = "watcher", .clean_start = false, .properties = lasting});
  watcher.subscribe("will", 1);
  wire_client mortal{node.mqtt()};
  mortal.connect({.client_id = "mortal",
    .clean_start = false,
    .properties = lasting,
    .will = will_options{.qos = 1}});
  node.kill();
  node.start();
  wire_client again{node.mqtt()};
  again.connect({.client_id = "watcher", .clean_start = false, .properties = lasting});
  again.receive_message("will", "gone");
}

TEST(Durability, OfMemoryPromisesNothing) {
  durable_node node{{"--set", "durability=memory"}};
  node.start();
  const connect_options who{
    .client_id = "s", .clean_start = false, .properties = session_expiry_interval(1000)};
  wire_client{node.mqtt()}.connect(who);
  node.kill();
  node.start();
  EXPECT_FALSE(wire_client{node.mqtt()}.connect(who).session_present());
}

} // namespace callboard::durability
