#include "tests/conformance/edge_test.hpp"

#include <map>
#include <set>

// Properties: which packet may have which, how often and with what value.

namespace callboard::conformance {

namespace {

using EdgeProperty = EdgeTest;

/// Every property of the standard with a good value, by its identifier.
const std::map<unsigned, bytes>& all_properties() {
  static const std::map<unsigned, bytes> all{{0x01, payload_format_indicator(1)},
    {0x02, message_expiry_interval(60)}, {0x03, content_type("x")}, {0x08, response_topic("x")},
    {0x09, correlation_data("x")}, {0x0B, subscription_identifier(1)},
    {0x11, session_expiry_interval(60)}, {0x12, u8(0x12) + field("x")}, {0x13, "13 003C"_hex},
    {0x15, authentication_method("x")}, {0x16, authentication_data("x")},
    {0x17, request_problem_information(1)}, {0x18, will_delay_interval(1)},
    {0x19, request_response_information(1)}, {0x1A, u8(0x1A) + field("x")},
    {0x1C, u8(0x1C) + field("x")}, {0x1F, reason_string("x")}, {0x21, receive_maximum(10)},
    {0x22, topic_alias_maximum(10)}, {0x23, topic_alias(1)}, {0x24, "24 01"_hex},
    {0x25, "25 01"_hex}, {0x26, user_property("k", "v")}, {0x27, maximum_packet_size(1000)},
    {0x28, "28 01"_hex}, {0x29, "29 01"_hex}, {0x2A, "2A 01"_hex}};
  return all;
}

/// Properties of which there must be no second one in the same packet.
const std::vector<bytes>& of_connect() {
  static const std::vector<bytes> all{session_expiry_interval(1), receive_maximum(9),
    maximum_packet_size(999), topic_alias_maximum(9), request_response_information(1),
    request_problem_information(1), authentication_method("x")};
  return all;
}

bytes connect_with(std::string_view properties) {
  return connect_packet(v5, {.client_id = "bad", .properties = bytes{properties}});
}

bytes connect_with_will(std::string_view properties) {
  return connect_packet(
    v5, {.client_id = "bad", .will = will_options{.properties = bytes{properties}}});
}

bytes publish_with(std::string_view properties) {
  return publish_packet(v5, {.properties = bytes{properties}});
}

bytes ack_with(unsigned first, std::string_view properties) {
  return packet(first,
    "0001 00"_hex + variable(static_cast<std::uint32_t>(properties.size())) + bytes{properties});
}

TEST_F(EdgeProperty, NoPropertyOfConnectComesTwice) {
  STATEMENT("E34");
  std::vector<bytes> connects;
  for (const auto& property : of_connect())
    connects.push_back(connect_with(property + property));
  connects.push_back(connect_with(session_expiry_interval(1) + receive_maximum(9) +
                                  user_property("k", "v") + session_expiry_interval(2)));
  connects.push_back(
    connect_with(authentication_method("x") + authentication_data("y") + authentication_data("y")));
  each_is_refused(v5, connects, {0x82});
}

TEST_F(EdgeProperty, NoPropertyOfAWillComesTwice) {
  STATEMENT("E34");
  std::vector<bytes> connects;
  for (const unsigned id : {0x01U, 0x02U, 0x03U, 0x08U, 0x09U, 0x18U})
    connects.push_back(connect_with_will(all_properties().at(id) + all_properties().at(id)));
  each_is_refused(v5, connects, {0x82});
}

TEST_F(EdgeProperty, NoPropertyOfOtherPacketsComesTwice) {
  STATEMENT("E34");
  std::vector<bytes> packets;
  for (const unsigned id : {0x01U, 0x02U, 0x03U, 0x08U, 0x09U, 0x23U})
    packets.push_back(publish_with(all_properties().at(id) + all_properties().at(id)));
  const auto why = reason_string("x") + reason_string("x");
  for (const unsigned first : {0x40U, 0x50U, 0x62U, 0x70U})
    packets.push_back(ack_with(first, why));
  packets.push_back(disconnect_packet(4, why));
  packets.push_back(disconnect_packet(0, session_expiry_interval(0) + session_expiry_interval(0)));
  packets.push_back(
    subscribe_packet(v5, 1, {{}}, subscription_identifier(1) + subscription_identifier(2)));
  each_ends(v5, packets, {0x82});
}

TEST_F(EdgeProperty, UserPropertiesComeAsOftenAsTheyLike) {
  STATEMENT("E34");
  const auto twice = user_property("k", "v") + user_property("k", "v");
  each_is_taken(v5, {publish_with(twice), subscribe_packet(v5, 1, {{}}, twice),
                      unsubscribe_packet(v5, 1, {"t"}, twice), ack_with(0x40, twice)});
  connect({.properties = twice, .will = will_options{.properties = twice}}).disconnect(0, twice);
}

TEST_F(EdgeProperty, ConnectRefusesThePropertiesOfOtherPackets) {
  STATEMENT("E34");
  const std::set<unsigned> known{0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27};
  std::vector<bytes> connects;
  for (const auto& [id, property] : all_properties())
    if (!known.contains(id))
      connects.push_back(connect_with(property));
  each_is_refused(v5, connects, {0x81, 0x82});
}

TEST_F(EdgeProperty, WillRefusesThePropertiesOfOtherPackets) {
  STATEMENT("E34");
  const std::set<unsigned> known{0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26};
  std::vector<bytes> connects;
  for (const auto& [id, property] : all_properties())
    if (!known.contains(id))
      connects.push_back(connect_with_will(property));
  each_is_refused(v5, connects, {0x81, 0x82});
}

TEST_F(EdgeProperty, PublishRefusesThePropertiesOfOtherPackets) {
  STATEMENT("E34");
  const std::set<unsigned> known{0x01, 0x02, 0x03, 0x08, 0x09, 0x23, 0x26};
  std::vector<bytes> packets;
  for (const auto& [id, property] : all_properties())
    if (!known.contains(id))
      packets.push_back(publish_with(property));
  each_ends(v5, packets, {0x81, 0x82});
}

TEST_F(EdgeProperty, SubscribeAndUnsubscribeRefuseThePropertiesOfOtherPackets) {
  STATEMENT("E34");
  std::vector<bytes> packets;
  for (const auto& [id, property] : all_properties()) {
    if (id == 0x26)
      continue;
    packets.push_back(unsubscribe_packet(v5, 1, {"t"}, property));
    if (id != 0x0B)
      packets.push_back(subscribe_packet(v5, 1, {{}}, property));
  }
  each_ends(v5, packets, {0x81, 0x82});
}

TEST_F(EdgeProperty, AcknowledgementsRefuseThePropertiesOfOtherPackets) {
  STATEMENT("E34");
  std::vector<bytes> packets;
  for (const auto& [id, property] : all_properties())
    if (id != 0x1F && id != 0x26)
      for (const unsigned first : {0x40U, 0x50U, 0x62U, 0x70U})
        packets.push_back(ack_with(first, property));
  each_ends(v5, packets, {0x81, 0x82});
}

TEST_F(EdgeProperty, DisconnectRefusesThePropertiesOfOtherPackets) {
  STATEMENT("E34");
  auto watcher = subscriber("watcher", "will");
  for (const auto& [id, property] : all_properties()) {
    if (id == 0x11 || id == 0x1F || id == 0x26)
      continue;
    auto talker = connect({.client_id = "talker", .will = will_options{}});
    talker.send(disconnect_packet(0, property));
    talker.expect_closed({0x81, 0x82});
    watcher.expect_publish("will", "gone"); // so it was no goodbye
  }
}

TEST_F(EdgeProperty, UnknownIdentifiersAreMalformed) {
  STATEMENT("E34");
  std::vector<bytes> packets;
  std::vector<bytes> connects;
  for (const auto& unknown : {"00 00"_hex, "04 00"_hex, "07 00"_hex, "0A 00"_hex, "10 00"_hex,
         "14 00"_hex, "1B 00"_hex, "2B 00"_hex, "7F 00"_hex, "80 01 00"_hex, "FF FF FF 7F 00"_hex,
         "FF FF FF FF 7F"_hex, "81 00 00"_hex /* 0x01, overlong */}) {
    packets.push_back(publish_with(unknown));
    packets.push_back(subscribe_packet(v5, 1, {{}}, unknown));
    packets.push_back(ack_with(0x40, unknown));
    connects.push_back(connect_with(unknown));
    connects.push_back(connect_with_will(unknown));
  }
  each_ends(v5, packets, {0x81});
  each_is_refused(v5, connects, {0x81});
}

TEST_F(EdgeProperty, LimitsOfZeroAreProtocolErrors) {
  STATEMENT("E35");
  each_is_refused(v5,
    {connect_with(receive_maximum(0)), connect_with(maximum_packet_size(0)),
      connect_with(receive_maximum(0) + maximum_packet_size(0))},
    {0x82});
}

TEST_F(EdgeProperty, LimitsOfOneAreObeyed) {
  STATEMENT("E35");
  auto narrow = connect({.client_id = "narrow", .properties = receive_maximum(1)});
  narrow.subscribe("t", 1);
  auto publisher = client("p");
  publisher.publish({.payload = "1", .qos = 1});
  publisher.publish({.payload = "2", .qos = 1});
  const auto first = narrow.expect_publish("t", "1");
  narrow.expect_silence();
  narrow.acknowledge(first);
  narrow.receive_message("t", "2");
}

TEST_F(EdgeProperty, ClientThatTakesNoPacketAtAllHarmsNobody) {
  STATEMENT("E35", "E70");
  for (const std::uint32_t size : {1U, 2U, 4U}) {
    auto tiny = dial();
    tiny.send(connect_packet(v5, {.client_id = "tiny", .properties = maximum_packet_size(size)}) +
              subscribe_packet(v5, 1, {{"t", 0}}));
    auto publisher = client("p");
    publisher.publish({.qos = 1});
    publisher.ping();
    bytes answer;
    tiny.stream().read(answer, std::chrono::steady_clock::now() + moment);
    EXPECT_EQ(answer, "") << "no packet of the server is so small";
  }
}

TEST_F(EdgeProperty, BooleansAreZeroOrOne) {
  STATEMENT("E36");
  for (const unsigned value : {2U, 0x7FU, 0xFFU})
    each_is_refused(v5,
      {connect_with(request_problem_information(value)),
        connect_with(request_response_information(value))},
      {0x82});
  for (const unsigned value : {0U, 1U})
    connect(
      {.properties = request_problem_information(value) + request_response_information(value)})
      .ping();
}

TEST_F(EdgeProperty, AuthenticationDataNeedsAMethod) {
  STATEMENT("E37");
  each_is_refused(
    v5, {connect_with(authentication_data("x")), connect_with(authentication_data(""))}, {0x82});
}

TEST_F(EdgeProperty, UnknownAuthenticationMethodIsRefused) {
  STATEMENT("E37");
  each_is_refused(v5,
    {connect_with(authentication_method("nobody has this")),
      connect_with(authentication_method("")),
      connect_with(authentication_method("nobody has this") + authentication_data("00 01"_hex)),
      connect_with(authentication_data("x") + authentication_method("nobody has this"))},
    {0x87, 0x8C});
}

} // namespace

} // namespace callboard::conformance
