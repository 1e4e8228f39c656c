#include "app/client/message_format.hpp"

#include "protocol/codec/message_properties.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace callboard::app::client {
namespace {

using protocol::version;

constexpr wall_time came_at{std::chrono::milliseconds{1'470'818'943'786}};

std::string print(std::string_view format, const protocol::publication& message) {
  EXPECT_EQ(check_format(format), std::nullopt);
  return apply_format(format, message, version::mqtt_5_0, came_at);
}

protocol::publication message_with(std::string_view payload) {
  protocol::publication message;
  message.topic = "a/b";
  message.payload = payload;
  message.qos = protocol::qos::at_least_once;
  message.packet_id = 7;
  message.retain = true;
  return message;
}

TEST(MessageFormat, PrintsWhatTheLettersStandFor) {
  EXPECT_EQ(print("%t %p %l %q %r %m 100%%", message_with("hi")), "a/b hi 2 1 1 7 100%");
  EXPECT_EQ(print("%x %X", message_with("\x01\xAB")), "01ab 01AB");
}

TEST(MessageFormat, PrintsTheTime) {
  EXPECT_EQ(print("%U", message_with("")), "1470818943.786000000");
  EXPECT_EQ(print("%I", message_with("")).substr(0, 8), "2016-08-");
}

TEST(MessageFormat, PrintsPropertiesOfMqtt5) {
  protocol::message_properties properties;
  properties.content_type = "text";
  properties.correlation_data = "id";
  properties.response_topic = "r/t";
  properties.payload_is_utf8 = true;
  properties.user_properties = {{"k", "v"}, {"k", "w"}};
  const auto encoded = encode(properties);
  auto message = message_with("");
  message.properties = encoded;
  message.topic_alias = 3;
  message.message_expiry_interval = 60;
  EXPECT_EQ(print("%A %C %D %E %F %P %R", message), "3 text id 60 1 k:v k:w r/t");
  EXPECT_EQ(apply_format("[%C%D%R%P%S]", message, version::mqtt_3_1_1, came_at), "[]");
}

TEST(MessageFormat, PropertiesThatAreNotThereArePrintedAsNothing) {
  EXPECT_EQ(print("[%A%C%D%E%F%P%R]", message_with("")), "[]");
}

TEST(MessageFormat, KnowsCharactersAsInC) {
  const std::string expected{"\0\a\x1B\n\r\t\v\\", 8};
  EXPECT_EQ(print(R"(\0\a\e\n\r\t\v\\)", message_with("")), expected);
}

TEST(MessageFormat, RefusesWhatItDoesNotKnow) {
  for (const auto* format : {"%", "%z", "%t %", "\\", "\\q"})
    EXPECT_NE(check_format(format), std::nullopt) << format;
}

TEST(MessageFormat, JsonHasTheKeysOfMosquittoSub) {
  auto message = message_with("he\"llo\n");
  const auto text = print("%j", message);
  const auto parsed = nlohmann::ordered_json::parse(text);
  std::vector<std::string> keys;
  for (const auto& [key, value] : parsed.items())
    keys.push_back(key);
  EXPECT_EQ(keys,
    (std::vector<std::string>{"tst", "topic", "qos", "retain", "payloadlen", "mid", "payload"}));
  EXPECT_EQ(parsed["payload"], "he\"llo\n");
  EXPECT_EQ(parsed["qos"], 1);
  EXPECT_EQ(parsed["retain"], 1);
  EXPECT_EQ(parsed["mid"], 7);
}

TEST(MessageFormat, JsonStaysJsonWhateverThePayload) {
  EXPECT_EQ(nlohmann::json::parse(print("%j", message_with("\xFF")))["payload"], "\uFFFD");
  EXPECT_TRUE(nlohmann::json::parse(print("%j", message_with("")))["payload"].is_null());
}

} // namespace
} // namespace callboard::app::client
