#pragma once

#include "tests/conformance/conformance_test.hpp"

namespace callboard::conformance {

/// A test of one version before 5.0. The short words of ConformanceTest mean
/// clients of that version here. 5.0's clients are a connect() with a version away.
class Mqtt3Test : public ConformanceTest {
protected:
  explicit Mqtt3Test(protocol_version version) : version_{version} {}

  protocol_version version() const { return version_; }

  using ConformanceTest::connect;

  /// An open socket to the broker; nothing is sent yet.
  wire_client dial();

  /// A client whose CONNECT was accepted.
  wire_client connect(const connect_options& options = {}, place where = place::here());

  /// A client of this id with no session before or after.
  wire_client client(const std::string& id, place where = place::here());

  /// A client of this id with no session before or after, subscribed to `filter`.
  wire_client subscriber(
    const std::string& id, std::string_view filter, unsigned qos = 0, place where = place::here());

  /// What a client says that wants to find its session again: CleanSession 0.
  static connect_options lasting(const std::string& id);

  /// A session of this id that subscribes to `filter` and whose client is away.
  void leave_session(
    const std::string& id, std::string_view filter, unsigned qos, place where = place::here());

  /// Sends each of these on a connection of its own, behind a good CONNECT, and
  /// expects that it ends the connection without a word; and that a client beside
  /// it is served as before.
  void each_closes(const std::vector<bytes>& faults, place where = place::here());

  /// Sends each of these as the first octets of a connection and expects the same:
  /// not even a CONNACK (MQTT311-3.1.4-1).
  void each_refused_in_silence(const std::vector<bytes>& connects, place where = place::here());

  /// Sends a CONNECT and returns all that the server says before it closes.
  bytes answer_before_close(std::string_view octets, place where = place::here());

  /// Whether a SUBSCRIBE to `filter` is refused: by the end of the connection, or
  /// by the failure code that 3.1.1 has (MQTT311-3.9.3-2).
  bool refuses_filter(std::string_view filter, place where = place::here());

  /// Waits until a message of QoS 0 that was sent before must have had its effect:
  /// nothing acknowledges those.
  static void settle();

private:
  protocol_version version_;
};

/// A test of version 3.1.1.
class Mqtt311Test : public Mqtt3Test {
protected:
  Mqtt311Test() : Mqtt3Test{protocol_version::v3_1_1} {}

  /// A CONNECT with these flags and octets behind the keep alive.
  static bytes connect_of(unsigned flags, std::string_view payload);
};

/// A test of version 3.1. Its specification numbers no statements: the ids are in
/// tables/mqtt31.csv.
class Mqtt31Test : public Mqtt3Test {
protected:
  Mqtt31Test() : Mqtt3Test{protocol_version::v3_1} {}

  /// A CONNECT with these flags and octets behind the keep alive.
  static bytes connect_of(unsigned flags, std::string_view payload);
};

} // namespace callboard::conformance
