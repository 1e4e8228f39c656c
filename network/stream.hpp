#pragma once

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace callboard::network {

/// Told by a stream when it is ready. Runs on the stream's io_context.
class stream_watcher {
public:
  stream_watcher(const stream_watcher&) = delete;
  stream_watcher& operator=(const stream_watcher&) = delete;

  /// A read will bring bytes, the end or an error. Once per await_readable().
  virtual void readable() = 0;

  /// A write will take bytes or fail. Once per await_writable().
  virtual void writable() = 0;

protected:
  stream_watcher() = default;
  ~stream_watcher() = default;
};

/// How far a read or a write got.
enum class progress : std::uint8_t {
  done,    // bytes were moved, at least one
  blocked, // nothing was moved: wait until the stream is ready
  ended,   // the other side has closed, or the connection is broken
};

/// What a read or a write did.
struct transfer {
  network::progress progress = progress::blocked;
  std::size_t bytes = 0;
};

/// A connection as two directions of bytes: TCP, and later TLS, WebSocket and
/// Unix sockets. Never blocks, never throws; belongs to one thread.
///
/// Readiness is asked for, then read() and write() work at once and without a
/// buffer of the stream's own: that is what lets 10,000 silent connections share
/// one buffer. Held by shared_ptr: a pending wait keeps the stream, not the
/// watcher.
class stream {
public:
  virtual ~stream() = default;
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  /// Who is told from now on; nobody after close(). The watcher outlives that.
  virtual void watch(stream_watcher& watcher) = 0;

  virtual void await_readable() = 0;
  virtual void await_writable() = 0;

  virtual transfer read(std::span<char> room) = 0;

  /// Writes the pieces one behind the other; may take only a part of them.
  virtual transfer write(std::span<const std::string_view> pieces) = 0;

  /// Tells the other side that nothing more will be written.
  virtual void finish_writing() = 0;

  /// Ends both directions; what was written is still delivered, unless the other
  /// side still sends.
  virtual void close() = 0;

  /// The same connection on another io_context, as long as nothing is pending
  /// but waits; this stream is empty then. The caller may be on either thread.
  virtual std::shared_ptr<stream> move_to(boost::asio::io_context& other) = 0;

  /// The other side's address, for people: "127.0.0.1:50123".
  virtual std::string peer() const = 0;

protected:
  stream() = default;
};

} // namespace callboard::network
