#include "tests/conformance/edge_test.hpp"

// AUTH from clients that agreed on no authentication method.

namespace callboard::conformance {

namespace {

using EdgeAuth = EdgeTest;

TEST_F(EdgeAuth, AuthWithoutAMethodInConnectIsAProtocolError) {
  STATEMENT("E101");
  each_ends(v5,
    {"F0 00"_hex, auth_packet(0x18, authentication_method("x")),
      auth_packet(0x19, authentication_method("x")),
      auth_packet(0x19, authentication_method("x") + authentication_data("y")),
      auth_packet(0x00, authentication_method("x")), auth_packet(0x18), auth_packet(0x19)},
    {0x82});
}

TEST_F(EdgeAuth, AuthWithoutAMethodSendsTheWill) {
  STATEMENT("E101");
  auto watcher = subscriber("watcher", "will");
  auto talker = connect({.client_id = "talker", .will = will_options{}});
  talker.send(auth_packet(0x19, authentication_method("x")));
  talker.expect_closed({0x82});
  watcher.expect_publish("will", "gone");
}

TEST_F(EdgeAuth, AuthRightBehindConnectIsNoExchangeEither) {
  STATEMENT("E101");
  auto talker = dial();
  talker.send(C5() + auth_packet(0x18, authentication_method("x")));
  const auto first = talker.receive();
  EXPECT_EQ(first.type, packet_type::connack);
  if (first.reason == 0)
    talker.expect_closed({0x82});
}

TEST_F(EdgeAuth, UndefinedCodesAndReservedFlagsEndTheConnection) {
  STATEMENT("E101", "E49");
  each_ends(v5,
    {auth_packet(0x01, authentication_method("x")), auth_packet(0x87, authentication_method("x")),
      "F1 00"_hex, "F2 02 18 00"_hex},
    {0x81, 0x82});
}

TEST_F(EdgeAuth, OlderClientsHaveNoAuth) {
  STATEMENT("E101", "E08");
  for (const auto version : versions_before_5)
    each_ends(version, {"F0 00"_hex, auth_packet(0x18, authentication_method("x"))});
}

TEST_F(EdgeAuth, ServerNamesNoMethodToThoseWhoNamedNone) {
  STATEMENT("E101");
  auto talker = dial();
  const auto connack = talker.connect({.user_name = "user", .password = "secret"});
  EXPECT_FALSE(connack.has(property_id::authentication_method));
  EXPECT_FALSE(connack.has(property_id::authentication_data));
  talker.subscribe("t", 1);
  talker.publish({.qos = 1});
  talker.receive_message("t", "m");
  talker.expect_silence(); // no AUTH either
}

TEST_F(EdgeAuth, ConnectThatNamesAMethodGetsNoConnectionWithoutIt) {
  STATEMENT("E101", "E37");
  auto talker = dial();
  talker.send(
    connect_packet(v5, {.properties = authentication_method("nobody has this")}) +
    auth_packet(0x18, authentication_method("nobody has this") + authentication_data("x")) +
    pingreq());
  talker.expect_refused({0x87, 0x8C});
}

} // namespace

} // namespace callboard::conformance
