#include "app/store/dumped.hpp"

#include "persistence/memory_store.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <sstream>

namespace callboard::app::store {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::ElementsAre;
using testing::SizeIs;

constexpr protocol::time_point start{1'000s};
const persistence::clock_reading at_start{
  start, std::chrono::system_clock::time_point{1'800'000'000s}};

protocol::delivery delivery_of(
  std::string_view topic, std::string_view payload, protocol::qos qos) {
  protocol::delivery one;
  one.message = protocol::message::make({}, topic, {}, payload);
  one.qos = qos;
  return one;
}

protocol::subscription_put subscription_to(
  std::string filter, protocol::subscription_number number) {
  protocol::subscription_put one;
  one.what.filter = std::move(filter);
  one.what.number = number;
  return one;
}

class Dump : public testing::Test {
protected:
  void commit(const persistence::batch& changes) {
    ASSERT_FALSE(store_.commit(changes, persistence::durability::os));
  }

  void commit(std::string client_id, std::vector<protocol::operation> operations) {
    persistence::batch one;
    one.sessions.push_back({std::move(client_id), 7, std::move(operations)});
    commit(one);
  }

  std::vector<json> lines(const selection& what = {}) {
    std::stringstream out;
    const auto failed = write_dump(out, store_, what, at_start);
    EXPECT_FALSE(failed);
    std::vector<json> all;
    for (std::string line; std::getline(out, line);)
      all.push_back(json::parse(line));
    return all;
  }

  persistence::memory_store store_;
};

/// As much of it as is read at once, and more.
TEST_F(Dump, TellsAllOfALongQueue) {
  std::vector<protocol::operation> all{protocol::client_attached{60}};
  for (int number = 0; number < 10'000; ++number)
    all.emplace_back(protocol::delivery_enqueued{delivery_of(
      number == 9'999 ? "last" : "hall/a", std::to_string(number), protocol::qos::at_least_once)});
  commit("reader", all);
  commit("other", {protocol::client_attached{60}});
  ASSERT_THAT(lines(), SizeIs(2));
  const auto queue = lines()[1]["queue"];
  ASSERT_THAT(queue, SizeIs(10'000));
  for (std::size_t number = 0; number < queue.size(); ++number)
    ASSERT_EQ(queue[number]["payload"], std::to_string(number));
  const auto selected = lines(selection{"last"});
  ASSERT_THAT(selected, SizeIs(1));
  ASSERT_THAT(selected.front()["queue"], SizeIs(1));
  EXPECT_EQ(selected.front()["queue"][0]["payload"], "9999");
  EXPECT_THAT(lines(selection{"nothing"}), SizeIs(0));
}

TEST_F(Dump, TellsAllOfASession) {
  commit("reader",
    {protocol::client_attached{60},
      protocol::subscription_put{{.filter = "hall/#",
        .number = 1,
        .identifier = 5,
        .options = {protocol::qos::exactly_once, true, true, protocol::retain_handling::if_new}}},
      protocol::delivery_enqueued{delivery_of("hall/a", "one", protocol::qos::at_least_once)},
      protocol::delivery_sent{9},
      protocol::delivery_enqueued{delivery_of("hall/b", "two", protocol::qos::exactly_once)},
      protocol::publication_received{3}, protocol::client_detached{start}});
  const auto all = lines();
  ASSERT_THAT(all, SizeIs(1));
  const auto& one = all.front();
  EXPECT_EQ(one["kind"], "session");
  EXPECT_EQ(one["client_id"], "reader");
  EXPECT_EQ(one["number"], 7);
  EXPECT_EQ(one["attached"], false);
  EXPECT_EQ(one["expiry"], 60);
  EXPECT_EQ(one["ends_at"], "2027-01-15T08:01:00Z");
  EXPECT_EQ(one["received_packet_ids"], json({3}));
  EXPECT_EQ(one["subscriptions"], json::parse(R"([{"filter":"hall/#","qos":2,"no_local":true,
    "retain_as_published":true,"retain_handling":1,"subscription_identifier":5}])"));
  EXPECT_EQ(one["inflight"], json::parse(R"([{"packet_id":9,"released":false,"topic":"hall/a",
    "qos":1,"retain":false,"expires_at":null,"payload":"one"}])"));
  EXPECT_EQ(one["queue"], json::parse(R"([{"topic":"hall/b","qos":2,"retain":false,
    "expires_at":null,"payload":"two"}])"));
}

TEST_F(Dump, AnAttachedSessionHasNoEndYet) {
  commit("a", {protocol::client_attached{60}});
  const auto one = lines().at(0);
  EXPECT_EQ(one["attached"], true);
  EXPECT_TRUE(one["ends_at"].is_null());
  EXPECT_EQ(one["queue"], json::array());
}

TEST_F(Dump, OfAReleasedMessageOnlyThePacketIdentifierIsLeft) {
  commit("a", {protocol::client_attached{60},
                protocol::delivery_enqueued{delivery_of("t", "x", protocol::qos::exactly_once)},
                protocol::delivery_sent{4}, protocol::delivery_released{4}});
  EXPECT_EQ(lines().at(0)["inflight"], json::parse(R"([{"packet_id":4,"released":true}])"));
}

TEST_F(Dump, TellsWills) {
  const auto will = std::make_shared<protocol::will>(
    protocol::will{.topic = "gone", .payload = "a", .properties = {}, .delay_interval = 5});
  commit("a", {protocol::client_attached{60}, protocol::will_set{will},
                protocol::client_detached{start}, protocol::will_armed{start + 5s}});
  const auto one = lines().at(0);
  EXPECT_EQ(one["will"]["topic"], "gone");
  EXPECT_EQ(one["will"]["delay_interval"], 5);
  EXPECT_EQ(one["will_at"], "2027-01-15T08:00:05Z");
}

TEST_F(Dump, TellsRetainedMessagesWithTheirProperties) {
  using namespace std::string_view_literals;
  constexpr auto properties = "\x03\0\4text\x26\0\1k\0\1v\x26\0\1k\0\1w"sv;
  const protocol::message_head head{
    .expires_at = start + 90s, .qos = protocol::qos::at_least_once, .retain = true};
  persistence::batch changes;
  changes.retained.push_back({"roof", protocol::message::make(head, "roof", properties, "open")});
  commit(changes);
  EXPECT_THAT(lines(), ElementsAre(json::parse(R"({"kind":"retained","topic":"roof","qos":1,
    "retain":true,"expires_at":"2027-01-15T08:01:30Z","properties":{"content_type":"text",
    "user_properties":[["k","v"],["k","w"]]},"payload":"open"})")));
}

TEST_F(Dump, PayloadsThatAreNoTextAreBase64) {
  persistence::batch changes;
  for (const std::string_view payload : {"\xFF", "\xFF\xFE", "\xFF\xFE\xFD", "\xC3\xA4"})
    changes.retained.push_back(
      {std::string{
         payload.size() == 2 && payload[0] == '\xC3' ? "text" : std::to_string(payload.size())},
        protocol::message::make({}, "t", {}, payload)});
  commit(changes);
  const auto all = lines();
  ASSERT_THAT(all, SizeIs(4));
  EXPECT_EQ(all[0]["payload_base64"], "/w==");
  EXPECT_EQ(all[1]["payload_base64"], "//4=");
  EXPECT_EQ(all[2]["payload_base64"], "//79");
  EXPECT_EQ(all[3]["payload"], "\xC3\xA4");
  EXPECT_FALSE(all[0].contains("payload"));
}

TEST_F(Dump, TellsWhatShareGroupsHave) {
  persistence::batch changes;
  changes.shares.push_back({"g/hall/#", 12, protocol::message::make({}, "hall/a", {}, "x")});
  commit(changes);
  const auto one = lines().at(0);
  EXPECT_EQ(one["kind"], "share");
  EXPECT_EQ(one["group"], "g/hall/#");
  EXPECT_EQ(one["token"], 12);
  EXPECT_EQ(one["topic"], "hall/a");
}

TEST_F(Dump, AFilterSelectsMessagesAndSubscriptions) {
  commit("both",
    {protocol::client_attached{60}, subscription_to("+/a", 1), subscription_to("roof", 2),
      protocol::delivery_enqueued{delivery_of("roof", "x", protocol::qos::at_least_once)},
      protocol::delivery_enqueued{delivery_of("hall/a", "y", protocol::qos::at_least_once)}});
  commit("neither", {protocol::client_attached{60}, subscription_to("roof", 1)});
  persistence::batch changes;
  changes.retained.push_back({"roof", protocol::message::make({}, "roof", {}, "x")});
  changes.shares.push_back({"g/#", 1, protocol::message::make({}, "roof", {}, "x")});
  commit(changes);
  const auto all = lines(selection{"hall/#"});
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0]["client_id"], "both");
  ASSERT_THAT(all[0]["subscriptions"], SizeIs(1));
  EXPECT_EQ(all[0]["subscriptions"][0]["filter"], "+/a");
  ASSERT_THAT(all[0]["queue"], SizeIs(1));
  EXPECT_EQ(all[0]["queue"][0]["topic"], "hall/a");
}

TEST_F(Dump, GoesThroughMoreSessionsThanAreListedAtOnce) {
  for (int client = 0; client < 600; ++client)
    commit(std::to_string(client), {protocol::client_attached{60}});
  EXPECT_THAT(lines(), SizeIs(600));
}

} // namespace
} // namespace callboard::app::store
