#pragma once

#include "protocol/expected.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace callboard::app::client {

/// The largest payload that fits a packet with a short topic, in bytes.
inline constexpr std::size_t largest_payload = 268'435'455;

/// What could not be read.
struct unreadable {
  std::string text;
};

/// The content of a file; "-" is stdin. At most largest_payload bytes.
protocol::expected<std::string, unreadable> read_payload(const std::string& path);

/// Cuts what is read from a file that may be slow, as a terminal is, into lines.
class line_reader {
public:
  explicit line_reader(int file) : file_{file} {}

  int file() const { return file_; }

  /// A whole line that was read already, without its end.
  std::optional<std::string> next();

  /// Reads what is there; waits if nothing is.
  void read();

  /// Nothing will come any more, though next() may still have lines.
  bool at_end() const { return at_end_; }

private:
  int file_;
  bool at_end_ = false;
  std::string bytes_;
  std::size_t taken_ = 0; // what next() has given of them
};

} // namespace callboard::app::client
