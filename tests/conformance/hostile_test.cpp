#include "tests/conformance/hostile_test.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>

namespace callboard::conformance {

namespace {

/// Whether a sanitizer watches the process: then its memory is mostly that one's.
bool is_sanitized(pid_t process) {
  std::ifstream maps{"/proc/" + std::to_string(process) + "/maps"};
  for (std::string line; std::getline(maps, line);)
    for (const auto* sanitizer : {"libasan", "libtsan", "libclang_rt"})
      if (line.find(sanitizer) != std::string::npos)
        return true;
  return false;
}

} // namespace

std::size_t most_open_files() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

void HostileTest::SetUp() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit); // the node inherits it
}

void HostileTest::move_in() {
  auto listener = subscriber("listener", "neighbours", 1);
  neighbours_ = std::make_unique<neighbours>(client("talker"), std::move(listener));
  kibibytes_before_ = broker().resident_kibibytes();
}

void HostileTest::expect_unharmed(std::size_t most_mebibytes, milliseconds slowest) {
  const auto grown = broker().resident_kibibytes() - kibibytes_before_;
  neighbours_->expect_unharmed();
  RecordProperty("grown_kib", static_cast<int>(grown));
  if (!is_sanitized(broker().pid())) {
    EXPECT_LT(
      static_cast<std::ptrdiff_t>(grown), static_cast<std::ptrdiff_t>(most_mebibytes * 1024));
    EXPECT_LT(neighbours_->slowest().count(), slowest.count());
  }
}

std::size_t HostileTest::flood(
  wire_client& into, std::string_view octets, std::size_t answers, milliseconds time, place where) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  std::size_t came = 0;
  auto outcome = tcp_stream::outcome::done;
  std::thread reading{[&] {
    bytes input;
    while (came < answers && outcome == tcp_stream::outcome::done) {
      outcome = into.stream().read(input, deadline);
      std::size_t at = 0;
      while (const auto length = packet_length(std::string_view{input}.substr(at))) {
        if (at + *length > input.size())
          break;
        came += input[at] == '\x90' || input[at] == '\xB0' ? 1 : 0;
        at += *length;
      }
      input.erase(0, at);
    }
  }};
  into.stream().write(octets, deadline);
  reading.join();
  EXPECT_NE(outcome, tcp_stream::outcome::timeout)
    << where.text() << ": not worked off after " << time.count() << " ms";
  return came;
}

std::size_t HostileTest::pour(
  wire_client& into, std::string_view unit, std::size_t total, milliseconds unread) {
  const auto part = repeat(unit, std::max<std::size_t>(1, 65'536 / unit.size()));
  std::size_t written = 0;
  while (written < total) {
    const auto deadline = std::chrono::steady_clock::now() + unread;
    if (into.stream().write(part, deadline) != tcp_stream::outcome::done)
      break;
    written += part.size();
  }
  return written;
}

} // namespace callboard::conformance
