#include "actors/branches.hpp"

#include "tests/actors/stage.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::actors {

namespace {

using callboard::testing::extra;
using callboard::testing::stage;
using protocol::qos;
using protocol::retained_cursor;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A SUBTREE from which `a` and `b/c` were split off.
class Branches : public stage {
protected:
  Branches() {
    all.add("b/c", bc);
    all.add("a", a);
  }

  subtree_role child() {
    return subtree_role{spawn<extra<measure>>(unit, [](const measure&) {}).actor()};
  }

  /// Who is told of something about the filter.
  std::vector<subtree_role> reached_by(std::string_view filter) {
    std::vector<subtree_role> told;
    all.tell(filter, [&](const subtree_role& one) { told.push_back(one); });
    return told;
  }

  static replay_progress progress(
    std::string filter, std::string topic, retained_cursor::place place) {
    replay_progress one;
    one.filter = std::move(filter);
    one.cursor.topic = std::move(topic);
    one.cursor.goes_on = place;
    return one;
  }

  subtree_role a = child();
  subtree_role bc = child();
  branches all;
};

} // namespace

TEST_F(Branches, HaveTheTopicsBelowTheirPrefixes) {
  EXPECT_EQ(all.of("a")->child, a);
  EXPECT_EQ(all.of("b/c/d")->child, bc);
  EXPECT_EQ(all.of("b"), nullptr);
  EXPECT_EQ(all.of("b/cd"), nullptr);
}

TEST_F(Branches, AreToldOfFiltersThatReachIntoThem) {
  EXPECT_THAT(reached_by("#"), ElementsAre(bc, a));
  EXPECT_THAT(reached_by("+/c/d"), ElementsAre(bc, a));
  EXPECT_THAT(reached_by("b/+"), ElementsAre(bc));
  EXPECT_THAT(reached_by("z"), IsEmpty());
}

TEST_F(Branches, MayHaveAFilterForThemselves) {
  EXPECT_TRUE(all.has_all_of("a/+"));
  EXPECT_TRUE(all.has_all_of("b/c/#"));
  EXPECT_FALSE(all.has_all_of("+/c"));
  EXPECT_FALSE(all.has_all_of("z"));
}

TEST_F(Branches, AreCalledBackAndThenGone) {
  EXPECT_FALSE(all.returns("b/c"));
  all.call_back(bc);
  EXPECT_TRUE(all.returns("b/c"));
  EXPECT_TRUE(all.returns("#"));
  EXPECT_FALSE(all.returns("a"));
  EXPECT_EQ(all.remove(bc)->prefix, "b/c");
  EXPECT_FALSE(all.remove(bc));
  EXPECT_FALSE(all.returns("#"));
  EXPECT_EQ(all.of("b/c"), nullptr);
}

TEST_F(Branches, GetTheirPartsOfABatchWithTheTickets) {
  publish mail;
  mail.batch = std::make_shared<packet_batch>();
  for (const auto* topic : {"a", "z", "b/c", "a/a"}) {
    protocol::publication publication;
    publication.topic = topic;
    publication.qos = publication.topic == "z" ? qos::at_most_once : qos::at_least_once;
    mail.batch->packets.emplace_back(publication);
  }
  mail.tickets = {10, 20, 30};
  mail.publisher = 7;
  std::vector<subtree_role> told;
  std::vector<publish> parts;
  const auto rest = all.divide(mail, [&](const subtree_role& one, publish part) {
    told.push_back(one);
    parts.push_back(std::move(part));
  });
  ASSERT_THAT(told, ElementsAre(bc, a));
  EXPECT_THAT(parts[0].which, ElementsAre(2));
  EXPECT_THAT(parts[0].tickets, ElementsAre(20));
  EXPECT_THAT(parts[1].which, ElementsAre(0, 3));
  EXPECT_THAT(parts[1].tickets, ElementsAre(10, 30));
  EXPECT_EQ(parts[1].publisher, 7U);
  EXPECT_THAT(rest.which, ElementsAre(1));
  EXPECT_THAT(rest.tickets, IsEmpty());
}

TEST_F(Branches, TakeTheirTurnsInAReplay) {
  using place = retained_cursor::place;
  const auto start = progress("#", {}, place::at);
  EXPECT_EQ(all.next_in(start), nullptr);
  EXPECT_EQ(all.end_of(start), "a");
  EXPECT_EQ(all.next_in(progress("#", "a", place::at))->child, a);
  const auto behind = progress("#", "a", place::past);
  EXPECT_EQ(all.next_in(behind), nullptr);
  EXPECT_EQ(all.end_of(behind), "b/c");
  EXPECT_EQ(all.end_of(progress("#", "b/c", place::past)), "");
  EXPECT_EQ(all.next_in(progress("a/+", {}, place::at))->child, a);
}

} // namespace callboard::actors
