#include "protocol/codec/decode.hpp"
#include "protocol/codec/encode.hpp"
#include "tests/protocol/codec/bytes.hpp"

#include <gmock/gmock.h>

#include <array>
#include <string>

namespace callboard::protocol {

namespace {

using testing::bytes;
using testing::fault_in;
using testing::frame_of;
using testing::mp;
using testing::packet_bytes;
using testing::pe;
using testing::refused;
using testing::v31;
using testing::v311;
using testing::v5;

/// A decoded PUBLISH and all that it looks into.
class read_publish {
public:
  read_publish(const char* text, version version, sender from = sender::client)
      : bytes_{packet_bytes(text)}, read_{decode_publish(frame_of(bytes_), version, from, rest_)} {}

  const publication* operator->() const { return read_.operator->(); }
  const std::string& bytes() const { return bytes_; }

  /// Whether the properties were copied.
  bool copied() const { return !rest_.empty(); }

private:
  std::string bytes_;
  arena rest_;
  expected<publication, error> read_;
};

std::string encoded(version version, const outgoing_publication& publication) {
  std::string out = "before";
  EXPECT_TRUE(encode_publish(out, version, publication));
  EXPECT_EQ(out.size() - 6, publish_size(version, publication));
  return out.substr(6);
}

constexpr auto always_refused = std::to_array<refused>({
  {"QoS 3, MQTT5-3.3.1-4, MQTT311-3.3.1-4, E09", R"(36 "t" 0001 {})", mp},
  {"DUP with QoS 0, MQTT5-3.3.1-2, MQTT311-3.3.1-2, E10", R"(38 "t" {})", mp},
  {"id 0, MQTT5-2.2.1-3, MQTT311-2.3.1-1, E11", R"(32 "t" 0000 {})", pe},
  {"id 0 at QoS 2", R"(34 "t" 0000 {})", pe},
  {"wildcard +, MQTT5-3.3.2-2, MQTT311-3.3.2-2, E57", R"(30 "a/+/b" {})", mp},
  {"wildcard #, MQTT5-4.7.0-1, MQTT311-4.7.1-1", R"(30 "a/#" {})", mp},
  {"no topic", "30", mp},
  {"half a topic length", "30 00", mp},
  {"topic beyond the packet, MQTT5-3.3.2-1, MQTT311-3.3.2-1, E06", "30 00FF 616263", mp},
  {"surrogate, MQTT5-1.5.4-1, MQTT311-1.5.3-1, E15", "30 0003 EDA080 {}", mp},
  {"U+0000, MQTT5-1.5.4-2, MQTT311-1.5.3-2, E16", "30 0003 610062 {}", mp},
  {"overlong, E17", "30 0002 C0AF {}", mp},
  {"above U+10FFFF, E17", "30 0004 F4908080 {}", mp},
  {"cut-off character", "30 0002 E282 {}", mp},
  {"no packet identifier", R"(32 "t")", mp},
  {"half a packet identifier", R"(32 "t" 00)", mp},
});

constexpr auto refused_in_5 = std::to_array<refused>({
  {"empty topic without alias, MQTT5-4.7.3-1, E58", R"(30 "" {})", pe},
  {"empty topic, other property", R"(30 "" {02 00000001})", pe},
  {"no property length, MQTT5-2.2.2-1", R"(30 "t")", mp},
  {"property length 80 00, MQTT5-1.5.5-1, E01", R"(30 "t" 8000)", mp},
  {"property length of five bytes", R"(30 "t" 8080808001)", mp},
  {"property length beyond the packet, E06", R"(30 "t" 05 0101)", mp},
  {"property cut in the middle, E06", R"(30 "t" {02 0000})", mp},
  {"identifier without value", R"(30 "t" {01})", mp},
  {"unknown property, E34", R"(30 "t" {00})", mp},
  {"unknown property", R"(30 "t" {04 00})", mp},
  {"unknown property", R"(30 "t" {2B 00})", mp},
  {"property identifier of two bytes", R"(30 "t" {8101 00})", mp},
  {"property identifier with too many bytes, E01", R"(30 "t" {8100 00})", mp},
  {"property of CONNECT, E34", R"(30 "t" {11 00000001})", mp},
  {"property of SUBACK", R"(30 "t" {1F "x"})", mp},
  {"property of the will", R"(30 "t" {18 00000001})", mp},
  {"payload format indicator twice, E34", R"(30 "t" {0101 0101})", pe},
  {"expiry twice", R"(30 "t" {02 00000001 02 00000001})", pe},
  {"content type twice", R"(30 "t" {03 "a" 03 "a"})", pe},
  {"response topic twice", R"(30 "t" {08 "a" 08 "a"})", pe},
  {"correlation data twice", R"(30 "t" {09 "a" 09 "a"})", pe},
  {"alias twice", R"(30 "t" {23 0001 23 0001})", pe},
  {"payload format indicator 2, E65", R"(30 "t" {01 02})", pe},
  {"alias 0, MQTT5-3.3.2-8, E59", R"(30 "t" {23 0000})", reason_code::topic_alias_invalid},
  {"response topic with #, MQTT5-3.3.2-14, E64", R"(30 "t" {08 "a/#"})", pe},
  {"response topic with +", R"(30 "t" {08 "+"})", pe},
  {"empty response topic, E64", R"(30 "t" {08 ""})", pe},
  {"response topic not UTF-8, MQTT5-3.3.2-13", R"(30 "t" {08 0003 EDA080})", mp},
  {"content type not UTF-8, MQTT5-3.3.2-19, E22", R"(30 "t" {03 0002 C328})", mp},
  {"user property's key not UTF-8, MQTT5-1.5.7-1, E22", R"(30 "t" {26 0003 EDA080 "v"})", mp},
  {"user property's value with U+0000", R"(30 "t" {26 "k" 0001 00})", mp},
  {"user property without value", R"(30 "t" {26 "k"})", mp},
  {"wildcard in a topic with an alias", R"(30 "#" {23 0001})", mp},
});

} // namespace

TEST(PublishDecoding, RefusesWhatNoVersionAllows) {
  for (const auto& [why, text, code] : always_refused)
    for (const auto version : {v31, v311, v5})
      EXPECT_EQ(fault_in(text, version), code) << why;
}

TEST(PublishDecoding, RefusesWhatMqtt5DoesNotAllow) {
  for (const auto& [why, text, code] : refused_in_5)
    EXPECT_EQ(fault_in(text, v5), code) << why;
}

TEST(PublishDecoding, RefusesAnEmptyTopicBefore5) { // E58, MQTT311-4.7.3-1
  EXPECT_EQ(fault_in(R"(30 "")", v311), mp);
  EXPECT_EQ(fault_in(R"(30 "" 'x')", v31), mp);
}

TEST(PublishDecoding, RefusesASubscriptionIdentifierFromAClientOnly) { // MQTT5-3.3.4-6, E63
  EXPECT_EQ(fault_in(R"(30 "t" {0B 01})", v5), pe);
  EXPECT_EQ(fault_in(R"(30 "t" {0B 01})", v5, sender::server), std::nullopt);
  EXPECT_EQ(fault_in(R"(30 "t" {0B 01 0B 02})", v5, sender::server), std::nullopt); // E34
  EXPECT_EQ(fault_in(R"(30 "t" {0B 00})", v5, sender::server), pe);                 // E88
  EXPECT_EQ(fault_in(R"(30 "t" {0B 8100})", v5, sender::server), mp);               // E01
}

TEST(PublishDecoding, ReadsFlagsTopicIdAndPayload) {
  const read_publish read{R"(3D "a/b" 1234 'load')", v311};
  EXPECT_EQ(read->qos, qos::exactly_once);
  EXPECT_TRUE(read->dup);
  EXPECT_TRUE(read->retain);
  EXPECT_EQ(read->topic, "a/b");
  EXPECT_EQ(read->packet_id, 0x1234);
  EXPECT_EQ(read->payload, "load");
  EXPECT_EQ(read->properties, "");
  EXPECT_EQ(read->message_expiry_interval, forever);
  EXPECT_EQ(read->packet, read.bytes());
}

TEST(PublishDecoding, ReadsNoPropertiesBefore5) { // MQTT311-2.3.1-5
  for (const auto version : {v31, v311})
    EXPECT_EQ(read_publish(R"(30 "t" 0000)", version)->payload, bytes("0000"));
}

TEST(PublishDecoding, ReadsNoPacketIdentifierAtQos0) { // MQTT5-2.2.1-2
  const read_publish read{R"(30 "t" {} 1234)", v5};
  EXPECT_EQ(read->payload, bytes("1234"));
  EXPECT_EQ(read->packet_id, 0);
}

TEST(PublishDecoding, TakesAnEmptyPayload) {
  EXPECT_EQ(read_publish(R"(31 "t" {})", v5)->payload, "");
  EXPECT_EQ(read_publish(R"(31 "t")", v311)->payload, "");
}

TEST(PublishDecoding, TakesTheLongestTopic) { // E21, MQTT5-4.7.3-3, MQTT311-4.7.3-3
  const auto text = "30 FFFF '" + std::string(65'535, '/') + "' {}";
  EXPECT_EQ(read_publish(text.c_str(), v5)->topic.size(), 65'535);
}

TEST(PublishDecoding, KeepsMessagePropertiesInOrder) { // MQTT5-3.3.2-17, -18, E66
  const auto* properties =
    R"(26 "b" "1" 01 01 26 "a" "2" 03 "text" 08 "r" 09 0002 00FF 26 "b" "1")";
  const read_publish read{(R"(30 "t" {)" + std::string{properties} + "}").c_str(), v5};
  EXPECT_EQ(read->properties, bytes(properties));
  EXPECT_FALSE(read.copied());
}

TEST(PublishDecoding, LeavesOutWhatIsForThisConnectionWithoutCopying) { // E61
  const read_publish front{R"(30 "t" {23 0007 02 0000000A 26 "k" "v"} 'x')", v5};
  EXPECT_EQ(front->properties, bytes(R"(26 "k" "v")"));
  EXPECT_EQ(front->message_expiry_interval, 10);
  EXPECT_EQ(front->topic_alias, 7);
  EXPECT_FALSE(front.copied());
  const read_publish end{R"(30 "t" {01 01 26 "k" "v" 02 00000000 23 FFFF} 'x')", v5};
  EXPECT_EQ(end->properties, bytes(R"(01 01 26 "k" "v")"));
  EXPECT_EQ(end->message_expiry_interval, 0);
  EXPECT_EQ(end->topic_alias, 0xFFFF);
  EXPECT_FALSE(end.copied());
  EXPECT_EQ(end->payload, "x");
}

TEST(PublishDecoding, CopiesMessagePropertiesThatDoNotLieTogether) {
  const read_publish read{R"(30 "t" {26 "a" "1" 23 0001 01 01 02 00000009 26 "a" "2"} 'x')", v5};
  EXPECT_EQ(read->properties, bytes(R"(26 "a" "1" 01 01 26 "a" "2")"));
  EXPECT_TRUE(read.copied());
  EXPECT_EQ(read->payload, "x");
}

TEST(PublishDecoding, LeavesOutSubscriptionIdentifiersFromAServer) {
  const read_publish read{
    R"(30 "t" {0B 01 26 "a" "1" 0B FFFFFF7F 26 "a" "2" 0B 03})", v5, sender::server};
  EXPECT_EQ(read->properties, bytes(R"(26 "a" "1" 26 "a" "2")"));
  EXPECT_FALSE(read->forwardable);
}

TEST(PublishDecoding, LeavesTheTopicOfAnAliasEmpty) {
  const read_publish read{R"(30 "" {23 0007} 'x')", v5};
  EXPECT_EQ(read->topic, "");
  EXPECT_EQ(read->topic_alias, 7);
}

TEST(PublishDecoding, SaysWhichPacketsMayGoOnAsTheyCame) {
  EXPECT_TRUE(read_publish(R"(30 "t" 'x')", v311)->forwardable);
  EXPECT_TRUE(read_publish(R"(30 "t" {} 'x')", v5)->forwardable);
  EXPECT_TRUE(read_publish(R"(30 "t" {26 "k" "v"} 'x')", v5)->forwardable);
  EXPECT_FALSE(read_publish(R"(31 "t" 'x')", v311)->forwardable);
  EXPECT_FALSE(read_publish(R"(32 "t" 0001 'x')", v311)->forwardable);
  EXPECT_FALSE(read_publish(R"(34 "t" 0001 'x')", v311)->forwardable);
  EXPECT_FALSE(read_publish(R"(30 "t" {23 0001} 'x')", v5)->forwardable);
}

TEST(PublishEncoding, WritesEachVersionsBytes) {
  const auto properties = bytes(R"(26 "k" "v")");
  const outgoing_publication publication{.qos = qos::at_least_once,
    .packet_id = 0x1234,
    .topic = "a/b",
    .properties = properties,
    .payload = "load"};
  EXPECT_EQ(encoded(v5, publication), packet_bytes(R"(32 "a/b" 1234 {26 "k" "v"} 'load')"));
  EXPECT_EQ(encoded(v311, publication), packet_bytes(R"(32 "a/b" 1234 'load')"));
  EXPECT_EQ(encoded(v31, publication), packet_bytes(R"(32 "a/b" 1234 'load')"));
}

TEST(PublishEncoding, WritesAPropertyLengthEvenIfThereAreNone) { // MQTT5-2.2.2-1
  EXPECT_EQ(encoded(v5, {.topic = "t"}), packet_bytes(R"(30 "t" 00)"));
}

TEST(PublishEncoding, WritesFlags) {
  EXPECT_EQ(encoded(v311, {.retain = true, .topic = "t"}), packet_bytes(R"(31 "t")"));
  EXPECT_EQ(encoded(v311, {.qos = qos::exactly_once, .dup = true, .packet_id = 1, .topic = "t"}),
    packet_bytes(R"(3C "t" 0001)"));
  EXPECT_EQ(encoded(v311, {.dup = true, .topic = "t"}), packet_bytes(R"(30 "t")"))
    << "DUP stays away from QoS 0 (MQTT5-3.3.1-2)";
}

TEST(PublishEncoding, WritesPropertiesInOrder) {
  const auto properties = bytes(R"(26 "b" "1" 01 01 26 "a" "2")");
  const std::array<std::uint32_t, 2> identifiers{1, 268'435'455};
  const outgoing_publication publication{.message_expiry_interval = 10,
    .topic_alias = 7,
    .subscription_identifiers = identifiers,
    .topic = "t",
    .properties = properties,
    .payload = "x"};
  EXPECT_EQ(encoded(v5, publication),
    packet_bytes(
      R"(30 "t" {23 0007 02 0000000A 26 "b" "1" 01 01 26 "a" "2" 0B 01 0B FFFFFF7F} 'x')"));
}

TEST(PublishEncoding, CountsAPayloadThatIsWrittenElsewhere) {
  const std::string payload(1'000, 'x');
  const outgoing_publication publication{.topic = "t", .payload = payload};
  std::string out;
  EXPECT_TRUE(encode_publish_head(out, v5, publication));
  EXPECT_EQ(out + payload, encoded(v5, publication));
}

TEST(PublishEncoding, FindsTheSizeWhereLengthsGrow) {
  for (const std::size_t size : {0, 121, 122, 123, 124, 16'376, 16'377, 16'378, 16'379, 2'097'150})
    for (const auto version : {v311, v5}) {
      const std::string payload(size, 'x');
      const auto written = encoded(version, {.topic = "t", .payload = payload});
      EXPECT_EQ(next_frame(written).packet_size, written.size());
    }
}

TEST(PublishEncoding, RefusesWhatMqttCannotSay) {
  const std::string large(268'435'455, 'x');
  std::string out;
  EXPECT_FALSE(encode_publish_head(out, v5, {.topic = "t", .payload = large}));
  EXPECT_FALSE(encode_publish_head(out, v5, {.topic = std::string_view{large}.substr(0, 65'536)}));
  EXPECT_EQ(out, "");
  EXPECT_TRUE(encode_publish_head(
    out, v311, {.topic = "t", .payload = std::string_view{large}.substr(0, 268'435'452)}));
  EXPECT_EQ(out, bytes(R"(30 FFFFFF7F "t")"));
}

} // namespace callboard::protocol
