#include "protocol/codec/message_properties.hpp"

#include "tests/protocol/codec/bytes.hpp"

#include <gmock/gmock.h>

#include <string>

namespace callboard::protocol {

namespace {

using testing::bytes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::packet_bytes;
using ::testing::Pair;

} // namespace

TEST(MessageProperties, AreWrittenInOrder) {
  message_properties properties;
  properties.payload_is_utf8 = true;
  properties.content_type = "c";
  properties.response_topic = "r";
  properties.correlation_data = bytes("00FF");
  properties.user_properties = {{"b", "1"}, {"a", ""}, {"b", "1"}};
  EXPECT_EQ(encode(properties),
    bytes(R"(01 01 03 "c" 08 "r" 09 0002 00FF 26 "b" "1" 26 "a" "" 26 "b" "1")"));
  EXPECT_EQ(encode(message_properties{}), "");
}

TEST(MessageProperties, AreReadInAnyOrder) {
  const auto read =
    decode_message_properties(bytes(R"(26 "b" "1" 01 00 08 "r" 26 "a" "" 09 "" 03 "c")"));
  EXPECT_EQ(read.payload_is_utf8, false);
  EXPECT_EQ(read.content_type, "c");
  EXPECT_EQ(read.response_topic, "r");
  EXPECT_EQ(read.correlation_data, "");
  EXPECT_THAT(read.user_properties, ElementsAre(Pair("b", "1"), Pair("a", "")));
}

TEST(MessageProperties, AreReadUpToAFault) {
  const auto read = decode_message_properties(bytes(R"(03 "c" 01 07 08 "r")"));
  EXPECT_EQ(read.content_type, "c");
  EXPECT_FALSE(read.payload_is_utf8);
  EXPECT_FALSE(read.response_topic);
}

TEST(MessageProperties, LeaveSubscriptionIdentifiersToTheirOwnReader) { // MQTT5-3.3.4-3
  EXPECT_THAT(
    subscription_identifiers(packet_bytes(R"(30 "t" {0B 05 26 "k" "v" 0B FFFFFF7F 0B 05} 'x')")),
    ElementsAre(5, 268'435'455, 5));
  EXPECT_THAT(subscription_identifiers(packet_bytes(R"(32 "t" 0001 {0B 07})")), ElementsAre(7));
  EXPECT_THAT(subscription_identifiers(packet_bytes(R"(30 "t" {})")), IsEmpty());
  EXPECT_THAT(subscription_identifiers(""), IsEmpty());
}

} // namespace callboard::protocol
