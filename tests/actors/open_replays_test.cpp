#include "actors/open_replays.hpp"

#include <gmock/gmock.h>

namespace callboard::actors {

namespace {

using ::testing::SizeIs;

continue_replay asked_by(std::uint64_t session) {
  continue_replay asked;
  asked.key = session;
  return asked;
}

TEST(OpenReplays, AreAnsweredOnce) {
  open_replays all;
  const auto first = all.begin(asked_by(1));
  const auto second = all.begin(asked_by(2));
  EXPECT_EQ(all.take(second)->key, 2U);
  EXPECT_FALSE(all.take(second));
  EXPECT_THAT(all.take_all(), SizeIs(1));
  EXPECT_FALSE(all.take(first)) << "it is asked for again";
}

TEST(OpenReplays, KnowWhatHasPassedSinceTheStoreLooked) {
  open_replays all;
  const auto one = all.begin(asked_by(1));
  const auto before = all.note_retained("a");
  const auto after = all.note_retained("b");
  EXPECT_LT(before, after);
  EXPECT_FALSE(all.is_outdated("a", before));
  EXPECT_TRUE(all.is_outdated("b", before));
  all.forget_until(before);
  EXPECT_TRUE(all.is_outdated("b", before)) << "an answer is on the way";
  all.take(one);
  all.forget_until(before);
  EXPECT_FALSE(all.is_outdated("b", before));
}

TEST(OpenReplays, CountWhatPassesWhileThereAreNone) {
  open_replays all;
  const auto first = all.note_retained("a");
  EXPECT_FALSE(all.is_outdated("a", 0));
  all.begin(asked_by(1));
  EXPECT_EQ(all.note_retained("a"), first + 1);
}

} // namespace

} // namespace callboard::actors
