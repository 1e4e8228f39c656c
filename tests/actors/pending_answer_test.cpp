#include "actors/pending_answer.hpp"

#include "protocol/codec/encode.hpp"

#include <gmock/gmock.h>

#include <string>

namespace callboard::actors {

namespace {

using protocol::reason_code;
using protocol::version;

std::string suback_with(std::string reason) {
  std::string bytes;
  protocol::encode_suback(bytes, version::mqtt_5_0,
    {7,
      {reason_code::granted_qos_1, reason_code::topic_filter_invalid, reason_code::quota_exceeded},
      std::move(reason)});
  return bytes;
}

/// To a SUBSCRIBE with three filters, of which the second is as given.
pending_answer answer_about(std::string_view second) {
  pending_answer answer{pending_answer::kind::suback, 7};
  answer.add("a", {reason_code::granted_qos_1, {}});
  answer.add(second, {reason_code::topic_filter_invalid, "it is wrong"});
  answer.add("c", {reason_code::quota_exceeded, "there are too many"});
  return answer;
}

TEST(PendingAnswer, TellsWhyOfTheFirstThatFailed) {
  auto answer = answer_about("a/#/b");
  EXPECT_EQ(answer.size(), 3U);
  EXPECT_EQ(
    std::move(answer).encoded(version::mqtt_5_0, true, 0), suback_with("a/#/b: it is wrong"));
}

TEST(PendingAnswer, GivesNoReasonToWhoWantsNone) {
  EXPECT_EQ(answer_about("a/#/b").encoded(version::mqtt_5_0, false, 0), suback_with({}));
}

TEST(PendingAnswer, DoesNotRepeatAFilterThatNobodyWouldRead) {
  EXPECT_EQ(answer_about(std::string(257, 'x')).encoded(version::mqtt_5_0, true, 0),
    suback_with("a filter: it is wrong"));
}

TEST(PendingAnswer, IsAnUnsubackWhereThatWasAskedFor) {
  pending_answer answer{pending_answer::kind::unsuback, 7};
  answer.add("a", {reason_code::no_subscription_existed, "there is none"});
  protocol::unsuback packet;
  packet.packet_id = 7;
  packet.codes = {reason_code::no_subscription_existed};
  packet.reason_string = "a: there is none";
  std::string bytes;
  protocol::encode_unsuback(bytes, version::mqtt_5_0, packet);
  EXPECT_EQ(std::move(answer).encoded(version::mqtt_5_0, true, 0), bytes);
}

} // namespace

} // namespace callboard::actors
