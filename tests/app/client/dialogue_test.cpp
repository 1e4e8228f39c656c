#include "app/client/dialogue.hpp"

#include "app/exit_code.hpp"

#include <chrono>
#include <gmock/gmock.h>

namespace callboard::app::client {
namespace {

using namespace protocol; // NOLINT(google-build-using-namespace): the broker's side is written in
                          // it
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr time_point start = time_point{} + 1h;

/// A client that writes down what it hears.
class diary final : public listener {
public:
  void connected(const connack&) override { ++connected_; }
  bool message(const publication& one) override {
    if (takes_)
      heard_.push_back(std::string{one.topic} + "=" + std::string{one.payload});
    return takes_;
  }
  void subscribed(const suback& answer) override { granted_ = answer.codes; }
  void published(const acknowledgement& answer) override { acknowledged_.push_back(answer.code); }

  int connected_ = 0;
  bool takes_ = true;
  std::vector<std::string> heard_;
  std::vector<reason_code> granted_;
  std::vector<reason_code> acknowledged_;
};

/// A dialogue, and the broker at its other end, played by the test.
class DialogueTest : public testing::TestWithParam<version> {
protected:
  static connect connect_as(version version) {
    connect made;
    made.version = version;
    made.client_id = "c";
    made.keep_alive = 10;
    made.topic_alias_maximum = 5;
    return made;
  }

  /// What the client sent since the last time, as the broker reads it.
  std::vector<packet> sent() {
    kept_ = std::exchange(client_.output(), {});
    std::vector<packet> packets;
    for (std::string_view rest = kept_; !rest.empty();) {
      const auto next = next_frame(rest);
      EXPECT_EQ(next.status, frame_result::status::complete);
      packets.push_back(*decode(next.frame, GetParam(), sender::client, arena_));
      rest.remove_prefix(next.packet_size);
    }
    return packets;
  }

  std::vector<acknowledgement> sent_acks() {
    std::vector<acknowledgement> acks;
    for (const auto& one : sent())
      acks.push_back(std::get<acknowledgement>(one));
    return acks;
  }

  template <class Packet>
  std::optional<failure> answer(Packet packet) {
    std::string bytes;
    EXPECT_TRUE(encode(bytes, GetParam(), protocol::packet{std::move(packet)}));
    return client_.take(bytes);
  }

  std::optional<failure> deliver(
    qos level, packet_id id, std::string_view payload, bool dup = false) {
    std::string bytes;
    outgoing_publication message;
    message.qos = level;
    message.packet_id = id;
    message.dup = dup;
    message.topic = "t";
    message.payload = payload;
    EXPECT_TRUE(encode_publish(bytes, GetParam(), message));
    return client_.take(bytes);
  }

  void let_in(const connack& answer_to_connect = {}) {
    client_.open(start);
    client_.output().clear();
    EXPECT_EQ(answer(std::make_unique<connack>(answer_to_connect)), std::nullopt);
  }

  static outgoing_publication message_at(qos level) {
    outgoing_publication message;
    message.qos = level;
    message.topic = "t";
    message.payload = "p";
    return message;
  }

  diary diary_;
  dialogue client_{connect_as(GetParam()), diary_};
  arena arena_;
  std::string kept_;
};

INSTANTIATE_TEST_SUITE_P(EachVersion, DialogueTest,
  testing::Values(version::mqtt_3_1, version::mqtt_3_1_1, version::mqtt_5_0),
  [](const auto& one) { return "Level" + std::to_string(static_cast<int>(one.param)); });

TEST_P(DialogueTest, BeginsWithConnectInItsVersion) {
  client_.open(start);
  const auto next = next_frame(client_.output());
  const auto request = decode_connect(next.frame);
  ASSERT_TRUE(request);
  EXPECT_EQ((*request)->version, GetParam());
  EXPECT_EQ((*request)->client_id, "c");
  EXPECT_FALSE(client_.connected());
  EXPECT_EQ(client_.room(), 0U) << "nothing may be published yet";
}

TEST_P(DialogueTest, IsConnectedByConnack) {
  let_in();
  EXPECT_TRUE(client_.connected());
  EXPECT_EQ(diary_.connected_, 1);
}

TEST_P(DialogueTest, ReadsPacketsSplitAtEveryByte) {
  let_in();
  std::string bytes;
  auto message = message_at(qos::at_least_once);
  message.packet_id = 7;
  encode_publish(bytes, GetParam(), message);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_THAT(diary_.heard_, IsEmpty());
    EXPECT_EQ(client_.take(std::string_view{bytes}.substr(i, 1)), std::nullopt);
  }
  EXPECT_THAT(diary_.heard_, ElementsAre("t=p"));
}

TEST_P(DialogueTest, ARefusedConnectionSaysWhyAndWhatToExitWith) {
  client_.open(start);
  connack refusal;
  refusal.code = reason_code::not_authorized;
  const auto wrong = answer(std::make_unique<connack>(refusal));
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->code, exit_code::not_authorised);
  EXPECT_THAT(wrong->text, HasSubstr("not authorized"));
  EXPECT_FALSE(client_.connected());
}

TEST_P(DialogueTest, AnotherPacketBeforeConnackIsBadData) {
  client_.open(start);
  EXPECT_EQ(answer(pingresp{}).value().code, exit_code::bad_data);
}

TEST_P(DialogueTest, ASecondConnackIsBadData) {
  let_in();
  EXPECT_EQ(answer(std::make_unique<connack>()).value().code, exit_code::bad_data);
}

TEST_P(DialogueTest, BytesThatAreNoPacketAreBadData) {
  let_in();
  EXPECT_EQ(client_.take(std::string_view{"\x00\x00", 2}).value().code, exit_code::bad_data);
}

TEST_P(DialogueTest, QosZeroNeedsNoAnswer) {
  let_in();
  EXPECT_EQ(client_.publish(message_at(qos::at_most_once)), std::nullopt);
  EXPECT_THAT(sent(), SizeIs(1));
  EXPECT_TRUE(client_.idle());
}

TEST_P(DialogueTest, QosOneEndsWithPuback) {
  let_in();
  EXPECT_EQ(client_.publish(message_at(qos::at_least_once)), std::nullopt);
  EXPECT_EQ(std::get<publication>(sent().at(0)).packet_id, 1);
  EXPECT_EQ(client_.unacknowledged(), 1U);
  EXPECT_EQ(answer(acknowledgement{ack_type::puback, 1, {}}), std::nullopt);
  EXPECT_TRUE(client_.idle());
  EXPECT_THAT(diary_.acknowledged_, ElementsAre(reason_code::success));
}

TEST_P(DialogueTest, QosTwoEndsWithPubcomp) {
  let_in();
  EXPECT_EQ(client_.publish(message_at(qos::exactly_once)), std::nullopt);
  sent();
  EXPECT_EQ(answer(acknowledgement{ack_type::pubrec, 1, {}}), std::nullopt);
  const auto acks = sent_acks();
  ASSERT_THAT(acks, SizeIs(1));
  EXPECT_EQ(acks[0].type, ack_type::pubrel);
  EXPECT_FALSE(client_.idle());
  EXPECT_EQ(answer(acknowledgement{ack_type::pubcomp, 1, {}}), std::nullopt);
  EXPECT_TRUE(client_.idle());
}

TEST_P(DialogueTest, AnAcknowledgementOfNothingIsBadData) {
  let_in();
  EXPECT_EQ(answer(acknowledgement{ack_type::puback, 9, {}}).value().code, exit_code::bad_data);
}

TEST_P(DialogueTest, PacketIdentifiersInUseAreSkippedWhenTheyStartAnew) {
  let_in();
  EXPECT_EQ(client_.publish(message_at(qos::at_least_once)), std::nullopt); // 1 stays in use
  for (auto id = 2; id <= 65'535; ++id) {
    EXPECT_EQ(client_.publish(message_at(qos::at_least_once)), std::nullopt);
    EXPECT_EQ(
      answer(acknowledgement{ack_type::puback, static_cast<packet_id>(id), {}}), std::nullopt);
  }
  sent();
  EXPECT_EQ(client_.publish(message_at(qos::at_least_once)), std::nullopt);
  EXPECT_EQ(std::get<publication>(sent().at(0)).packet_id, 2);
}

TEST_P(DialogueTest, AcknowledgesMessagesByTheirQos) {
  let_in();
  EXPECT_EQ(deliver(qos::at_most_once, 0, "0"), std::nullopt);
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_EQ(deliver(qos::at_least_once, 5, "1"), std::nullopt);
  EXPECT_EQ(deliver(qos::exactly_once, 6, "2"), std::nullopt);
  const auto acks = sent_acks();
  ASSERT_THAT(acks, SizeIs(2));
  EXPECT_EQ(acks[0].type, ack_type::puback);
  EXPECT_EQ(acks[1].type, ack_type::pubrec);
  EXPECT_THAT(diary_.heard_, ElementsAre("t=0", "t=1", "t=2"));
}

TEST_P(DialogueTest, HearsARepeatedQosTwoMessageOnce) {
  let_in();
  EXPECT_EQ(deliver(qos::exactly_once, 6, "x"), std::nullopt);
  EXPECT_EQ(deliver(qos::exactly_once, 6, "x", true), std::nullopt);
  EXPECT_THAT(diary_.heard_, SizeIs(1));
  EXPECT_THAT(sent_acks(), SizeIs(2)) << "each is answered by PUBREC";
  EXPECT_FALSE(client_.idle());
  EXPECT_EQ(answer(acknowledgement{ack_type::pubrel, 6, {}}), std::nullopt);
  EXPECT_EQ(sent_acks().at(0).type, ack_type::pubcomp);
  EXPECT_TRUE(client_.idle());
  EXPECT_EQ(deliver(qos::exactly_once, 6, "y"), std::nullopt);
  EXPECT_THAT(diary_.heard_, SizeIs(2)) << "after PUBREL the identifier is free for another";
}

TEST_P(DialogueTest, LeavesAMessageThatIsNotTakenUnacknowledged) {
  let_in();
  diary_.takes_ = false;
  EXPECT_EQ(deliver(qos::at_least_once, 5, "1"), std::nullopt);
  EXPECT_EQ(deliver(qos::exactly_once, 6, "2"), std::nullopt);
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_TRUE(client_.idle());
}

TEST_P(DialogueTest, AnswersAPubrelThatItDoesNotKnow) {
  let_in();
  EXPECT_EQ(answer(acknowledgement{ack_type::pubrel, 6, {}}), std::nullopt);
  EXPECT_EQ(sent_acks().at(0).type, ack_type::pubcomp);
}

TEST_P(DialogueTest, TellsTheAnswerToSubscribe) {
  let_in();
  subscribe request;
  request.requests.push_back({"a/#", {}});
  client_.subscribe(request);
  EXPECT_THAT(sent(), SizeIs(1));
  suback granted;
  granted.packet_id = 1;
  granted.codes = {reason_code::success};
  EXPECT_EQ(answer(std::make_unique<suback>(granted)), std::nullopt);
  EXPECT_THAT(diary_.granted_, ElementsAre(reason_code::success));
}

TEST_P(DialogueTest, PingsWhenItHasBeenSilentAndMissesTheAnswer) {
  let_in();
  EXPECT_EQ(client_.next_tick(), start + 10s);
  EXPECT_EQ(client_.tick(start + 9s), std::nullopt);
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_EQ(client_.tick(start + 10s), std::nullopt);
  const auto packets = sent();
  ASSERT_THAT(packets, SizeIs(1));
  EXPECT_TRUE(std::holds_alternative<pingreq>(packets[0]));
  client_.sent(start + 10s);
  EXPECT_EQ(client_.tick(start + 19s), std::nullopt);
  EXPECT_EQ(client_.tick(start + 20s).value().code, exit_code::unreachable);
}

TEST_P(DialogueTest, APingThatIsAnsweredIsForgotten) {
  let_in();
  EXPECT_EQ(client_.tick(start + 10s), std::nullopt);
  client_.sent(start + 10s);
  EXPECT_EQ(answer(pingresp{}), std::nullopt);
  EXPECT_EQ(client_.next_tick(), start + 20s);
  EXPECT_EQ(client_.tick(start + 20s), std::nullopt);
}

TEST_P(DialogueTest, SendingPutsThePingOff) {
  let_in();
  client_.sent(start + 8s);
  EXPECT_EQ(client_.next_tick(), start + 18s);
}

TEST_P(DialogueTest, EndsWithDisconnect) {
  let_in();
  client_.disconnect();
  EXPECT_TRUE(std::holds_alternative<std::unique_ptr<disconnect>>(sent().at(0)));
}

/// What only MQTT 5.0 has.
class DialogueV5Test : public DialogueTest {};

INSTANTIATE_TEST_SUITE_P(EachVersion, DialogueV5Test, testing::Values(version::mqtt_5_0));

TEST_P(DialogueV5Test, ARefusedPubrecEndsTheExchange) {
  let_in();
  EXPECT_EQ(client_.publish(message_at(qos::exactly_once)), std::nullopt);
  sent();
  EXPECT_EQ(
    answer(acknowledgement{ack_type::pubrec, 1, reason_code::quota_exceeded}), std::nullopt);
  EXPECT_TRUE(client_.idle());
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_THAT(diary_.acknowledged_, ElementsAre(reason_code::quota_exceeded));
}

TEST_P(DialogueV5Test, KeepsToTheReceiveMaximum) {
  connack limits;
  limits.receive_maximum = 2;
  let_in(limits);
  EXPECT_EQ(client_.room(), 2U);
  EXPECT_EQ(client_.publish(message_at(qos::at_least_once)), std::nullopt);
  EXPECT_EQ(client_.publish(message_at(qos::exactly_once)), std::nullopt);
  EXPECT_EQ(client_.room(), 0U);
  EXPECT_EQ(answer(acknowledgement{ack_type::puback, 1, {}}), std::nullopt);
  EXPECT_EQ(client_.room(), 1U);
}

TEST_P(DialogueV5Test, SendsNothingThatTheBrokerSaidItWouldNotTake) {
  connack limits;
  limits.maximum_qos = qos::at_least_once;
  limits.retain_available = false;
  limits.maximum_packet_size = 20;
  let_in(limits);
  EXPECT_THAT(client_.publish(message_at(qos::exactly_once)).value().text, HasSubstr("QoS 1"));
  auto message = message_at(qos::at_most_once);
  message.retain = true;
  EXPECT_THAT(client_.publish(message).value().text, HasSubstr("retain"));
  message.retain = false;
  message.topic_alias = 1;
  EXPECT_THAT(client_.publish(message).value().text, HasSubstr("topic aliases up to 0"));
  message.topic_alias = 0;
  message.payload = "that is too long a payload";
  EXPECT_THAT(client_.publish(message).value().text, HasSubstr("limit is 20"));
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_TRUE(client_.idle()) << "what is refused leaves nothing behind";
}

TEST_P(DialogueV5Test, FollowsTheServersKeepAlive) {
  connack limits;
  limits.server_keep_alive = 3;
  let_in(limits);
  EXPECT_EQ(client_.next_tick(), start + 3s);
}

TEST_P(DialogueV5Test, ReadsTopicAliases) {
  let_in();
  std::string bytes;
  auto message = message_at(qos::at_most_once);
  message.topic_alias = 2;
  encode_publish(bytes, GetParam(), message);
  message.topic = {};
  encode_publish(bytes, GetParam(), message);
  EXPECT_EQ(client_.take(bytes), std::nullopt);
  EXPECT_THAT(diary_.heard_, ElementsAre("t=p", "t=p"));
}

TEST_P(DialogueV5Test, TheBrokersFarewellSaysWhy) {
  let_in();
  disconnect farewell;
  farewell.code = reason_code::server_shutting_down;
  farewell.reason_string = "back soon";
  const auto wrong = answer(std::make_unique<disconnect>(farewell));
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->code, exit_code::try_again);
  EXPECT_THAT(wrong->text, HasSubstr("server shutting down (back soon)"));
}

TEST_P(DialogueV5Test, ExtendedAuthenticationIsBeyondIt) {
  client_.open(start);
  auth demand;
  demand.code = reason_code::continue_authentication;
  demand.authentication_method = "m";
  EXPECT_EQ(answer(std::make_unique<auth>(demand)).value().code, exit_code::not_authorised);
}

} // namespace
} // namespace callboard::app::client
