#pragma once

#include "tests/conformance/wire_client.hpp"
#include "tests/durability/durable_node.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <string>

namespace callboard::durability {

using conformance::connect_options;
using conformance::milliseconds;
using conformance::packet_type;
using conformance::protocol_version;
using conformance::received_packet;
using conformance::wire_client;

/// How the first node ends.
enum class ending : std::uint8_t { kill, stop };

/// For GoogleTest.
inline void PrintTo(ending how, std::ostream* out) {
  *out << (how == ending::kill ? "kill" : "stop");
}

/// A test with a node that it ends, by SIGKILL or by SIGTERM, and starts again.
class RestartTest : public ::testing::TestWithParam<ending> {
protected:
  RestartTest() { node_.start(); }

  durable_node& node() { return node_; }

  void end_node();
  void start_node() { node_.start(); }
  void restart();

  /// A client of this id with no session before or after.
  wire_client client(const std::string& id);

  /// One whose session is new and will last.
  wire_client begin(const std::string& id, connect_options more = {},
    protocol_version version = protocol_version::v5);

  /// One whose session must be there.
  wire_client resume(const std::string& id, connect_options more = {},
    protocol_version version = protocol_version::v5);

  /// Whether there is a session of this client: asks for it, and keeps it if so.
  bool has_session(const std::string& id);

  /// A session with these subscription options for one filter, whose client is away.
  void leave_session(const std::string& id, const std::string& filter, unsigned options);

private:
  wire_client lasting(
    const std::string& id, connect_options more, protocol_version version, bool is_there);

  durable_node node_;
};

} // namespace callboard::durability
