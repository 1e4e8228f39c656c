#pragma once

#include "network/stream.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::testing {

/// A stream that takes as many bytes as the test has said, write by write, and
/// remembers them. Nothing is ever read from it.
class scripted_stream final : public network::stream {
public:
  /// How many bytes the writes take: the first one, the second one ... after the
  /// last of them writes are blocked, or `ended` if that is set.
  std::vector<std::size_t> takes;
  bool ended = false;

  std::string written;
  std::size_t writes = 0;
  std::size_t most_pieces = 0;

  /// Where the pieces of the last write lay.
  std::vector<const char*> places;

  void watch(network::stream_watcher& /*watcher*/) override {}
  void await_readable() override {}
  void await_writable() override {}
  network::transfer read(std::span<char> /*room*/) override { return {}; }

  network::transfer write(std::span<const std::string_view> pieces) override {
    places.clear();
    for (const auto piece : pieces)
      places.push_back(piece.data());
    most_pieces = std::max(most_pieces, pieces.size());
    if (writes == takes.size())
      return {ended ? network::progress::ended : network::progress::blocked, 0};
    auto room = takes.at(writes++);
    const auto before = written.size();
    for (const auto piece : pieces) {
      const auto count = std::min(room, piece.size());
      written.append(piece.substr(0, count));
      room -= count;
    }
    return {network::progress::done, written.size() - before};
  }

  void finish_writing() override {}
  void close() override {}
  std::shared_ptr<network::stream> move_to(boost::asio::io_context& /*other*/) override {
    return {};
  }
  std::string peer() const override { return "script"; }
};

} // namespace callboard::testing
