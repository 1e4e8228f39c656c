#include "cluster/courier.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callboard::cluster {

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Room for few and small things.
constexpr courier_limits narrow{
  .credit = 300, .control_reserve = 100, .waiting = 200, .blob = 100, .largest_whole = 1'000};

/// A courier, and what came to it.
struct end {
  explicit end(incarnation self, const courier_limits& limits = narrow) : does{self, limits} {}

  courier does;
  std::vector<std::string> got;
  std::vector<courier::ticket> open;

  void finish_all() {
    for (const auto& ticket : std::exchange(open, {}))
      does.finish(ticket);
  }
};

/// Two nodes, and a link between them that a test can break.
class Courier : public ::testing::Test {
protected:
  void link() {
    const auto from_left = encode(left_.does.make_hello());
    const auto from_right = encode(right_.does.make_hello());
    EXPECT_FALSE(right_.does.on_hello(*decode_hello(from_left)));
    EXPECT_FALSE(left_.does.on_hello(*decode_hello(from_right)));
  }

  void cut() {
    left_.does.on_link_lost();
    right_.does.on_link_lost();
  }

  std::vector<std::string> blobs(end& from) {
    std::vector<std::string> all;
    while (auto next = from.does.next_blob(now_))
      all.push_back(std::move(*next));
    return all;
  }

  void bring(const std::vector<std::string>& blobs, end& to) {
    for (const auto& one : blobs) {
      const auto found = to.does.on_blob(one, now_);
      ASSERT_TRUE(found) << found.error().reason;
      for (const auto& item : found->items)
        to.got.emplace_back(item.body);
      if (found->ticket.number != 0)
        to.open.push_back(found->ticket);
    }
  }

  /// What there is to say goes over, once each way.
  void exchange() {
    bring(blobs(left_), right_);
    bring(blobs(right_), left_);
  }

  std::string_view fault_of(std::string_view blob) {
    const auto found = right_.does.on_blob(blob, now_);
    return found ? "" : found.error().reason;
  }

  end left_{1};
  end right_{2};
  protocol::time_point now_{1h};
};

} // namespace

TEST_F(Courier, BringsWhatIsSentInOrder) {
  link();
  left_.does.send(lane::durable, 1, "a");
  left_.does.send(lane::durable, 1, "b");
  left_.does.send(lane::durable, 1, "");
  EXPECT_THAT(blobs(left_), SizeIs(1));
  left_.does.send(lane::durable, 1, "c");
  cut();
  link();
  bring(blobs(left_), right_);
  EXPECT_THAT(right_.got, ElementsAre("a", "b", "", "c"));
}

TEST_F(Courier, SaysNothingWithoutALink) {
  left_.does.send(lane::control, 1, "a");
  EXPECT_THAT(blobs(left_), IsEmpty());
  link();
  exchange();
  EXPECT_THAT(right_.got, ElementsAre("a"));
  cut();
  left_.does.send(lane::control, 1, "b");
  EXPECT_THAT(blobs(left_), IsEmpty());
}

TEST_F(Courier, SaysNothingTwiceNorForNothing) {
  link();
  left_.does.send(lane::durable, 1, "a");
  exchange();
  right_.finish_all();
  exchange(); // the receipt
  EXPECT_THAT(blobs(left_), IsEmpty());
  EXPECT_THAT(blobs(right_), IsEmpty());
}

TEST_F(Courier, LetsControlGoFirst) {
  link();
  left_.does.send(lane::lossy, 1, "lossy");
  left_.does.send(lane::durable, 1, "durable");
  left_.does.send(lane::control, 1, "control");
  bring(blobs(left_), right_);
  EXPECT_THAT(right_.got, ElementsAre("control", "durable", "lossy"));
}

TEST_F(Courier, TellsTheTypeAndTheView) {
  link();
  left_.does.set_view(7);
  left_.does.send(lane::control, 63, "a");
  const auto blob = blobs(left_).at(0);
  const auto found = right_.does.on_blob(blob, now_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->view, 7U);
  EXPECT_EQ(found->items.at(0).type, 63);
}

TEST_F(Courier, SendsInSeveralFramesWhatIsLargerThanABlob) {
  link();
  const std::string large(250, 'x');
  left_.does.send(lane::durable, 3, large);
  bring(blobs(left_), right_);
  EXPECT_EQ(left_.does.counts().frames_sent, 3U);
  left_.does.send(lane::durable, 4, "next");
  bring(blobs(left_), right_);
  EXPECT_THAT(right_.got, ElementsAre(large, "next"));
}

// -- credit ---------------------------------------------------------------------------

TEST_F(Courier, WaitsForThePeerToBeDone) {
  link();
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(left_.does.send(lane::durable, 1, std::string(90, 'x')));
    exchange();
  }
  EXPECT_THAT(right_.got, SizeIs(3)); // 300 bytes
  exchange();
  EXPECT_THAT(right_.got, SizeIs(3)); // to have is not to be done
  right_.finish_all();
  exchange();
  exchange();
  EXPECT_THAT(right_.got, SizeIs(4));
}

TEST_F(Courier, HasRoomForControlWhenTheCreditIsUsed) {
  link();
  for (int i = 0; i < 4; ++i) {
    left_.does.send(lane::durable, 1, std::string(90, 'x'));
    exchange();
  }
  left_.does.send(lane::control, 1, "receipt");
  exchange();
  EXPECT_EQ(right_.got.back(), "receipt");
}

TEST_F(Courier, TakesNoMoreThanMayWait) {
  for (int i = 0; i < 10; ++i) {
    const bool room = left_.does.has_room(lane::durable);
    EXPECT_EQ(left_.does.send(lane::durable, 1, std::string(90, 'x')), room);
    left_.does.send(lane::lossy, 1, std::string(90, 'x'));
    EXPECT_TRUE(left_.does.send(lane::control, 1, "c"));
  }
  EXPECT_EQ(left_.does.counts().dropped, 7U);
  EXPECT_LT(left_.does.waiting(), 2 * (narrow.waiting + 100) + 10 * 13);
  link();
  for (int i = 0; i < 10; ++i) {
    exchange();
    right_.finish_all();
  }
  EXPECT_THAT(right_.got, SizeIs(3 + 3 + 10));
  EXPECT_EQ(left_.does.under_way(), 0U);
}

TEST_F(Courier, TellsWhatIsDoneWithoutGapsWhateverTheOrder) {
  link();
  for (int i = 0; i < 3; ++i)
    left_.does.send(lane::durable, 1, std::string(80, 'x'));
  exchange();
  const auto sent = left_.does.under_way();
  right_.does.finish(right_.open.at(1));
  exchange();
  EXPECT_EQ(left_.does.under_way(), sent);
  right_.does.finish(right_.open.at(0));
  exchange();
  EXPECT_EQ(left_.does.under_way(), sent / 3);
}

TEST_F(Courier, MeasuresFromABlobToItsReceipt) {
  link();
  left_.does.send(lane::durable, 1, "a");
  bring(blobs(left_), right_);
  right_.finish_all();
  now_ += 8ms;
  EXPECT_FALSE(left_.does.round_trip());
  exchange();
  EXPECT_EQ(left_.does.round_trip(), 8ms);
}

// -- broken links -----------------------------------------------------------------------

TEST_F(Courier, SendsAgainWhatDidNotArriveAndOnlyThat) {
  link();
  left_.does.send(lane::durable, 1, "a");
  exchange();
  left_.does.send(lane::durable, 1, "b");
  blobs(left_); // nobody gets them
  cut();
  link();
  exchange();
  EXPECT_THAT(right_.got, ElementsAre("a", "b"));
  EXPECT_EQ(left_.does.resent(), 1U);
}

TEST_F(Courier, ForgetsWhatALinkLostOfTheLossyLane) {
  link();
  left_.does.send(lane::lossy, 1, "a");
  blobs(left_);
  cut();
  link();
  left_.does.send(lane::lossy, 1, "b");
  exchange();
  right_.finish_all();
  exchange();
  EXPECT_THAT(right_.got, ElementsAre("b"));
  EXPECT_EQ(left_.does.forgotten(), 1U);
  EXPECT_EQ(right_.does.missed(), 1U);
  EXPECT_EQ(left_.does.under_way(), 0U);
}

TEST_F(Courier, DropsTheBeginningOfWhatNeverEnds) {
  link();
  left_.does.send(lane::lossy, 1, std::string(150, 'x'));
  const auto halves = blobs(left_);
  ASSERT_THAT(halves, SizeIs(2));
  bring({halves[0]}, right_);
  cut();
  link();
  left_.does.send(lane::lossy, 1, "b");
  exchange();
  EXPECT_THAT(right_.got, ElementsAre("b"));
}

TEST_F(Courier, DropsTheEndOfWhatHadNoBeginning) {
  link();
  left_.does.send(lane::lossy, 1, std::string(150, 'x'));
  left_.does.next_blob(now_); // the first half, which nobody gets
  cut();
  link();
  left_.does.send(lane::lossy, 1, "b");
  exchange();
  EXPECT_THAT(right_.got, ElementsAre("b"));
}

TEST_F(Courier, GoesOnWithLargeThingsOverLinks) {
  link();
  const std::string large(150, 'x');
  left_.does.send(lane::durable, 1, large);
  const auto halves = blobs(left_);
  bring({halves.at(0)}, right_);
  cut();
  link();
  exchange();
  EXPECT_THAT(right_.got, ElementsAre(large));
}

TEST_F(Courier, DoesNotMindAHelloThatOnlyOneHasHeard) {
  left_.does.send(lane::durable, 1, "a");
  EXPECT_FALSE(left_.does.on_hello(right_.does.make_hello()));
  blobs(left_);
  cut();
  link();
  exchange();
  EXPECT_THAT(right_.got, ElementsAre("a"));
}

TEST_F(Courier, BeginsAnewWithAPeerThatWasStartedAgain) {
  link();
  left_.does.send(lane::durable, 1, "a");
  exchange();
  right_.finish_all();
  exchange();
  left_.does.send(lane::durable, 1, "for the one before");
  cut();
  right_ = end{3};
  link();
  EXPECT_EQ(left_.does.peer(), 3U);
  left_.does.send(lane::durable, 1, "b");
  right_.does.send(lane::durable, 1, "c");
  exchange();
  EXPECT_THAT(right_.got, ElementsAre("b"));
  EXPECT_THAT(left_.got, ElementsAre("c"));
}

TEST_F(Courier, IsNotDoneWithWhatAPeerOfBeforeHadSent) {
  link();
  right_.does.send(lane::durable, 1, "of before");
  exchange();
  cut();
  right_ = end{3};
  link();
  right_.does.send(lane::durable, 1, "of now");
  exchange();
  left_.does.finish(left_.open.at(0));
  exchange();
  EXPECT_GT(right_.does.under_way(), 0U);
  left_.does.finish(left_.open.at(1));
  exchange();
  EXPECT_EQ(right_.does.under_way(), 0U);
}

// -- peers that do not keep to it -----------------------------------------------------------

TEST_F(Courier, SaysWhatIsWrongWithABlob) {
  EXPECT_EQ(fault_of(make_blob({}, {})), "a blob in front of the hello");
  link();
  EXPECT_EQ(fault_of(""), "what came is no blob");
  EXPECT_EQ(fault_of(std::string(8, '\xFF')), "what came is no blob");
  EXPECT_EQ(fault_of(make_blob({lane::control, 0, {}, 1, 1}, "")), "what came is no blob");
  blob_head knows_too_much;
  knows_too_much.done[lane::durable] = 1;
  EXPECT_EQ(fault_of(make_blob(knows_too_much, {})), "a receipt for what was never sent");
  const std::string_view one{"\1\1x", 3};
  for (const auto& head :
    {blob_head{lane::durable, 0, {}, 2, 1}, blob_head{lane::durable, 0, {}, 0, 1},
      blob_head{lane::durable, 0, {}, 1, 2}, blob_head{lane::lossy, 0, {}, UINT64_MAX, 2}})
    EXPECT_EQ(fault_of(make_blob(head, one)), "frames that do not follow, or are none");
  EXPECT_EQ(fault_of(make_blob({lane::durable, 0, {}, 1, 1}, "\1\1xy")),
    "frames that do not follow, or are none");
  EXPECT_EQ(fault_of(make_blob({lane::durable, 0, {}, 1, 1}, one)), "");
}

TEST_F(Courier, TakesNothingOfABlobThatIsBroken) {
  link();
  std::string part;
  append(part, {1, false, true, "a"});
  EXPECT_NE(fault_of(make_blob({lane::durable, 0, {}, 1, 2}, part + "x")), "");
  EXPECT_EQ(fault_of(make_blob({lane::durable, 0, {}, 1, 1}, part)), "");
}

TEST_F(Courier, RefusesWhatWouldBecomeTooLarge) {
  link();
  std::string_view reason;
  for (std::uint64_t number = 1; number <= 100 && reason.empty(); ++number) {
    std::string part;
    append(part, {1, number > 1, true, std::string(90, 'x')});
    reason = fault_of(make_blob({lane::durable, 0, {}, number, 1}, part));
  }
  EXPECT_EQ(reason, "frames that do not follow, or are none");
}

TEST_F(Courier, RefusesAHelloThatKnowsWhatWasNeverSentOrForgetsWhatWasDone) {
  link();
  left_.does.send(lane::durable, 1, "a");
  exchange();
  right_.finish_all();
  exchange();
  cut();
  auto knows_too_much = right_.does.make_hello();
  knows_too_much.taken[lane::durable] = 2;
  EXPECT_TRUE(left_.does.on_hello(knows_too_much));
  auto forgets = right_.does.make_hello();
  forgets.to = 0;
  EXPECT_TRUE(left_.does.on_hello(forgets));
  EXPECT_FALSE(left_.does.is_linked());
}

TEST(Hello, ComesBackAsItWent) {
  hello all{1, UINT64_MAX, {{1, 2, 3}}, {{0, 2, UINT64_MAX}}};
  all.taken[lane::lossy] = UINT64_MAX;
  EXPECT_EQ(decode_hello(encode(all)), all);
}

TEST(Hello, IsNothingElse) {
  EXPECT_FALSE(decode_hello(""));
  EXPECT_FALSE(decode_hello(encode({1, 2, {}, {}}) + "x"));
  EXPECT_FALSE(decode_hello(encode({0, 2, {}, {}})));
  EXPECT_FALSE(decode_hello(encode({1, 2, {}, {{1, 0, 0}}}))); // done, and not taken
  const auto whole = encode({1, 2, {{500, 1, 1}}, {}});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode_hello(std::string_view{whole}.substr(0, size)));
}

} // namespace callboard::cluster
