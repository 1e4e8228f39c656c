#pragma once

#include "tests/conformance/broker_process.hpp"
#include "tests/conformance/packet_builder.hpp"
#include "tests/conformance/statement.hpp"
#include "tests/conformance/wire_client.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace callboard::conformance {

/// A test with a broker of its own, started when the first client comes. If the
/// environment variable CALLBOARD_TEST_BROKER is host:port, the broker there is
/// used instead, which should be fresh for each test (see run_against.py).
///
/// A file of tests names its suite after its subject:
///   using Mqtt5Publish = ConformanceTest;
///   TEST_F(Mqtt5Publish, DeliversThePayloadUnchanged) { STATEMENT("..."); ... }
class ConformanceTest : public testing::Test {
protected:
  /// An open socket to the broker; nothing is sent yet.
  wire_client dial(protocol_version version = protocol_version::v5);

  /// A client of version 5.0 whose CONNECT was accepted.
  wire_client connect(const connect_options& options = {}, place where = place::here());

  /// The same for the version given.
  wire_client connect(
    protocol_version version, const connect_options& options = {}, place where = place::here());

  /// A client of this id with no session before or after.
  wire_client client(const std::string& id, place where = place::here());

  /// A client of this id with no session before or after, subscribed to `filter`.
  wire_client subscriber(const std::string& id, std::string_view filter, unsigned options = 0,
    place where = place::here());

  /// What a client says that wants to find its session again: Clean Start 0 and a
  /// session expiry in seconds.
  static connect_options lasting(const std::string& id, std::uint32_t expiry = 300);

  /// Sends each of these on a connection of its own, behind a good CONNECT of
  /// version 5.0, and expects that it ends the connection with one of these codes (a
  /// foreign broker may close without a word); and that others are served as before.
  void each_closes(
    const std::vector<bytes>& faults, const reason_codes& codes, place where = place::here());

  /// Sends each of these as the first octets of a connection and expects the same
  /// with a CONNACK.
  void each_refused(
    const std::vector<bytes>& connects, const reason_codes& codes, place where = place::here());

  /// The same where no answer is allowed, or none that the client could read.
  void each_refused_in_silence(const std::vector<bytes>& connects, place where = place::here());

  /// What the broker is to be started with ("maximum_qos=1"), before the first
  /// client. False on a foreign broker, whose settings are not ours.
  /// Tests use NEEDS_SETTINGS.
  bool set(const std::vector<std::string>& settings);

  /// The node. Not there when the broker is a foreign one: NEEDS_OWN_BROKER.
  broker_process& broker();

  /// Whether CALLBOARD_TEST_BROKER names the broker.
  static bool is_foreign();

  void TearDown() override;

private:
  endpoint address();

  std::vector<std::string> settings_;
  std::unique_ptr<broker_process> broker_;
};

} // namespace callboard::conformance

/// At the top of a test: NEEDS_SETTINGS("maximum_qos=1", ...). Skips the test on a
/// foreign broker.
#define NEEDS_SETTINGS(...)                                                                        \
  if (!set({__VA_ARGS__}))                                                                         \
  GTEST_SKIP() << "needs a broker with settings of its own"

/// Skips a test that looks at the process itself on a foreign broker.
#define NEEDS_OWN_BROKER()                                                                         \
  if (is_foreign())                                                                                \
  GTEST_SKIP() << "needs a process of its own"
