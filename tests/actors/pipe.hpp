#pragma once

#include "network/stream.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace callboard::testing {

/// Bytes on their way. Taking some moves none of those behind: a test may send many
/// megabytes before anybody reads.
class flow {
public:
  std::size_t size() const { return bytes_.size() - taken_; }
  bool empty() const { return size() == 0; }

  void append(std::string_view more) { bytes_ += more; }

  /// Keeps the first `count` bytes at most.
  void truncate(std::size_t count) { bytes_.resize(taken_ + std::min(count, size())); }

  /// As many as there are, and room for.
  std::size_t take(std::span<char> room) {
    const auto count = bytes_.copy(room.data(), room.size(), taken_);
    taken_ += count;
    if (empty()) {
      bytes_.clear();
      taken_ = 0;
    }
    return count;
  }

private:
  std::string bytes_;
  std::size_t taken_ = 0;
};

/// Both directions of a connection that is no socket. The test's end.
struct pipe {
  flow to_node;
  std::string to_client;

  /// How many bytes the client's side takes before it is full.
  std::size_t room = SIZE_MAX;

  bool client_gone = false;
  bool node_gone = false;

  /// The node writes nothing more, and waits for the client to close.
  bool node_finished = false;
};

/// The node's end of a pipe: a stream like any other, readiness by io_context.
class pipe_stream final : public network::stream, public std::enable_shared_from_this<pipe_stream> {
public:
  pipe_stream(boost::asio::io_context& io, std::shared_ptr<pipe> ends)
      : io_{io}, ends_{std::move(ends)} {}

  void watch(network::stream_watcher& watcher) override { watcher_ = &watcher; }

  void await_readable() override {
    waits_to_read_ = true;
    look();
  }

  void await_writable() override {
    waits_to_write_ = true;
    look();
  }

  /// To be called when the test has done something with its end.
  void look() {
    boost::asio::post(io_, [self = shared_from_this()] { self->tell_watcher(); });
  }

  network::transfer read(std::span<char> room) override {
    const auto count = ends_->to_node.take(room);
    if (count == 0)
      return {ends_->client_gone ? network::progress::ended : network::progress::blocked, 0};
    return {network::progress::done, count};
  }

  network::transfer write(std::span<const std::string_view> pieces) override {
    if (ends_->client_gone)
      return {network::progress::ended, 0};
    std::size_t written = 0;
    for (const auto piece : pieces) {
      const auto free = ends_->room - std::min(ends_->room, ends_->to_client.size());
      const auto count = std::min(piece.size(), free);
      ends_->to_client.append(piece.substr(0, count));
      written += count;
      if (count < piece.size())
        break;
    }
    return {written == 0 ? network::progress::blocked : network::progress::done, written};
  }

  void finish_writing() override { ends_->node_finished = true; }

  void close() override {
    watcher_ = nullptr;
    ends_->node_gone = true;
  }

  std::shared_ptr<network::stream> move_to(boost::asio::io_context& other) override {
    watcher_ = nullptr;
    auto moved = std::make_shared<pipe_stream>(other, ends_);
    next_ = moved;
    return moved;
  }

  /// Where the node's end is now, if it has moved.
  std::shared_ptr<pipe_stream> latest() {
    const auto next = next_.lock();
    return next ? next->latest() : shared_from_this();
  }

  std::string peer() const override { return "pipe"; }

private:
  void tell_watcher() {
    if (watcher_ != nullptr && waits_to_read_ && (!ends_->to_node.empty() || ends_->client_gone)) {
      waits_to_read_ = false;
      watcher_->readable();
    }
    const bool writable = ends_->client_gone || ends_->to_client.size() < ends_->room;
    if (watcher_ != nullptr && waits_to_write_ && writable) {
      waits_to_write_ = false;
      watcher_->writable();
    }
  }

  boost::asio::io_context& io_;
  std::shared_ptr<pipe> ends_;
  std::weak_ptr<pipe_stream> next_;
  network::stream_watcher* watcher_ = nullptr;
  bool waits_to_read_ = false;
  bool waits_to_write_ = false;
};

} // namespace callboard::testing
