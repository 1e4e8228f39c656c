#include "actors/audiences.hpp"

#include "tests/actors/playhouse.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::actors {

namespace {

using callboard::testing::playhouse;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

subscribed_session session(std::uint64_t number) {
  subscribed_session who;
  who.session_number = number;
  who.options.maximum_qos = protocol::qos::at_least_once;
  return who;
}

subscribed_group group(std::uint64_t number) {
  subscribed_group who;
  who.number = number;
  return who;
}

class Audiences : public ::testing::Test {
protected:
  /// The sessions that are served by mail.
  static std::vector<std::uint64_t> readers(audiences& of, std::string_view topic) {
    std::vector<std::uint64_t> numbers;
    for (const auto& one : of.of(topic).readers)
      numbers.push_back(one.to->number);
    return numbers;
  }

  playhouse theatre;
  house& home = *theatre.company().houses.front();
  correspondents by_mail;
  audiences all{home, by_mail};
};

} // namespace

TEST_F(Audiences, AreRememberedUntilASubscriptionChanges) {
  all.add("a/+", session(1));
  EXPECT_THAT(readers(all, "a/b"), ElementsAre(1));
  const auto* known = &all.of("a/b");
  EXPECT_EQ(&all.of("a/b"), known);
  all.add("#", session(2));
  all.add("a/b", session(1));
  EXPECT_THAT(readers(all, "a/b"), ElementsAre(1, 2)) << "each client once";
  all.remove_session("#", 2);
  all.remove_session("a/+", 1);
  EXPECT_THAT(readers(all, "a/b"), ElementsAre(1));
  all.forget_session(1);
  EXPECT_TRUE(all.of("a/b").empty());
}

TEST_F(Audiences, OfLongTopicsAreFoundToo) {
  const std::string topic(1000, 'x');
  all.add("+", session(1));
  EXPECT_THAT(readers(all, topic), ElementsAre(1));
  EXPECT_THAT(readers(all, topic + "/y"), IsEmpty());
}

TEST_F(Audiences, HaveShareGroupsUntilThoseLeave) {
  all.add("a", group(1));
  all.add("a", group(2));
  EXPECT_THAT(all.of("a").groups, SizeIs(2));
  all.remove_group("a", 1);
  EXPECT_THAT(all.of("a").groups, SizeIs(1));
}

TEST_F(Audiences, TakeTheExpressWhileTheClientIsThere) {
  auto who = session(1);
  who.options.maximum_qos = protocol::qos::at_most_once;
  all.add("a", who);
  EXPECT_THAT(readers(all, "a"), ElementsAre(1));
  EXPECT_TRUE(all.connect({"a", 1, sink_id{3, 1}, protocol::version::mqtt_5_0, {}}));
  EXPECT_TRUE(all.of("a").is_one_express());
  EXPECT_TRUE(all.find("a", 1)->connected);
  EXPECT_TRUE(all.connect({"a", 1, {}, protocol::version::mqtt_5_0, {}}));
  EXPECT_THAT(readers(all, "a"), ElementsAre(1));
  EXPECT_FALSE(all.connect({"b", 1, {}, protocol::version::mqtt_5_0, {}}));
}

TEST_F(Audiences, AreDividedByPrefix) {
  all.add("#", session(1));
  all.add("a/+", session(2));
  all.add("b", session(3));
  all.add("a", group(4));
  const auto handed = all.split_off("a");
  EXPECT_THAT(handed.subscriptions, SizeIs(2));
  EXPECT_THAT(handed.groups, SizeIs(1));
  EXPECT_NE(all.find("#", 1), nullptr) << "which others have topics of";
  EXPECT_EQ(all.find("a/+", 2), nullptr);
  EXPECT_THAT(readers(all, "b"), ElementsAre(1, 3));
  audiences child{home, by_mail};
  child.take(handed);
  EXPECT_THAT(readers(child, "a/x"), ElementsAre(1, 2));
  EXPECT_THAT(child.of("a").groups, SizeIs(1));
  all.take(child.all());
  EXPECT_THAT(readers(all, "a/x"), ElementsAre(1, 2));
}

} // namespace callboard::actors
