#include "app/client/payload_source.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace callboard::app::client {

namespace {

constexpr std::size_t chunk_size = 65'536;

/// Appends what one read() gives; -1 with errno, 0 at the end.
ssize_t read_some(int file, std::string& into) {
  std::array<char, chunk_size> chunk; // NOLINT(*-member-init): read() fills what is used
  const auto count = ::read(file, chunk.data(), chunk.size());
  into.append(chunk.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return count;
}

protocol::expected<std::string, unreadable> read_all(int file, const std::string& name) {
  std::string content;
  for (;;) {
    const auto count = read_some(file, content);
    if (count == 0)
      return content;
    if (count < 0 && errno != EINTR)
      return unreadable{fmt::format("{}: {}", name, std::generic_category().message(errno))};
    if (content.size() > largest_payload)
      return unreadable{fmt::format("{} is longer than {} bytes", name, largest_payload)};
  }
}

} // namespace

protocol::expected<std::string, unreadable> read_payload(const std::string& path) {
  if (path == "-")
    return read_all(STDIN_FILENO, "stdin");
  const auto file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC); // NOLINT(*-vararg)
  if (file < 0)
    return unreadable{fmt::format("{}: {}", path, std::generic_category().message(errno))};
  auto content = read_all(file, path);
  ::close(file);
  return content;
}

std::optional<std::string> line_reader::next() {
  const auto end = bytes_.find('\n', taken_);
  const auto last = end == std::string::npos;
  if (last && (!at_end_ || taken_ == bytes_.size()))
    return std::nullopt;
  auto line = bytes_.substr(taken_, last ? end : end - taken_);
  taken_ = last ? bytes_.size() : end + 1;
  return line;
}

void line_reader::read() {
  bytes_.erase(0, std::exchange(taken_, 0));
  const auto count = read_some(file_, bytes_);
  at_end_ = count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN);
}

} // namespace callboard::app::client
