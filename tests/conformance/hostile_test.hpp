#pragma once

#include "tests/conformance/conformance_test.hpp"
#include "tests/conformance/neighbours.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace callboard::conformance {

/// How many files this process may have open.
std::size_t most_open_files();

/// The fixture of tests in which a client misbehaves and others must not feel it.
/// They look at the node's memory and need many sockets, so the node is always our
/// own.
class HostileTest : public ConformanceTest {
protected:
  /// Allows this process, and the node that it will start, as many open files as
  /// may be had.
  void SetUp() override;

  /// Starts the well-behaved clients, and remembers how much memory the node has.
  void move_in();

  /// The well-behaved clients have felt nothing. The node's memory has grown by less
  /// than this, and no exchange has taken as long as this, if it is a build whose memory
  /// and speed say something.
  void expect_unharmed(std::size_t most_mebibytes = 64, milliseconds slowest = patience);

  /// Writes `unit` again and again until `total` octets are written, the server
  /// closes, or it has not read for so long: then the last unit may be written in part,
  /// and nothing that follows would be understood. Returns how many octets were written.
  static std::size_t pour(wire_client& into, std::string_view unit, std::size_t total,
    milliseconds unread = milliseconds{500});

  /// Writes all of it while the answers are read, and waits until the server has worked
  /// it off, which is when so many SUBACKs and UNSUBACKs have come, or has had enough
  /// and closes. Returns how many came.
  static std::size_t flood(wire_client& into, std::string_view octets, std::size_t answers,
    milliseconds time, place where = place::here());

private:
  std::unique_ptr<neighbours> neighbours_;
  std::size_t kibibytes_before_ = 0;
};

} // namespace callboard::conformance

/// At the top of a test: NEEDS_SOCKETS(3000), besides a few others. Skips it where
/// no process may have so many.
#define NEEDS_SOCKETS(count)                                                                       \
  if (::callboard::conformance::most_open_files() < (count) + 100)                                 \
  GTEST_SKIP() << "needs " << (count) << " sockets: raise the limit of open files"
