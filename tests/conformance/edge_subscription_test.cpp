#include "tests/conformance/edge_test.hpp"

#include <algorithm>
#include <thread>

// Subscriptions: filters, options and identifiers. Shared subscriptions and
// retained messages have files of their own.

namespace callboard::conformance {

namespace {

using EdgeSubscription = EdgeTest;
using namespace std::chrono_literals;

/// The payloads that come until there is silence; all are acknowledged.
std::vector<std::string> all_payloads(wire_client& any, milliseconds time = moment) {
  std::vector<std::string> all;
  while (const auto packet = any.receive_within(time)) {
    EXPECT_EQ(packet->type, packet_type::publish);
    any.acknowledge(*packet);
    all.push_back(packet->payload);
  }
  return all;
}

std::vector<std::string> sorted(std::vector<std::string> all) {
  std::sort(all.begin(), all.end());
  return all;
}

/// What comes first, until the server pauses or closes.
bytes first_octets(wire_client& any) {
  bytes octets;
  any.stream().read(octets, std::chrono::steady_clock::now() + patience);
  return octets;
}

/// Whether the answer to a SUBSCRIBE of one filter, at QoS 0 and with identifier 1,
/// refuses it as the version can: 3.1.1 has a code, 3.1 has none and the server may
/// only pretend ("it has no way of informing that client") or close.
bool refuses_before_5(protocol_version version, const bytes& answer) {
  return answer.empty() ||
         answer == (version == v3_1_1 ? "90 03 0001 80"_hex : "90 03 0001 00"_hex);
}

// -- what may be subscribed to ---------------------------------------------------

TEST_F(EdgeSubscription, NamesAtLeastOneFilter) {
  STATEMENT("E83");
  each_ends(v5,
    {subscribe_packet(v5, 1, {}), unsubscribe_packet(v5, 1, {}),
      subscribe_packet(v5, 1, {}, user_property("k", "v")), "82 02 0001"_hex, "A2 02 0001"_hex},
    {0x81, 0x82});
  for (const auto version : versions_before_5)
    each_ends(version, {subscribe_packet(version, 1, {}), unsubscribe_packet(version, 1, {})});
}

TEST_F(EdgeSubscription, FilterIsNotEmpty) {
  STATEMENT("E83");
  for (const auto version : all_versions)
    each_ends(version,
      {subscribe_packet(version, 1, {{"", 0}}), subscribe_packet(version, 1, {{"t", 0}, {"", 0}}),
        unsubscribe_packet(version, 1, {""}), unsubscribe_packet(version, 1, {"t", ""})},
      {0x81, 0x82, 0x8F});
}

TEST_F(EdgeSubscription, FilterHasItsOptions) {
  STATEMENT("E83");
  each_ends(
    v5, {"82 06 0001 00 0001 61"_hex, "82 0A 0001 00 0001 61 00 0001 62"_hex}, {0x81, 0x82});
  for (const auto version : versions_before_5)
    each_ends(version, {"82 05 0001 0001 61"_hex, "82 09 0001 0001 61 00 0001 62"_hex});
}

TEST_F(EdgeSubscription, NothingOfABrokenSubscribeCounts) {
  STATEMENT("E83");
  auto before = connect(lasting("s"));
  before.send(subscribe_packet(v5, 1, {{"t", 1}, {"", 0}}));
  before.expect_closed({0x81, 0x82, 0x8F});
  auto after = connect(lasting("s"));
  EXPECT_EQ(after.unsubscribe({"t"}).reasons, std::vector<unsigned>{0x11});
}

TEST_F(EdgeSubscription, ReservedOptionsEndTheConnection) {
  STATEMENT("E84");
  std::vector<bytes> packets;
  for (const unsigned options : {0x40U, 0x80U, 0xC0U, 0x41U, 0xFFU})
    packets.push_back(subscribe_packet(v5, 1, {{"t", options}}));
  each_ends(v5, packets, {0x81, 0x82});
  each_ends(v5,
    {subscribe_packet(v5, 1, {{"t", 0x30}}), subscribe_packet(v5, 1, {{"u", 0}, {"t", 0x32}})},
    {0x82, 0x81});
}

TEST_F(EdgeSubscription, OlderClientsHaveNoOptions) {
  STATEMENT("E84");
  std::vector<bytes> packets;
  for (const unsigned bit : {0x04U, 0x08U, 0x10U, 0x20U, 0x40U, 0x80U})
    packets.push_back(subscribe_packet(v3_1_1, 1, {{"t", bit | 1U}}));
  each_ends(v3_1_1, packets);
}

TEST_F(EdgeSubscription, WildcardsOutOfPlaceAreRefused) {
  STATEMENT("E86", "E97");
  for (const auto* filter :
    {"a/#/b", "#/a", "a#", "a/b#", "a+", "+a", "a/+b/c", "##", "++", "a/b+"}) {
    auto newer = client("newer");
    newer.send(subscribe_packet(v5, 1, {{filter, 0}}));
    const auto answer = newer.receive(); // SUBACK or DISCONNECT
    EXPECT_TRUE(
      answer.type == packet_type::disconnect || answer.reasons == std::vector<unsigned>{0x8F})
      << filter << ": " << show(answer.raw);
    for (const auto version : versions_before_5) {
      auto older = client_of(version, "older");
      older.send(subscribe_packet(version, 1, {{filter, 0}}));
      EXPECT_PRED2(refuses_before_5, version, first_octets(older)) << filter;
    }
  }
}

// -- matching --------------------------------------------------------------------

TEST_F(EdgeSubscription, WildcardsDoNotMatchALeadingDollar) {
  STATEMENT("E85");
  const std::vector<std::string> filters{
    "#", "+", "+/+", "+/x", "+/#", "/#", "$", "$a", "$a/#", "$a/+", "$a/x", "$+/x"};
  auto publisher = client("p");
  publisher.publish({.topic = "$a/x", .payload = "retained", .qos = 1, .retain = true});
  for (const auto* filter : {"#", "+/+", "+/x", "+/#"}) {
    auto watcher = subscriber("watcher", filter, 1);
    publisher.publish({.topic = "$a/x", .qos = 1});
    publisher.publish({.topic = "b/x", .qos = 1});
    watcher.receive_message("b/x", "m");
    watcher.expect_silence(50ms);
  }
  if (is_foreign())
    return; // which may keep clients from using such topics at all
  for (const auto* filter : {"$a/#", "$a/+", "$a/x"}) {
    auto watcher = subscriber("watcher", filter, 1);
    watcher.receive_message("$a/x", "retained");
    publisher.publish({.topic = "$a/x", .qos = 1});
    watcher.receive_message("$a/x", "m");
  }
}

TEST_F(EdgeSubscription, SharedWildcardsDoNotMatchALeadingDollarEither) {
  STATEMENT("E85", "E87");
  auto member = subscriber("member", "$share/g/#", 1);
  auto other = subscriber("other", "$share/g/+/x", 1);
  auto publisher = client("p");
  publisher.publish({.topic = "$a/x", .qos = 1});
  publisher.publish({.topic = "b/x", .qos = 1});
  for (auto* each : {&member, &other}) {
    each->receive_message("b/x", "m");
    each->expect_silence(50ms);
  }
}

TEST_F(EdgeSubscription, DollarIsOrdinaryElsewhere) {
  STATEMENT("E85");
  auto publisher = client("p");
  for (const auto& [filter, topic] : std::vector<std::pair<std::string, std::string>>{{"#", "a/$b"},
         {"a/+", "a/$b"}, {"+/$b", "a/$b"}, {"a/#", "a/$b/c"}, {"a/$b", "a/$b"}, {"+", "a$"},
         {"/#", "/$a"}, {"+/+", "/$a"}}) {
    publisher.publish({.topic = topic, .payload = "retained", .qos = 1, .retain = true});
    auto watcher = subscriber("watcher", filter, 1);
    watcher.receive_message(topic, "retained");
    publisher.publish({.topic = topic, .qos = 1});
    watcher.receive_message(topic, "m");
    publisher.publish({.topic = topic, .payload = "", .qos = 1, .retain = true});
  }
}

struct filter_and_topics {
  std::string filter;
  std::vector<std::string> matches; ///< of corner_topics(), sorted
};

const std::vector<std::string>& corner_topics() {
  static const std::vector<std::string> all{
    "a", "a/", "a/b", "a/b/c", "a//c", "/", "/a", "//", "/a/b", "b", "ab", "a/b/", "A"};
  return all;
}

std::vector<filter_and_topics> corners() {
  return {
    {"a/#", {"a", "a/", "a//c", "a/b", "a/b/", "a/b/c"}},
    {"+/#", sorted(corner_topics())},
    {"#", sorted(corner_topics())},
    {"+", {"A", "a", "ab", "b"}},
    {"/+", {"/", "/a"}},
    {"+/+", {"/", "/a", "a/", "a/b"}},
    {"a/+", {"a/", "a/b"}},
    {"a/+/c", {"a//c", "a/b/c"}},
    {"a/+/#", {"a/", "a//c", "a/b", "a/b/", "a/b/c"}},
    {"+/b", {"a/b"}},
    {"/#", {"/", "//", "/a", "/a/b"}},
    {"+//#", {"/", "//", "a/", "a//c"}},
    {"//", {"//"}},
    {"/", {"/"}},
    {"a/", {"a/"}},
    {"a/b/#", {"a/b", "a/b/", "a/b/c"}},
    {"a/b/+", {"a/b/", "a/b/c"}},
    {"+/+/+", {"//", "/a/b", "a//c", "a/b/", "a/b/c"}},
    {"+/b/#", {"a/b", "a/b/", "a/b/c"}},
    {"a", {"a"}},
  };
}

TEST_F(EdgeSubscription, WildcardsMatchInTheirCorners) {
  STATEMENT("E86");
  auto publisher = client("p");
  for (const auto& [filter, matches] : corners()) {
    auto watcher = subscriber("watcher", filter, 1);
    for (const auto& topic : corner_topics())
      publisher.publish({.topic = topic, .payload = topic, .qos = 1});
    EXPECT_EQ(sorted(all_payloads(watcher, 50ms)), matches) << filter;
  }
}

TEST_F(EdgeSubscription, RetainedMessagesMatchAsLiveOnesDo) {
  STATEMENT("E86");
  for (const auto& topic : corner_topics())
    retain(topic, topic);
  for (const auto& [filter, matches] : corners()) {
    auto watcher = subscriber("watcher", filter, 1);
    EXPECT_EQ(sorted(all_payloads(watcher, 50ms)), matches) << filter;
  }
}

// -- identifiers -----------------------------------------------------------------

using identifiers = std::vector<std::uint32_t>;

TEST_F(EdgeSubscription, IdentifierIsOneNumberAboveZero) {
  STATEMENT("E88");
  each_ends(v5,
    {subscribe_packet(v5, 1, {{}}, "0B 00"_hex),
      subscribe_packet(v5, 1, {{}}, subscription_identifier(1) + subscription_identifier(2)),
      subscribe_packet(v5, 1, {{}}, subscription_identifier(1) + subscription_identifier(1))},
    {0x82, 0x81});
  each_ends(v5, {subscribe_packet(v5, 1, {{}}, "0B FF FF FF FF 01"_hex)}, {0x81});
}

TEST_F(EdgeSubscription, IdentifierMayHaveAnySize) {
  STATEMENT("E88");
  auto publisher = client("p");
  for (const std::uint32_t id : {1U, 127U, 128U, 16'383U, 16'384U, 2'097'152U, 268'435'455U}) {
    for (const unsigned qos : {0U, 1U}) {
      auto watcher = client("watcher");
      watcher.subscribe("t", qos, subscription_identifier(id));
      publisher.publish({.qos = qos});
      const auto message = watcher.receive_message("t", "m");
      EXPECT_EQ(message.subscription_identifiers(), identifiers{id});
    }
  }
}

TEST_F(EdgeSubscription, OverlappingSubscriptionsGiveAllTheirIdentifiers) {
  STATEMENT("E88", "E91");
  for (const unsigned qos : {0U, 1U, 2U}) {
    auto watcher = client("watcher");
    watcher.subscribe("a/b", qos, subscription_identifier(3));
    watcher.subscribe("a/+", qos, subscription_identifier(2));
    watcher.subscribe("a/#", qos, subscription_identifier(1));
    watcher.subscribe("+/b", qos);
    watcher.subscribe("other", qos, subscription_identifier(9));
    client("p").publish({.topic = "a/b", .qos = qos});
    identifiers all;
    std::size_t copies = 0;
    while (const auto message = watcher.receive_within(moment)) {
      watcher.acknowledge(*message);
      for (const auto id : message->subscription_identifiers())
        all.push_back(id);
      ++copies;
    }
    std::sort(all.begin(), all.end());
    EXPECT_EQ(all, (identifiers{1, 2, 3}));
    EXPECT_TRUE(copies == 1 || copies == 4) << copies;
  }
}

TEST_F(EdgeSubscription, SubscribingAgainReplacesTheIdentifier) {
  STATEMENT("E88", "E90");
  auto publisher = client("p");
  for (const unsigned qos : {0U, 1U}) {
    auto watcher = client("watcher");
    watcher.subscribe("t", qos, subscription_identifier(1));
    watcher.subscribe("t", qos, subscription_identifier(2));
    publisher.publish({.payload = "with", .qos = qos});
    EXPECT_EQ(watcher.receive_message("t", "with").subscription_identifiers(), identifiers{2});
    watcher.subscribe("t", qos);
    publisher.publish({.payload = "without", .qos = qos});
    EXPECT_EQ(watcher.receive_message("t", "without").subscription_identifiers(), identifiers{});
  }
}

TEST_F(EdgeSubscription, RetainedAndQueuedMessagesCarryTheIdentifier) {
  STATEMENT("E88");
  retain("t", "retained");
  auto before = connect(lasting("s"));
  before.subscribe("t", 1, subscription_identifier(5));
  EXPECT_EQ(before.receive_message("t", "retained").subscription_identifiers(), identifiers{5});
  before.disconnect();
  client("p").publish({.payload = "queued", .qos = 1});
  auto after = connect(lasting("s"));
  EXPECT_EQ(after.receive_message("t", "queued").subscription_identifiers(), identifiers{5});
  auto express = client("express");
  express.subscribe("t", 0, subscription_identifier(6));
  EXPECT_EQ(express.receive_message("t", "retained").subscription_identifiers(), identifiers{6});
}

TEST_F(EdgeSubscription, IdentifiersBelongToOneClient) {
  STATEMENT("E88");
  for (const unsigned qos : {0U, 1U}) {
    auto one = client("one");
    auto two = client("two");
    auto none = subscriber("none", "t", qos);
    one.subscribe("t", qos, subscription_identifier(1));
    two.subscribe("t", qos, subscription_identifier(2));
    client("p").publish({.qos = qos});
    EXPECT_EQ(one.receive_message("t", "m").subscription_identifiers(), identifiers{1});
    EXPECT_EQ(two.receive_message("t", "m").subscription_identifiers(), identifiers{2});
    EXPECT_EQ(none.receive_message("t", "m").subscription_identifiers(), identifiers{});
  }
}

TEST_F(EdgeSubscription, CodesThatSuitesDisagreeAboutAreThoseOfTheStandard) {
  STATEMENT("E89");
  const auto codes = [](unsigned ours) {
    return is_foreign() ? reason_codes{0x81, 0x82, 0x90} : reason_codes{ours};
  };
  each_ends(v5,
    {publish_packet(v5, {.topic = ""}), subscribe_packet(v5, 1, {{}}, "0B 00"_hex),
      subscribe_packet(v5, 1, {}), unsubscribe_packet(v5, 1, {}),
      subscribe_packet(v5, 1, {{"t", 0x30}}), subscribe_packet(v5, 1, {{"t", 3}}),
      publish_packet(v5, {.properties = payload_format_indicator(2)})},
    codes(0x82));
  each_ends(v5, {"F1 00"_hex, "F8 02 18 00"_hex}, codes(0x81));
  each_ends(v5,
    {subscribe_packet(v5, 0, {{}}), publish_packet(v5, {.qos = 1}),
      publish_packet(v5, {.topic = "#"})},
    {0x81, 0x82, 0x90});
}

// -- subscribing again -----------------------------------------------------------

TEST_F(EdgeSubscription, SubscribingAgainLeavesOneSubscription) {
  STATEMENT("E90");
  auto publisher = client("p");
  for (const auto version : all_versions) {
    auto watcher = subscriber_of(version, "watcher", "t", 0);
    for (const unsigned qos : {2U, 0U, 1U}) {
      watcher.subscribe("t", qos);
      publisher.publish({.qos = 2});
      EXPECT_EQ(watcher.receive_message("t", "m").qos(), qos);
      watcher.expect_silence(50ms);
    }
    watcher.unsubscribe({"t"});
    publisher.publish({.qos = 2});
    watcher.expect_silence(50ms);
  }
}

TEST_F(EdgeSubscription, SubscribingAgainReplacesTheOptions) {
  STATEMENT("E90");
  auto watcher = client("watcher");
  watcher.subscribe("t", 1 | no_local | retain_as_published);
  watcher.publish({.payload = "own", .qos = 1});
  watcher.expect_silence();
  watcher.subscribe("t", 1);
  watcher.publish({.payload = "own", .qos = 1, .retain = true});
  EXPECT_FALSE(watcher.receive_message("t", "own").retain());
}

TEST_F(EdgeSubscription, SubscribingAgainLeavesNoGap) {
  STATEMENT("E90");
  auto watcher = subscriber("watcher", "t", 1);
  auto publisher = client("p");
  constexpr int rounds = 100;
  for (int i = 0; i < rounds; ++i) {
    watcher.send(subscribe_packet(
      v5, watcher.next_packet_id(), {{"t", 1 | (i % 2 == 0 ? retain_as_published : 0U)}}));
    publisher.publish({.payload = std::to_string(2 * i), .qos = 1});
    publisher.publish({.payload = std::to_string(2 * i + 1), .qos = 1});
  }
  int next = 0;
  int subacks = 0;
  while (next < 2 * rounds || subacks < rounds) {
    const auto packet = watcher.receive();
    if (packet.type == packet_type::suback) {
      ++subacks;
      continue;
    }
    EXPECT_EQ(packet.payload, std::to_string(next++));
    watcher.acknowledge(packet);
  }
  watcher.expect_silence();
}

TEST_F(EdgeSubscription, RetainHandlingSaysWhetherRetainedMessagesComeAgain) {
  STATEMENT("E90");
  retain("t", "kept");
  for (const unsigned qos : {0U, 1U}) {
    auto watcher = client("watcher");
    const auto heard = [&](unsigned options) {
      watcher.subscribe("t", qos | options);
      return all_payloads(watcher, 100ms).size();
    };
    EXPECT_EQ(heard(retain_never), 0U);
    EXPECT_EQ(heard(retain_if_new), 0U);
    EXPECT_EQ(heard(0), 1U);
    EXPECT_EQ(heard(0), 1U);
    EXPECT_EQ(heard(retain_if_new), 0U);
    watcher.unsubscribe({"t"});
    EXPECT_EQ(heard(retain_if_new), 1U);
    EXPECT_EQ(heard(retain_never), 0U);
  }
}

TEST_F(EdgeSubscription, SubscriptionOfAResumedSessionIsNotNew) {
  STATEMENT("E90");
  auto before = connect(lasting("s"));
  before.subscribe("t", 1);
  before.disconnect();
  retain("other", "kept");
  retain("t", "kept");
  auto after = connect(lasting("s"));
  after.receive_message("t", "kept"); // which was queued
  after.expect_silence();             // a resume itself asks for nothing retained
  after.subscribe("t", 1 | retain_if_new);
  after.expect_silence();
  after.subscribe("t", 1);
  after.receive_message("t", "kept");
}

TEST_F(EdgeSubscription, OlderClientsGetRetainedMessagesEachTime) {
  STATEMENT("E90");
  retain("t", "kept");
  for (const auto version : versions_before_5) {
    auto watcher = client_of(version, "watcher");
    for (int i = 0; i < 3; ++i) {
      watcher.subscribe("t", 1);
      watcher.receive_message("t", "kept");
    }
    watcher.expect_silence(50ms);
  }
}

TEST_F(EdgeSubscription, SameFilterTwiceInOnePacketIsHandledInSequence) {
  STATEMENT("E90");
  auto publisher = client("p");
  for (const auto version : all_versions) {
    auto watcher = client_of(version, "watcher");
    EXPECT_EQ(watcher.try_subscribe({{"t", 2}, {"t", 0}, {"t", 1}}).reasons,
      (std::vector<unsigned>{2, 0, 1}));
    publisher.publish({.qos = 2});
    EXPECT_EQ(watcher.receive_message("t", "m").qos(), 1U);
    watcher.expect_silence(50ms);
  }
}

TEST_F(EdgeSubscription, OverlapIsServedAtTheHighestQos) {
  STATEMENT("E91");
  for (const auto version : all_versions) {
    auto watcher = client_of(version, "watcher");
    watcher.try_subscribe({{"a/#", 0}, {"a/+", 2}, {"a/b", 1}});
    client("p").publish({.topic = "a/b", .qos = 2});
    std::vector<unsigned> levels;
    while (const auto message = watcher.receive_within(moment)) {
      watcher.acknowledge(*message);
      levels.push_back(message->qos());
    }
    std::sort(levels.begin(), levels.end());
    EXPECT_TRUE(levels == std::vector<unsigned>{2} || levels == (std::vector<unsigned>{0, 1, 2}));
  }
}

TEST_F(EdgeSubscription, OptionsAreJudgedPerFilter) {
  STATEMENT("E91", "E92");
  for (const unsigned qos : {0U, 1U}) {
    auto watcher = client("watcher");
    watcher.subscribe("a/#", qos | no_local);
    watcher.publish({.topic = "a/b", .payload = "1", .qos = qos});
    watcher.ping();
    watcher.subscribe("+/b", qos);
    watcher.publish({.topic = "a/b", .payload = "2", .qos = qos});
    EXPECT_EQ(all_payloads(watcher), std::vector<std::string>{"2"});
  }
}

// -- no local --------------------------------------------------------------------

TEST_F(EdgeSubscription, NoLocalHidesOwnMessagesOnly) {
  STATEMENT("E92");
  for (const unsigned qos : {0U, 1U, 2U}) {
    auto watcher = client("watcher");
    watcher.subscribe("t", qos | no_local);
    watcher.publish({.payload = "own", .qos = qos});
    client("p").publish({.payload = "other", .qos = qos});
    watcher.receive_message("t", "other");
    watcher.expect_silence(100ms);
  }
}

TEST_F(EdgeSubscription, NoLocalGoesByClientIdentifierNotByConnection) {
  STATEMENT("E92");
  auto before = connect(lasting("s"));
  before.subscribe("t", 1 | no_local);
  before.publish({.payload = "before", .qos = 1});
  before.cut();
  auto after = connect(lasting("s"));
  after.publish({.payload = "after", .qos = 1});
  auto older = connect(v3_1_1, {.client_id = "s", .clean_start = false});
  older.publish({.payload = "older", .qos = 1});
  client("p").publish({.payload = "other", .qos = 1});
  older.receive_message("t", "other");
  older.expect_silence();
}

TEST_F(EdgeSubscription, NoLocalHidesTheOwnWill) {
  STATEMENT("E92");
  auto options = lasting("s");
  options.will = will_options{.qos = 1};
  auto before = connect(options);
  before.subscribe("will", 1 | no_local);
  auto watcher = subscriber("watcher", "will", 1);
  before.cut();
  watcher.receive_message("will", "gone");
  client("p").publish({.topic = "will", .payload = "other", .qos = 1});
  auto after = connect(lasting("s"));
  after.receive_message("will", "other");
  after.expect_silence();
}

// -- the answers -----------------------------------------------------------------

TEST_F(EdgeSubscription, UnsubscribingFromWhatIsNotThereIsSaidSo) {
  STATEMENT("E96");
  auto newer = subscriber("newer", "there/#");
  EXPECT_EQ(
    newer.unsubscribe({"not", "there/#", "there/#", "there/+", "#", "$share/g/there/#"}).reasons,
    (std::vector<unsigned>{0x11, 0, 0x11, 0x11, 0x11, 0x11}));
  for (const auto version : versions_before_5) {
    auto older = client_of(version, "older");
    older.send(unsubscribe_packet(version, 0x0102, {"not", "there/#"}));
    older.expect_octets("B0 02 0102"_hex);
  }
}

TEST_F(EdgeSubscription, BegunDeliveriesFinishAfterUnsubscribe) {
  STATEMENT("E96");
  auto reader = connect(lasting("s"));
  reader.subscribe("t", 2);
  auto publisher = client("p");
  publisher.publish({.payload = "1", .qos = 1});
  publisher.publish({.payload = "2", .qos = 2});
  const auto first = reader.expect_publish("t", "1");
  const auto second = reader.expect_publish("t", "2");
  EXPECT_EQ(reader.unsubscribe({"t"}).reasons, std::vector<unsigned>{0});
  publisher.publish({.payload = "3", .qos = 2});
  reader.expect_silence();
  reader.cut();
  auto again = connect(lasting("s"));
  EXPECT_EQ(again.receive_message("t", "1").packet_id, first.packet_id);
  EXPECT_EQ(again.receive_message("t", "2").packet_id, second.packet_id);
  again.expect_silence();
}

TEST_F(EdgeSubscription, SubackHasTheCodesOfItsVersion) {
  STATEMENT("E97");
  for (const auto version : all_versions) {
    auto any = client_of(version, "any");
    any.send(subscribe_packet(version, 0x0102, {{"a", 0}, {"b", 1}, {"c", 2}}));
    any.expect_octets(version == v5 ? "90 06 0102 00 00 01 02"_hex : "90 05 0102 00 01 02"_hex);
  }
}

TEST_F(EdgeSubscription, SubackCapsTheQos) {
  STATEMENT("E97");
  NEEDS_SETTINGS("maximum_qos=1");
  for (const auto version : all_versions) {
    auto any = client_of(version, "any");
    EXPECT_EQ(
      any.try_subscribe({{"a", 2}, {"b", 1}, {"c", 0}}).reasons, (std::vector<unsigned>{1, 1, 0}));
  }
}

TEST_F(EdgeSubscription, FailureBefore5IsCodeEighty) {
  STATEMENT("E97");
  NEEDS_SETTINGS("maximum_subscriptions=1");
  EXPECT_EQ(client("newer").try_subscribe({{"a", 1}, {"b", 1}, {"a", 0}}).reasons,
    (std::vector<unsigned>{1, 0x97, 0}));
  EXPECT_EQ(client_of(v3_1_1, "older").try_subscribe({{"a", 1}, {"b", 1}}).reasons,
    (std::vector<unsigned>{1, 0x80}));
  auto oldest = client_of(v3_1, "oldest");
  oldest.send(subscribe_packet(v3_1, 1, {{"b", 0}, {"a", 0}}));
  const auto answer = first_octets(oldest);
  EXPECT_TRUE(answer.empty() || answer == "90 04 0001 00 00"_hex) << show(answer);
}

TEST_F(EdgeSubscription, RetainedMessagesMayComeBeforeTheSuback) {
  STATEMENT("E98");
  for (int i = 0; i < 50; ++i)
    retain("t/" + std::to_string(i), std::to_string(i));
  for (const auto version : all_versions) {
    auto watcher = client_of(version, "watcher");
    watcher.send(subscribe_packet(version, 7, {{"t/#", 1}}));
    EXPECT_EQ(watcher.await(packet_type::suback).packet_id, 7U); // wherever it stands
    EXPECT_EQ(all_payloads(watcher).size(), 50U);
  }
}

TEST_F(EdgeSubscription, MessageBehindTheSubackIsNeverMissed) {
  STATEMENT("E98");
  auto publisher = client("p");
  for (const auto version : all_versions) {
    for (int i = 0; i < 50; ++i) {
      auto watcher = subscriber_of(version, "watcher", "t", static_cast<unsigned>(i % 2));
      publisher.send_publish({.payload = std::to_string(i)});
      watcher.expect_publish("t", std::to_string(i));
    }
  }
}

// -- the end of a session --------------------------------------------------------

TEST_F(EdgeSubscription, EndOfTheSessionEndsWhatBelongsToIt) {
  STATEMENT("E99");
  auto before = connect(lasting("s", 1));
  before.subscribe("t", 2);
  before.subscribe("$share/g/u", 1);
  before.send_publish({.topic = "elsewhere", .qos = 2, .packet_id = 7});
  before.await(packet_type::pubrec);
  before.publish({.topic = "kept", .payload = "retained", .qos = 1, .retain = true});
  before.cut();
  auto publisher = client("p");
  publisher.publish({.payload = "queued", .qos = 2});
  std::this_thread::sleep_for(2200ms);
  auto member = subscriber("member", "$share/g/u", 1); // the only one now
  for (int i = 0; i < 10; ++i)
    publisher.publish({.topic = "u", .payload = std::to_string(i), .qos = 1});
  for (int i = 0; i < 10; ++i)
    member.receive_message("u", std::to_string(i));
  auto after = dial();
  EXPECT_FALSE(after.connect(lasting("s")).session_present());
  publisher.publish({.payload = "live", .qos = 2});
  after.send("62 02 0007"_hex);
  EXPECT_EQ(after.expect(packet_type::pubcomp).reason, 0x92U);
  after.expect_silence();
  after.subscribe("kept", 1);
  after.receive_message("kept", "retained");
}

TEST_F(EdgeSubscription, TimerOfAnOldSessionDoesNotEndTheNewOne) {
  STATEMENT("E99");
  connect(lasting("s", 1)).cut();
  auto resumed = connect(lasting("s", 300));
  resumed.subscribe("t", 1);
  resumed.disconnect();
  connect(lasting("other", 1)).cut();
  auto fresh = connect({.client_id = "other", .properties = session_expiry_interval(300)});
  fresh.subscribe("t", 1);
  std::this_thread::sleep_for(2200ms);
  client("p").publish({.qos = 1});
  connect(lasting("s")).receive_message("t", "m");
  fresh.receive_message("t", "m");
  fresh.disconnect();
  EXPECT_TRUE(take_session("other"));
}

} // namespace

} // namespace callboard::conformance
