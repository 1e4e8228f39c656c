#pragma once

#include "network/block.hpp"
#include "network/stream.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace callboard::network {

/// Bytes that wait to be written to one stream, in order. Short pieces are
/// copied together, long ones are written from where they lie: below 2 KiB a
/// copy is cheaper than another piece in the write. A queue that is empty holds
/// no memory: it passes what it had to the next one on its thread.
class output_queue {
public:
  static constexpr std::size_t worth_sharing = 2048;

  /// Copies.
  void append(std::string_view bytes);

  /// Has write(std::string&) append, and nothing else, to what waits.
  template <class Write>
  void append_with(Write write) {
    auto& end = tail();
    const auto before = end.size();
    write(end);
    size_ += end.size() - before;
  }

  /// Copies short slices, keeps long ones.
  void append(const slice& bytes);

  /// Bytes that wait.
  std::size_t size() const { return size_; }

  /// Writes as much as the stream takes: `done` if nothing is left, `blocked` if
  /// something is, `ended` if the stream is broken.
  progress write_to(stream& stream);

private:
  /// Bytes of our own, or of somebody else's.
  struct run {
    std::string copied;
    slice kept;
    std::string_view bytes() const { return kept.owner ? kept.bytes : copied; }
  };

  std::string& tail();
  transfer write_some(stream& stream) const;
  void forget(std::size_t written);
  void forget_all();

  /// The bytes at the front, and how many of them are written.
  std::string front_;
  std::size_t written_ = 0;

  /// What follows them; nearly always nothing.
  std::unique_ptr<std::deque<run>> rest_;
  std::size_t size_ = 0;
};

} // namespace callboard::network
