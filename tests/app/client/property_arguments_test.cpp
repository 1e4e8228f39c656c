#include "app/client/property_arguments.hpp"

#include <array>
#include <gmock/gmock.h>

namespace callboard::app::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr std::array<std::string_view, 6> all{
  "connect", "publish", "will", "subscribe", "unsubscribe", "disconnect"};

property_arguments read(arguments given) {
  property_arguments into;
  EXPECT_EQ(take_properties(given, all, into), std::nullopt);
  EXPECT_THAT(given, testing::IsEmpty());
  return into;
}

std::string refused(arguments given) {
  property_arguments into;
  return take_properties(given, all, into).value_or("");
}

TEST(PropertyArguments, AreTakenOutFromAmongTheOthers) {
  arguments given{"-t", "a", "-D", "publish", "content-type", "x", "-m", "b", "--property",
    "publish", "user-property", "k", "v", "-r"};
  property_arguments into;
  EXPECT_EQ(take_properties(given, all, into), std::nullopt);
  EXPECT_THAT(given, ElementsAre("-t", "a", "-m", "b", "-r"));
  EXPECT_TRUE(into.given);
  EXPECT_EQ(into.publish.properties.content_type, "x");
  EXPECT_THAT(into.publish.properties.user_properties, ElementsAre(Pair("k", "v")));
}

TEST(PropertyArguments, AreNotGivenWhenThereAreNone) {
  EXPECT_FALSE(read({}).given);
}

TEST(PropertyArguments, EachGoesToItsPacket) {
  EXPECT_EQ(read({"-D", "connect", "maximum-packet-size", "9"}).connect.maximum_packet_size, 9U);
  const auto limited = read({"-D", "connect", "receive-maximum", "9"}).connect;
  EXPECT_EQ(limited.receive_maximum, 9);
  EXPECT_TRUE(limited.receive_maximum_given);
  EXPECT_FALSE(read({"-D", "connect", "request-problem-information", "0"})
                 .connect.request_problem_information);
  EXPECT_TRUE(read({"-D", "connect", "request-response-information", "1"})
                .connect.request_response_information);
  EXPECT_EQ(
    read({"-D", "connect", "session-expiry-interval", "9"}).connect.session_expiry_interval, 9U);
  EXPECT_EQ(read({"-D", "connect", "topic-alias-maximum", "9"}).connect.topic_alias_maximum, 9);
  EXPECT_EQ(read({"-D", "publish", "topic-alias", "9"}).topic_alias, 9);
  EXPECT_EQ(
    read({"-D", "publish", "message-expiry-interval", "9"}).publish.message_expiry_interval, 9U);
  EXPECT_EQ(
    read({"-D", "publish", "payload-format-indicator", "1"}).publish.properties.payload_is_utf8,
    true);
  EXPECT_EQ(read({"-D", "publish", "response-topic", "r"}).publish.properties.response_topic, "r");
  EXPECT_EQ(read({"-D", "publish", "correlation-data", "\xFF"}).publish.properties.correlation_data,
    "\xFF");
  EXPECT_EQ(read({"-D", "will", "will-delay-interval", "9"}).will_delay_interval, 9U);
  EXPECT_EQ(read({"-D", "will", "content-type", "x"}).will.properties.content_type, "x");
  EXPECT_EQ(read({"-D", "subscribe", "subscription-identifier", "9"}).subscription_identifier, 9U);
  EXPECT_THAT(
    read({"-D", "subscribe", "user-property", "k", "v"}).subscribe, ElementsAre(Pair("k", "v")));
  EXPECT_THAT(read({"-D", "unsubscribe", "user-property", "k", "v"}).unsubscribe,
    ElementsAre(Pair("k", "v")));
  EXPECT_EQ(
    read({"-D", "disconnect", "session-expiry-interval", "9"}).disconnect.session_expiry_interval,
    9U);
}

TEST(PropertyArguments, SuggestWhatWasMeant) {
  EXPECT_THAT(refused({"-D", "publsh", "content-type", "x"}), HasSubstr("did you mean publish?"));
  EXPECT_THAT(
    refused({"-D", "publish", "contenttype", "x"}), HasSubstr("did you mean content-type?"));
  EXPECT_THAT(refused({"-D", "subscribe", "colour", "x"}), HasSubstr("subscription-identifier"));
}

TEST(PropertyArguments, BelongToWhatTheVerbSends) {
  arguments given{"-D", "publish", "content-type", "x"};
  property_arguments into;
  constexpr std::array<std::string_view, 1> only{"subscribe"};
  EXPECT_THAT(take_properties(given, only, into).value_or(""), HasSubstr("subscribe"));
}

TEST(PropertyArguments, RefuseValuesThatMqttDoesNotHave) {
  for (const arguments& given : {arguments{"-D", "publish", "topic-alias", "0"},
         arguments{"-D", "publish", "topic-alias", "65536"},
         arguments{"-D", "publish", "message-expiry-interval", "-1"},
         arguments{"-D", "publish", "message-expiry-interval", "4294967296"},
         arguments{"-D", "publish", "payload-format-indicator", "2"},
         arguments{"-D", "publish", "content-type", "\xFF"},
         arguments{"-D", "publish", "content-type", std::string(65'536, 'x')},
         arguments{"-D", "publish", "correlation-data", std::string(65'536, 'x')},
         arguments{"-D", "publish", "user-property", "k", "\xFF"},
         arguments{"-D", "connect", "receive-maximum", "0"},
         arguments{"-D", "connect", "receive-maximum", "9x"},
         arguments{"-D", "subscribe", "subscription-identifier", "268435456"}})
    EXPECT_NE(refused(given), "") << given[2] << " " << given[3].substr(0, 20);
}

TEST(PropertyArguments, NeedTheirValues) {
  EXPECT_NE(refused({"-D"}), "");
  EXPECT_NE(refused({"-D", "publish", "content-type"}), "");
  EXPECT_NE(refused({"-D", "publish", "user-property", "k"}), "");
}

} // namespace
} // namespace callboard::app::client
