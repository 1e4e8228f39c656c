#include "actors/will_under_way.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>

namespace callboard::actors {

namespace {

using namespace std::chrono_literals;
using protocol::operation;
using protocol::will_armed;
using protocol::will_cleared;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::VariantWith;

constexpr protocol::time_point start{};

std::vector<operation> log_of_publication() {
  return {will_cleared{}, protocol::client_detached{start}};
}

TEST(WillUnderWay, HoldsNothingBackWhenThereIsNone) {
  will_under_way will;
  auto log = log_of_publication();
  will.hold_back(log, true, start);
  EXPECT_THAT(log, SizeIs(2));
  EXPECT_TRUE(will.empty());
  EXPECT_FALSE(will.is_out(false));
}

TEST(WillUnderWay, IsStillArmedForTheStoreUntilItIsOut) {
  will_under_way will;
  will.begin();
  auto log = log_of_publication();
  will.hold_back(log, false, start + 5s);
  ASSERT_THAT(
    log, ElementsAre(VariantWith<will_armed>(_), VariantWith<protocol::client_detached>(_)));
  EXPECT_EQ(std::get<will_armed>(log.front()).at, start + 5s);
  const auto rest = will.is_out(false);
  ASSERT_TRUE(rest);
  EXPECT_THAT(rest->log, ElementsAre(VariantWith<will_cleared>(_)));
  EXPECT_TRUE(will.empty());
}

TEST(WillUnderWay, DoesNotClearTheOneThatFollowed) {
  will_under_way will;
  will.begin();
  auto log = log_of_publication();
  will.hold_back(log, false, start);
  const auto rest = will.is_out(true);
  ASSERT_TRUE(rest);
  EXPECT_THAT(rest->log, IsEmpty());
}

TEST(WillUnderWay, HoldsAllOfTheLastWordsBackAndThenClearsTheWillFirst) {
  will_under_way will;
  will.begin();
  auto log = log_of_publication();
  will.hold_back(log, false, start);
  std::vector<operation> last{protocol::session_ended{}};
  will.hold_back(last, true, start);
  EXPECT_THAT(last, IsEmpty());
  will.dismiss();
  const auto rest = will.is_out(false);
  ASSERT_TRUE(rest);
  EXPECT_TRUE(rest->is_dismissed);
  EXPECT_THAT(
    rest->log, ElementsAre(VariantWith<will_cleared>(_), VariantWith<protocol::session_ended>(_)));
}

TEST(WillUnderWay, IsOutWithTheLastOfThem) {
  will_under_way will;
  will.begin();
  will.begin();
  EXPECT_FALSE(will.is_out(false));
  EXPECT_FALSE(will.empty());
  EXPECT_TRUE(will.is_out(false));
  EXPECT_TRUE(will.empty());
}

} // namespace

} // namespace callboard::actors
