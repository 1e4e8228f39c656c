#pragma once

#include "tests/conformance/conformance_test.hpp"

#include <array>
#include <string>
#include <vector>

namespace callboard::conformance {

inline constexpr auto v3_1 = protocol_version::v3_1;
inline constexpr auto v3_1_1 = protocol_version::v3_1_1;
inline constexpr auto v5 = protocol_version::v5;

inline constexpr std::array all_versions{v3_1, v3_1_1, v5};
inline constexpr std::array versions_before_5{v3_1, v3_1_1};

/// The fixture of the edge cases, many of which hold in more than one version.
class EdgeTest : public ConformanceTest {
protected:
  /// A client of this version and id with no session before or after.
  wire_client client_of(
    protocol_version version, const std::string& id, place where = place::here());

  /// The same, subscribed to `filter`.
  wire_client subscriber_of(protocol_version version, const std::string& id,
    std::string_view filter, unsigned options = 0, place where = place::here());

  /// Sends each of these behind a good CONNECT of this version, each on a connection
  /// of its own, and expects that it ends the connection: with one of `codes`, if
  /// the version has codes and any is told. Others are served as before.
  void each_ends(protocol_version version, const std::vector<bytes>& faults,
    const reason_codes& codes = {}, place where = place::here());

  /// Sends each of these as the first octets of a connection and expects that it is
  /// closed: with a CONNACK of one of `codes` at most, before version 5.0 without an
  /// octet.
  void each_is_refused(protocol_version version, const std::vector<bytes>& connects,
    const reason_codes& codes = {}, place where = place::here());

  /// Sends each of these behind a good CONNECT of this version and expects that the
  /// connection stays.
  void each_is_taken(
    protocol_version version, const std::vector<bytes>& packets, place where = place::here());

  /// A retained message that is stored for certain when this returns.
  void retain(const std::string& topic, const std::string& payload, unsigned qos = 1,
    std::string_view properties = {}, place where = place::here());

  /// `watcher` has got nothing so far, and gets what is published now to `topic`, to
  /// which it must be subscribed: its silence was no deafness.
  void expect_nothing_but_news(
    wire_client& watcher, const std::string& topic, place where = place::here());

  /// Whether a session of this id waits for its client; asking ends it.
  bool take_session(const std::string& id, place where = place::here());
};

/// The milliseconds since `begin`.
milliseconds since(steady_time begin);

} // namespace callboard::conformance
