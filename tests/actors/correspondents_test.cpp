#include "actors/correspondents.hpp"

#include "tests/actors/stage.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <vector>

namespace callboard::actors {

namespace {

using callboard::testing::extra;
using callboard::testing::stage;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Correspondents : public stage {
protected:
  static subscribed_session sleeper(std::uint64_t number) {
    subscribed_session who;
    who.session_number = number;
    who.lasting = true;
    return who;
  }

  subscribed_session awake(std::uint64_t number) {
    auto who = sleeper(number);
    who.session = session_role{spawn<extra<deliver>>(unit, [](const deliver&) {}).actor()};
    return who;
  }

  /// Who gets something in this turn.
  std::vector<std::uint64_t> owed() {
    std::vector<std::uint64_t> numbers;
    all.send_all([&](correspondent& one) {
      numbers.push_back(one.number);
      one.pending.clear();
    });
    return numbers;
  }

  correspondents all;
};

} // namespace

TEST_F(Correspondents, GetTheirMailOnceATurn) {
  auto& two = all.of(awake(2));
  auto& one = all.of(awake(1));
  all.add(two, {});
  all.add(one, {});
  all.add(two, {});
  EXPECT_THAT(two.pending, SizeIs(2));
  EXPECT_THAT(owed(), ElementsAre(2, 1));
  EXPECT_THAT(owed(), IsEmpty());
}

TEST_F(Correspondents, AreKnownUntilTheyAreLetGo) {
  auto& one = all.of(awake(1));
  EXPECT_EQ(&all.of(awake(1)), &one);
  all.add(one, {});
  all.let_go(one);
  EXPECT_EQ(all.find(1), nullptr);
  EXPECT_THAT(owed(), IsEmpty());
}

TEST_F(Correspondents, GetFirstWhatWaitedWhileTheySlept) {
  auto& one = all.of(sleeper(1));
  one.held.resize(2);
  all.let_go(one);
  ASSERT_EQ(all.find(1), &one) << "something waits for it";
  const auto who = awake(1);
  EXPECT_THAT(all.wake(who), SizeIs(2));
  EXPECT_EQ(one.session, who.session);
  EXPECT_THAT(all.wake(who), IsEmpty());
  EXPECT_THAT(all.wake(awake(2)), IsEmpty());
}

TEST_F(Correspondents, GetWhatOthersKeptForThemBehindWhatWaits) {
  all.of(sleeper(1)).held.resize(1);
  EXPECT_FALSE(all.hold({1, std::vector<deliver>(2)}));
  EXPECT_FALSE(all.hold({2, std::vector<deliver>(1)})) << "nobody here has heard of it";
  EXPECT_THAT(all.find(1)->held, SizeIs(3));
  EXPECT_THAT(all.find(2)->held, SizeIs(1));
  const auto who = awake(3);
  all.of(who);
  EXPECT_EQ(all.hold({3, std::vector<deliver>(1)}), who.session);
  EXPECT_THAT(all.find(3)->held, IsEmpty());
  EXPECT_THAT(all.take_held(), SizeIs(2));
  EXPECT_THAT(all.take_held(), IsEmpty());
}

TEST_F(Correspondents, GetNothingWhenTheyAreForgotten) {
  auto& one = all.of(sleeper(1));
  one.held.resize(1);
  all.add(one, {});
  all.forget(1);
  all.forget(2);
  EXPECT_THAT(owed(), IsEmpty());
  EXPECT_EQ(all.find(1), nullptr);
}

} // namespace callboard::actors
