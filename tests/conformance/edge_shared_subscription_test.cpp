#include "tests/conformance/edge_test.hpp"

#include <algorithm>
#include <map>

// Shared subscriptions.

namespace callboard::conformance {

namespace {

using EdgeShare = EdgeTest;
using namespace std::chrono_literals;

constexpr int batch = 20;

void publish_batch(wire_client& publisher, unsigned qos, const std::string& topic = "t") {
  for (int i = 0; i < batch; ++i)
    publisher.publish({.topic = topic, .payload = std::to_string(i), .qos = qos});
}

/// How often each payload comes to any of these until there is silence; all are
/// acknowledged.
std::map<std::string, int> take_all(const std::vector<wire_client*>& members) {
  std::map<std::string, int> counts;
  for (auto* each : members) {
    while (const auto message = each->receive_within(100ms)) {
      EXPECT_EQ(message->type, packet_type::publish);
      each->acknowledge(*message);
      ++counts[message->payload];
    }
  }
  return counts;
}

bool has_each_once(const std::map<std::string, int>& counts) {
  return counts.size() == batch && std::all_of(counts.begin(), counts.end(),
                                     [](const auto& each) { return each.second == 1; });
}

TEST_F(EdgeShare, BadNamesAreRefused) {
  STATEMENT("E87");
  for (const auto* filter : {"$share//t", "$share/g", "$share/g/", "$share/", "$share/+/t",
         "$share/#/t", "$share/a#b/t", "$share/a+/t", "$share/#", "$share/g/a/#/b"}) {
    auto any = client("any");
    any.send(subscribe_packet(v5, 1, {{filter, 0}}));
    const auto answer = any.receive(); // SUBACK or DISCONNECT
    const bool refused = answer.type == packet_type::disconnect
                           ? answer.reason >= 0x80
                           : !answer.reasons.empty() && answer.reasons[0] >= 0x80;
    EXPECT_TRUE(refused) << filter << ": " << show(answer.raw);
  }
}

TEST_F(EdgeShare, SimilarFiltersAreOrdinaryOnes) {
  STATEMENT("E87");
  NEEDS_OWN_BROKER(); // others may keep $-topics to themselves
  auto publisher = client("p");
  for (const auto* filter : {"$shared/g/t", "$SHARE/g/t", "a/$share/g/t"}) {
    auto any = subscriber("any", filter, 1);
    publisher.publish({.topic = filter, .qos = 1});
    any.receive_message(filter, "m");
  }
}

TEST_F(EdgeShare, NoLocalIsAProtocolError) {
  STATEMENT("E87");
  each_ends(v5,
    {subscribe_packet(v5, 1, {{"$share/g/t", no_local}}),
      subscribe_packet(v5, 1, {{"u", no_local}, {"$share/g/t", 1 | no_local}})},
    {0x82});
}

TEST_F(EdgeShare, EachMessageGoesToOneMember) {
  STATEMENT("E87");
  for (const unsigned qos : {0U, 1U, 2U}) {
    auto one = subscriber("one", "$share/g/t", qos);
    auto two = subscriber("two", "$share/g/t", qos);
    auto three = subscriber("three", "$share/g/t", qos);
    auto publisher = client("p");
    publish_batch(publisher, qos);
    EXPECT_PRED1(has_each_once, take_all({&one, &two, &three}));
  }
}

TEST_F(EdgeShare, EachGroupAndEachSubscriberGetsItsCopy) {
  STATEMENT("E87");
  for (const unsigned qos : {0U, 1U}) {
    auto one = client("one");
    one.subscribe("$share/g/t", qos);
    one.subscribe("$share/h/t", qos);
    auto two = subscriber("two", "$share/h/t", qos);
    auto wild = subscriber("wild", "$share/g/+", qos);
    auto plain = subscriber("plain", "t", qos);
    auto publisher = client("p");
    publish_batch(publisher, qos);
    auto counts = take_all({&one, &two});
    EXPECT_TRUE(
      std::all_of(counts.begin(), counts.end(), [](const auto& each) { return each.second == 2; }));
    EXPECT_EQ(counts.size(), static_cast<std::size_t>(batch));
    EXPECT_PRED1(has_each_once, take_all({&wild}));
    EXPECT_PRED1(has_each_once, take_all({&plain}));
  }
}

TEST_F(EdgeShare, MemberMayBeAnOrdinarySubscriberToo) {
  STATEMENT("E87");
  auto both = client("both");
  both.subscribe("t", 1, subscription_identifier(1));
  both.subscribe("$share/g/t", 1, subscription_identifier(2));
  client("p").publish({.qos = 1});
  std::vector<std::uint32_t> ids;
  for (int i = 0; i < 2; ++i) {
    const auto message = both.receive_message("t", "m");
    for (const auto id : message.subscription_identifiers())
      ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(ids, (std::vector<std::uint32_t>{1, 2}));
  both.expect_silence();
}

TEST_F(EdgeShare, RetainedMessagesAreNotForGroups) {
  STATEMENT("E87");
  retain("t", "kept");
  for (const unsigned options : {0U, 1U, retain_if_new, 1 | retain_as_published}) {
    auto member = subscriber("member", "$share/g/t", options);
    member.expect_silence(100ms);
    client("p").publish({.payload = "live", .qos = 1});
    member.receive_message("t", "live");
  }
}

TEST_F(EdgeShare, IdentifierIsThatOfTheMember) {
  STATEMENT("E87", "E88");
  for (const unsigned qos : {0U, 1U}) {
    auto one = client("one");
    auto two = client("two");
    one.subscribe("$share/g/t", qos, subscription_identifier(1));
    two.subscribe("$share/g/t", qos, subscription_identifier(2));
    auto publisher = client("p");
    publish_batch(publisher, qos);
    int total = 0;
    for (auto& [member, id] :
      std::vector<std::pair<wire_client*, std::uint32_t>>{{&one, 1}, {&two, 2}}) {
      while (const auto message = member->receive_within(100ms)) {
        EXPECT_EQ(message->subscription_identifiers(), std::vector<std::uint32_t>{id});
        member->acknowledge(*message);
        ++total;
      }
    }
    EXPECT_EQ(total, batch);
  }
}

TEST_F(EdgeShare, QosIsThatOfTheMember) {
  STATEMENT("E87");
  auto one = subscriber("one", "$share/g/t", 0);
  auto two = subscriber("two", "$share/g/t", 2);
  auto publisher = client("p");
  publish_batch(publisher, 2);
  int total = 0;
  for (auto& [member, qos] : std::vector<std::pair<wire_client*, unsigned>>{{&one, 0}, {&two, 2}}) {
    while (const auto message = member->receive_within(100ms)) {
      EXPECT_EQ(message->qos(), qos);
      member->acknowledge(*message);
      ++total;
    }
  }
  EXPECT_EQ(total, batch);
}

TEST_F(EdgeShare, UnsubscribeNeedsTheWholeFilter) {
  STATEMENT("E87");
  auto member = subscriber("member", "$share/g/t", 1);
  EXPECT_EQ(member.unsubscribe({"t", "$share/h/t", "$share/g"}).reasons.front(), 0x11U);
  auto publisher = client("p");
  publisher.publish({.payload = "still", .qos = 1});
  member.receive_message("t", "still");
  EXPECT_EQ(member.unsubscribe({"$share/g/t"}).reasons, std::vector<unsigned>{0});
  publisher.publish({.payload = "no more", .qos = 1});
  member.expect_silence();
}

TEST_F(EdgeShare, MemberThatUnsubscribesOrDisconnectsLeavesTheRestToOthers) {
  STATEMENT("E87");
  auto stays = subscriber("stays", "$share/g/t", 1);
  auto publisher = client("p");
  {
    auto leaves = subscriber("leaves", "$share/g/t", 1);
    auto goes = subscriber("goes", "$share/g/t", 1);
    leaves.unsubscribe({"$share/g/t"});
    goes.disconnect();
    publish_batch(publisher, 1);
    EXPECT_PRED1(has_each_once, take_all({&stays}));
    leaves.expect_silence(50ms);
  }
}

TEST_F(EdgeShare, MemberThatIsAwaySwallowsNothing) {
  STATEMENT("E87");
  auto asleep = connect(lasting("asleep"));
  asleep.subscribe("$share/g/t", 1);
  auto awake = subscriber("awake", "$share/g/t", 1);
  asleep.cut();
  awake.ping();
  auto publisher = client("p");
  publisher.publish({.topic = "elsewhere", .qos = 1});
  publish_batch(publisher, 1);
  auto counts = take_all({&awake});
  if (counts.size() != batch) { // then it waits for the other one (MQTT5-4.8.2-6)
    auto again = connect(lasting("asleep"));
    for (const auto& [payload, count] : take_all({&again}))
      counts[payload] += count;
    EXPECT_TRUE(is_foreign()) << "who is there is preferred";
  }
  EXPECT_PRED1(has_each_once, counts);
}

TEST_F(EdgeShare, WhatAMemberLeavesUnacknowledgedIsNotLost) {
  STATEMENT("E87");
  auto first = connect(lasting("first"));
  first.subscribe("$share/g/t", 1);
  auto publisher = client("p");
  publish_batch(publisher, 1);
  for (int i = 0; i < batch; ++i) // takes all and acknowledges none
    first.expect_publish("t", std::to_string(i));
  auto second = subscriber("second", "$share/g/t", 1);
  second.expect_silence(); // they are the first one's as long as it is there
  first.cut();
  auto counts = take_all({&second});
  if (!is_foreign()) { // others may wait for the first one instead
    EXPECT_PRED1(has_each_once, counts);
  }
  auto again = connect(lasting("first"));
  for (const auto& [payload, count] : take_all({&again}))
    counts[payload] += count;
  if (is_foreign())
    EXPECT_EQ(counts.size(), static_cast<std::size_t>(batch));
  else
    EXPECT_PRED1(has_each_once, counts);
}

TEST_F(EdgeShare, MessagesWaitWhileAllMembersAreAway) {
  STATEMENT("E87");
  auto only = connect(lasting("only"));
  only.subscribe("$share/g/t", 1);
  only.disconnect();
  auto publisher = client("p");
  publish_batch(publisher, 1);
  auto again = connect(lasting("only"));
  EXPECT_PRED1(has_each_once, take_all({&again}));
}

TEST_F(EdgeShare, BegunQosTwoStaysWithItsMember) {
  STATEMENT("E87");
  auto member = connect(lasting("member"));
  member.subscribe("$share/g/t", 2);
  client("p").publish({.qos = 2});
  const auto message = member.expect_publish("t", "m");
  auto other = subscriber("other", "$share/g/t", 2);
  member.send(acknowledgement(packet_type::pubrec, message.packet_id));
  member.expect(packet_type::pubrel);
  member.cut();
  other.expect_silence();
  auto again = connect(lasting("member"));
  EXPECT_EQ(again.expect(packet_type::pubrel).packet_id, message.packet_id);
  again.send(acknowledgement(packet_type::pubcomp, message.packet_id));
  again.expect_silence();
  other.expect_silence(50ms);
}

TEST_F(EdgeShare, BegunQosTwoEndsWithTheSessionOfItsMember) {
  STATEMENT("E87");
  auto member = subscriber("member", "$share/g/t", 2);
  auto publisher = client("p");
  publisher.publish({.payload = "begun", .qos = 2});
  const auto message = member.expect_publish("t", "begun");
  auto other = subscriber("other", "$share/g/t", 2);
  member.send(acknowledgement(packet_type::pubrec, message.packet_id));
  member.expect(packet_type::pubrel);
  member.cut();
  other.expect_silence();
  publisher.publish({.payload = "next", .qos = 2});
  other.receive_message("t", "next");
}

TEST_F(EdgeShare, RefusedMessageIsTriedWithNobodyElse) {
  STATEMENT("E87");
  for (const unsigned qos : {1U, 2U}) {
    auto one = subscriber("one", "$share/g/t", qos);
    auto two = subscriber("two", "$share/g/t", qos);
    auto publisher = client("p");
    for (int i = 0; i < 10; ++i)
      publisher.publish({.payload = std::to_string(i), .qos = qos});
    std::map<std::string, int> counts;
    for (auto* each : {&one, &two}) {
      while (const auto message = each->receive_within(moment)) {
        ++counts[message->payload];
        each->send(acknowledgement(
          qos == 1 ? packet_type::puback : packet_type::pubrec, message->packet_id, 0x83));
      }
    }
    EXPECT_EQ(counts.size(), 10U);
    EXPECT_TRUE(
      std::all_of(counts.begin(), counts.end(), [](const auto& each) { return each.second == 1; }));
    one.expect_silence(50ms);
  }
}

TEST_F(EdgeShare, OlderClientsMayShareToo) {
  STATEMENT("E87");
  NEEDS_OWN_BROKER(); // others may take it for a plain filter
  for (const auto version : versions_before_5) {
    auto one = subscriber_of(version, "one", "$share/g/t", 1);
    auto two = subscriber_of(v5, "two", "$share/g/t", 1);
    auto publisher = client("p");
    publish_batch(publisher, 1);
    EXPECT_PRED1(has_each_once, take_all({&one, &two}));
  }
}

TEST_F(EdgeShare, BadNamesOfOlderClientsAreRefusedToo) {
  STATEMENT("E87", "E97");
  NEEDS_OWN_BROKER();
  for (const auto* filter : {"$share//t", "$share/g/", "$share/+/t"}) {
    auto older = client_of(v3_1_1, "older");
    EXPECT_EQ(older.try_subscribe({{filter, 1}}).reasons, std::vector<unsigned>{0x80});
  }
}

TEST_F(EdgeShare, CanBeForbidden) {
  STATEMENT("E87");
  NEEDS_SETTINGS("shared_subscriptions_available=false");
  auto any = dial();
  any.send(C5());
  const auto connack = any.expect(packet_type::connack);
  EXPECT_EQ(connack.number(property_id::shared_subscription_available), 0U);
  any.send(subscribe_packet(v5, 1, {{"$share/g/t", 1}}));
  const auto answer = any.receive();
  EXPECT_EQ(answer.type == packet_type::suback ? answer.reasons.at(0) : answer.reason, 0x9EU);
}

} // namespace

} // namespace callboard::conformance
