#include "tests/conformance/conformance_test.hpp"

// AUTH as far as it goes with a broker that has no authentication method (MQTT
// 5.0, 3.15 and 4.12).

namespace callboard::conformance {

namespace {

using Mqtt5Auth = ConformanceTest;

TEST_F(Mqtt5Auth, UnknownMethodIsRefused) {
  STATEMENT("MQTT5-4.12.0-1", "MQTT5-3.1.4-2");
  auto any = dial();
  any.send(connect_packet(protocol_version::v5, {.properties = authentication_method("x")}));
  any.expect_refused({0x87, 0x8C});
}

TEST_F(Mqtt5Auth, UnknownMethodWithDataIsRefused) {
  STATEMENT("MQTT5-4.12.0-1");
  auto any = dial();
  any.send(connect_packet(protocol_version::v5,
    {.properties = authentication_method("x") + authentication_data("00 FF"_hex)}));
  any.expect_refused({0x87, 0x8C});
}

TEST_F(Mqtt5Auth, DataWithoutMethodIsAProtocolError) {
  STATEMENT("MQTT5-4.12.0-1");
  each_refused(
    {connect_packet(protocol_version::v5, {.properties = authentication_data("x")})}, {0x82});
}

TEST_F(Mqtt5Auth, OtherFlagsAreMalformed) {
  STATEMENT("MQTT5-3.15.1-1");
  std::vector<bytes> faults;
  for (const unsigned first : {0xF1U, 0xF2U, 0xF4U, 0xF8U})
    faults.push_back(packet(first, u8(0x18) + u8(4) + authentication_method("x")));
  each_closes(faults, {0x81});
}

TEST_F(Mqtt5Auth, UnknownCodesAreProtocolErrors) {
  STATEMENT("MQTT5-3.15.2-1");
  each_closes(
    {auth_packet(0x01, authentication_method("x")), auth_packet(0x00, authentication_method("x")),
      auth_packet(0x80, authentication_method("x"))},
    {0x82});
}

TEST_F(Mqtt5Auth, ClientWithoutMethodMayNotSendIt) {
  STATEMENT("MQTT5-4.12.0-7");
  each_closes({"F0 00"_hex, auth_packet(0x18, authentication_method("x")),
                auth_packet(0x19, authentication_method("x"))},
    {0x82});
}

} // namespace

} // namespace callboard::conformance
