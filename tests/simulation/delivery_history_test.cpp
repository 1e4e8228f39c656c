#include "tests/simulation/delivery_history.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace callboard::testing {

namespace {

using protocol::qos;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const stream once{"w", "a/b", qos::exactly_once};
const stream at_least_once{"w", "a/b", qos::at_least_once};
const stream at_most_once{"w", "a/b", qos::at_most_once};

/// A subscriber `r` of `a/#` at QoS 2.
class DeliveryHistory : public ::testing::Test {
protected:
  DeliveryHistory() { subscribe("r", "a/#"); }

  void subscribe(const std::string& who, const std::string& filter) {
    history.subscribed(who, filter, qos::exactly_once, history.subscribes(who, filter));
  }

  void publish(const stream& from, std::uint32_t number) {
    history.sent(from, number);
    if (from.qos != qos::at_most_once)
      history.acknowledged(from, number);
  }

  void hear(const stream& from, std::uint32_t number, bool dup = false) {
    history.heard("r", from, {number, from.qos, dup, false});
  }

  std::vector<fault_kind> verdict() const {
    std::vector<fault_kind> kinds;
    for (const auto& one : history.faults())
      kinds.push_back(one.kind);
    return kinds;
  }

  delivery_history history;
};

} // namespace

TEST_F(DeliveryHistory, FindsNothingWrongInWhatIsRight) {
  for (const auto& from : {once, at_least_once, at_most_once}) {
    publish(from, 1);
    publish(from, 2);
    hear(from, 1);
    hear(from, 2);
  }
  EXPECT_THAT(verdict(), IsEmpty());
}

TEST_F(DeliveryHistory, FindsALoss) {
  publish(once, 1);
  publish(at_least_once, 1);
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::lost, fault_kind::lost));
}

TEST_F(DeliveryHistory, OwesNothingAtQosZeroNorWithoutAcknowledgement) {
  publish(at_most_once, 1);
  history.sent(once, 1);
  EXPECT_THAT(verdict(), IsEmpty());
}

TEST_F(DeliveryHistory, OwesWhatIsPublishedBetweenSubackAndUnsubscribe) {
  publish(once, 1);
  hear(once, 1);
  const auto asked = history.unsubscribes("r", "a/#");
  publish(once, 2);
  history.unsubscribed("r", "a/#", asked);
  publish(once, 3);
  EXPECT_THAT(verdict(), IsEmpty());
}

TEST_F(DeliveryHistory, FindsADoubleAtEachQos) {
  for (const auto& from : {at_most_once, at_least_once, once}) {
    publish(from, 1);
    hear(from, 1);
    hear(from, 1);
  }
  EXPECT_THAT(verdict(), ::testing::Each(fault_kind::doubled));
  EXPECT_GE(verdict().size(), 3U);
}

TEST_F(DeliveryHistory, LetsQosOneComeAgainAsARepeatOrWhenItIsSentAgain) {
  publish(at_least_once, 1);
  hear(at_least_once, 1);
  hear(at_least_once, 1, true);
  publish(at_least_once, 2);
  history.sent(at_least_once, 2);
  hear(at_least_once, 2);
  hear(at_least_once, 2);
  EXPECT_THAT(verdict(), IsEmpty());
}

TEST_F(DeliveryHistory, LetsQosTwoComeOnlyOnceAlsoAsARepeat) {
  publish(once, 1);
  hear(once, 1);
  hear(once, 1, true);
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::doubled));
}

TEST_F(DeliveryHistory, LetsABrokerThatBeganAgainSendQosOneOnceMore) {
  for (const auto& from : {at_least_once, once}) {
    publish(from, 1);
    hear(from, 1);
  }
  history.broker_began_again();
  hear(at_least_once, 1);
  EXPECT_THAT(verdict(), IsEmpty());
  hear(at_least_once, 1);
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::doubled));
}

TEST_F(DeliveryHistory, LetsNoBrokerSendQosTwoOnceMore) {
  publish(once, 1);
  hear(once, 1);
  history.broker_began_again();
  hear(once, 1);
  EXPECT_THAT(verdict(), ::testing::Contains(fault_kind::doubled));
}

TEST_F(DeliveryHistory, FindsAnOvertaking) {
  for (const auto& from : {at_most_once, at_least_once, once}) {
    publish(from, 1);
    publish(from, 2);
    hear(from, 2);
    hear(from, 1);
  }
  EXPECT_THAT(
    verdict(), ElementsAre(fault_kind::overtaken, fault_kind::overtaken, fault_kind::overtaken));
}

TEST_F(DeliveryHistory, LetsWhatIsSentAgainComeLateToWhoWasNotThereTheFirstTime) {
  history.sent(at_least_once, 1);
  subscribe("late", "a/#");
  history.sent(at_least_once, 2);
  const auto hear_both = [&](const std::string& who) {
    history.heard(who, at_least_once, {2, qos::at_least_once, false, false});
    history.heard(who, at_least_once, {1, qos::at_least_once, false, false});
  };
  hear_both("late");
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::overtaken)); // it was not sent again
  history.sent(at_least_once, 1);
  EXPECT_THAT(verdict(), IsEmpty());
  hear_both("r");
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::overtaken)); // it was there
}

TEST_F(DeliveryHistory, LetsWhatIsSentAgainComeLateToWhoMayHaveLostTheFirstAtQosZero) {
  history.sent(at_least_once, 1);
  history.sent(at_least_once, 2);
  for (const auto number : {2U, 1U})
    history.heard("r", at_least_once, {number, qos::at_most_once, false, false});
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::overtaken)); // it was not sent again
  history.sent(at_least_once, 1);
  EXPECT_THAT(verdict(), IsEmpty());
}

TEST_F(DeliveryHistory, ExpectsNoOrderBetweenStreams) {
  publish(once, 1);
  publish(at_least_once, 1);
  hear(at_least_once, 1);
  hear(once, 1);
  EXPECT_THAT(verdict(), IsEmpty());
}

TEST_F(DeliveryHistory, FindsRepeatsInAnotherOrder) {
  publish(once, 1);
  publish(once, 2);
  history.returned("r");
  hear(once, 2, true);
  hear(once, 1, true);
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::overtaken, fault_kind::overtaken));
}

TEST_F(DeliveryHistory, FindsPhantoms) {
  hear(once, 1); // never published
  const stream other{"w", "b", qos::exactly_once};
  publish(other, 1);
  hear(other, 1); // not subscribed to
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::phantom, fault_kind::phantom));
}

TEST_F(DeliveryHistory, FindsWhatComesToASubscriptionThatIsGone) {
  history.unsubscribed("r", "a/#", history.unsubscribes("r", "a/#"));
  publish(once, 1);
  hear(once, 1);
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::phantom));
}

TEST_F(DeliveryHistory, TakesAnUnsubackForTheEndOfWhatItsUnsubscribeGaveUp) {
  const auto first = history.unsubscribes("r", "a/#");
  subscribe("r", "a/#");
  const auto second = history.unsubscribes("r", "a/#");
  history.unsubscribed("r", "a/#", first);
  publish(once, 1);
  hear(once, 1);
  EXPECT_THAT(verdict(), IsEmpty());
  history.unsubscribed("r", "a/#", second);
  publish(once, 2);
  hear(once, 2);
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::phantom));
}

TEST_F(DeliveryHistory, FindsWhatIsOlderThanTheSubscription) {
  publish(once, 1);
  hear(once, 1);
  subscribe("late", "a/#");
  history.heard("late", once, {1, qos::exactly_once, false, false});
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::phantom));
}

TEST_F(DeliveryHistory, FindsAWillThatWasNotDue) {
  history.sent(once, 1);
  history.withheld(once, 1);
  EXPECT_THAT(verdict(), IsEmpty());
  hear(once, 1);
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::phantom));
}

TEST_F(DeliveryHistory, FindsAGapInWhatAnEndedSessionHeard) {
  for (std::uint32_t number = 1; number <= 4; ++number)
    publish(once, number);
  hear(once, 1);
  hear(once, 3);
  history.ended("r");
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::lost)); // 2, but not 4
}

TEST_F(DeliveryHistory, ExpectsNoOrderBetweenWhatWasGrantedBeforeAndAfter) {
  publish(once, 1);
  publish(once, 2);
  history.heard("r", once, {2, qos::at_most_once, false, false});
  history.ended("r");
  EXPECT_THAT(verdict(), IsEmpty()); // 1 was on its way at QoS 2
}

TEST_F(DeliveryHistory, FindsThatARetainedMessageIsMissing) {
  history.sent(once, 1, true);
  history.acknowledged(once, 1);
  hear(once, 1);
  subscribe("late", "a/#");
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::lost));
  history.heard("late", once, {1, qos::exactly_once, false, true});
  EXPECT_THAT(verdict(), IsEmpty());
}

TEST_F(DeliveryHistory, OwesNoRetainedMessageThatMayHaveBeenRemoved) {
  history.sent(once, 1, true);
  history.acknowledged(once, 1);
  hear(once, 1);
  history.sent_removal(once, 2);
  subscribe("late", "a/#");
  EXPECT_THAT(verdict(), IsEmpty());
}

TEST_F(DeliveryHistory, OwesNothingRetainedToWhoGaveUpBeforeTheSuback) {
  history.sent(once, 1, true);
  history.acknowledged(once, 1);
  hear(once, 1);
  const auto asked = history.subscribes("late", "a/#");
  history.unsubscribes("late", "a/#");
  history.subscribed("late", "a/#", qos::exactly_once, asked);
  EXPECT_THAT(verdict(), IsEmpty());
}

TEST_F(DeliveryHistory, FindsARetainedMessageThatIsStale) {
  for (const std::uint32_t number : {1U, 2U}) {
    history.sent(once, number, true);
    history.acknowledged(once, number);
    hear(once, number);
  }
  history.heard("r", once, {1, qos::exactly_once, false, true});
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::stale));
}

TEST_F(DeliveryHistory, ExpectsNoOrderBetweenWhatIsRetainedAndWhatComesAtAnotherQos) {
  for (const std::uint32_t number : {1U, 2U}) {
    history.sent(once, number, true);
    history.acknowledged(once, number);
    history.heard("r", once, {number, qos::at_most_once, false, false});
  }
  history.heard("r", once, {1, qos::exactly_once, false, true});
  EXPECT_THAT(verdict(), IsEmpty());
}

TEST_F(DeliveryHistory, CountsAShareGroupAsOneSubscriberWithoutOrder) {
  history.is_shared("r");
  for (std::uint32_t number = 1; number <= 3; ++number)
    publish(once, number);
  hear(once, 2);
  hear(once, 1);
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::lost)); // 3
  hear(once, 3);
  hear(once, 3);
  EXPECT_THAT(verdict(), ElementsAre(fault_kind::doubled));
}

} // namespace callboard::testing
