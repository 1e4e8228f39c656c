#include "actors/publisher_dues.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace callboard::actors {

namespace {

using protocol::qos;
using protocol::reason_code;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A topic that somebody reads, and what is published on it survives or not.
audience somebody(bool transient) {
  audience who;
  who.groups.push_back(nullptr);
  who.transient = transient;
  return who;
}

/// A mail with publications of QoS 2, one for each ticket.
publish mail_with(std::vector<std::uint64_t> tickets) {
  publish mail;
  mail.batch = std::make_shared<packet_batch>();
  mail.batch->author = std::make_shared<const stored_name>("writer", 1U);
  mail.tickets = std::move(tickets);
  return mail;
}

protocol::publication publication(protocol::packet_id id) {
  protocol::publication one;
  one.qos = qos::exactly_once;
  one.packet_id = id;
  return one;
}

/// What leaves at the end of the turn.
std::vector<routed> take_done(publisher_dues& dues) {
  std::vector<routed> all;
  dues.send_done([&](const session_role&, routed mail) { all.push_back(std::move(mail)); });
  return all;
}

TEST(PublisherDues, LeaveWithTheTurnWhereNothingHasToLast) {
  publisher_dues dues;
  const auto mail = mail_with({1, 2});
  dues.begin(mail);
  dues.add(mail, publication(1), audience{});
  dues.add(mail, publication(2), somebody(false));
  dues.end(mail);
  dues.close();
  const auto done = take_done(dues);
  ASSERT_THAT(done, SizeIs(1));
  EXPECT_THAT(done[0].tickets, ElementsAre(1, 2));
  EXPECT_THAT(
    done[0].codes, ElementsAre(reason_code::no_matching_subscribers, reason_code::success));
  EXPECT_THAT(take_done(dues), IsEmpty());
}

TEST(PublisherDues, WaitForThePromiseWhereSomethingHasToLast) {
  publisher_dues dues;
  const auto promise = dues.promise();
  const auto mail = mail_with({1, 2});
  dues.begin(mail);
  dues.add(mail, publication(7), somebody(true));
  dues.add(mail, publication(8), somebody(false));
  dues.note_lasting(true);
  dues.note_lasting(false);
  dues.end(mail);
  EXPECT_FALSE(promise->is_whole);
  dues.close();
  EXPECT_TRUE(promise->is_whole);
  const auto done = take_done(dues);
  ASSERT_THAT(done, SizeIs(1));
  EXPECT_THAT(done[0].tickets, ElementsAre(1));
  EXPECT_EQ(done[0].stored, protocol::reception::passing);
  ASSERT_THAT(promise->acknowledgements, SizeIs(1));
  EXPECT_THAT(promise->acknowledgements[0].second.tickets, ElementsAre(2));
  ASSERT_THAT(promise->received, SizeIs(1));
  EXPECT_THAT(promise->received[0].operations, SizeIs(1));
  EXPECT_THAT(promise->batches, ElementsAre(mail.batch));
  EXPECT_NE(dues.promise(), promise) << "the next turn's";
  promise->acknowledgements.clear(); // nobody is there to hear them
}

TEST(PublisherDues, AreCreditedForAllOfTheTurn) {
  publisher_dues dues;
  const auto first = mail_with({});
  const auto second = mail_with({});
  dues.begin(first);
  const auto credit = dues.credit();
  dues.end(first);
  dues.begin(second);
  dues.end(second);
  EXPECT_EQ(dues.credit(), credit);
  dues.close();
  EXPECT_THAT(*credit, ElementsAre(first.batch, second.batch));
  EXPECT_THAT(take_done(dues), IsEmpty());
}

} // namespace

} // namespace callboard::actors
