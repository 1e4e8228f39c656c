#include "actors/assigned_shares.hpp"

#include "tests/actors/stage.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace callboard::actors {

namespace {

using callboard::testing::extra;
using callboard::testing::stage;
using protocol::share_outcome;
using protocol::share_report;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::FieldsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A subscription of a session to a group of this name.
protocol::subscription shared(protocol::subscription_number number, std::string name) {
  protocol::subscription mine;
  mine.number = number;
  mine.share_name_size = static_cast<std::uint16_t>(name.size());
  mine.filter = "$share/" + std::move(name) + "/t";
  return mine;
}

/// What a session has of two groups.
class AssignedShares : public stage {
protected:
  AssignedShares() {
    assign(one, 1, {1, 2});
    assign(two, 2, {1});
  }

  void assign(const protocol::subscription& mine, std::uint64_t number,
    const std::vector<protocol::share_token>& tokens, bool kept = true) {
    deliver_share mail{groups.at(number - 1), mine.number, {}, kept};
    for (const auto token : tokens)
      mail.deliveries.emplace_back().share = token;
    all.take(mail, &mine);
  }

  /// Which group hears what.
  std::vector<std::pair<share_group_role, std::vector<share_report>>> report(
    const std::vector<share_report>& what, bool lasts = true) {
    std::vector<std::pair<share_group_role, std::vector<share_report>>> told;
    all.report(what, lasts, [&](const share_group_role& group, const share_settled& mail) {
      told.emplace_back(group, mail.reports);
    });
    return told;
  }

  share_group_role group() {
    return share_group_role{spawn<extra<share_settled>>(unit, [](const share_settled&) {}).actor()};
  }

  std::vector<share_group_role> groups{group(), group()};
  protocol::subscription one = shared(1, "first");
  protocol::subscription two = shared(2, "second");
  assigned_shares all;
};

} // namespace

TEST_F(AssignedShares, AreReportedToTheGroupThatAssignedThem) {
  const auto told = report({{all.marked(2, 1), share_outcome::settled},
    {all.marked(1, 2), share_outcome::returned}, {all.marked(1, 1), share_outcome::settled}});
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_EQ(told[0].first, groups[0]);
  EXPECT_THAT(told[0].second,
    ElementsAre(share_report{2, share_outcome::returned}, share_report{1, share_outcome::settled}));
  EXPECT_EQ(told[1].first, groups[1]);
  EXPECT_THAT(told[1].second, ElementsAre(share_report{1, share_outcome::settled}));
}

TEST_F(AssignedShares, AreGoneWhenAllAreReported) {
  report(
    {{all.marked(1, 1), share_outcome::returned}, {all.marked(1, 2), share_outcome::returned}});
  EXPECT_FALSE(all.empty());
  report({{all.marked(2, 1), share_outcome::returned}});
  EXPECT_TRUE(all.empty());
  EXPECT_THAT(report({{all.marked(1, 1), share_outcome::settled}}), IsEmpty());
}

TEST_F(AssignedShares, LeaveTheirGroupInTheStoreWhenTheyAreSettledOrBegin) {
  all.begin(0);
  all.begin(all.marked(2, 1));
  report({{all.marked(1, 1), share_outcome::settled}, {all.marked(1, 2), share_outcome::returned}});
  EXPECT_TRUE(all.has_changes());
  EXPECT_THAT(
    all.take_changes(), ElementsAre(FieldsAre("second/t", 1, _), FieldsAre("first/t", 1, _)));
  EXPECT_FALSE(all.has_changes());
}

TEST_F(AssignedShares, AreNoChangeWhereTheStoreHasNoneOrTheSessionDoesNotLast) {
  const auto three = shared(3, "third");
  assign(three, 1, {1}, false);
  all.begin(all.marked(3, 1));
  report({{all.marked(3, 1), share_outcome::settled}});
  report({{all.marked(1, 1), share_outcome::settled}}, false);
  EXPECT_FALSE(all.has_changes());
}

TEST_F(AssignedShares, OfAGroupThatEndedWithTheNodeAreReportedToNobody) {
  all.take_begun(3, 1);
  EXPECT_THAT(report({{all.marked(3, 7), share_outcome::settled}}), IsEmpty());
}

TEST_F(AssignedShares, MayStillComeFromWhatIsBeingLeft) {
  all.leave("$share/first/t");
  all.leave("$share/first/t");
  all.has_left("$share/first/t");
  all.has_left("$share/second/t");
  EXPECT_THAT(all.leaving(), ElementsAre("$share/first/t"));
}

TEST_F(AssignedShares, ThatHaveBegunAreToldByGroup) {
  protocol::session_state state;
  state.apply(protocol::subscription_put{one});
  state.apply(protocol::subscription_put{two});
  for (protocol::packet_id id = 4; id <= 6; ++id) {
    protocol::delivery_in_flight begun{id, false, {}};
    begun.what.qos = protocol::qos::exactly_once;
    begun.what.share = id == 6 ? 0 : all.marked(2, id);
    state.apply(std::move(begun));
  }
  const auto begun = begun_shares(state);
  ASSERT_THAT(begun, SizeIs(1));
  EXPECT_EQ(begun[0].first, 2U);
  EXPECT_EQ(begun[0].second.share_name, "second");
  EXPECT_EQ(begun[0].second.filter, "t");
  EXPECT_THAT(begun[0].second.tokens, ElementsAre(4, 5));
}

TEST_F(AssignedShares, AreReturnedByTheTokensOfTheirGroup) {
  deliver_share mail;
  mail.deliveries.resize(2);
  mail.deliveries[1].share = 9;
  EXPECT_THAT(all_returned(mail), ElementsAre(share_report{9, share_outcome::returned}));
}

} // namespace callboard::actors
