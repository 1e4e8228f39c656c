#pragma once

#include <cstddef>

namespace callboard::protocol {

/// Memory for messages: what a thread gives back, it takes again first. Messages
/// come and go by the hundred in each batch, of a few sizes only, which is what
/// malloc is slowest at, above all where one thread makes them and another one ends them.
/// A thread keeps 32 KiB of each size at most, and leaves more to the others, which keep 4
/// MiB together; the rest goes to malloc, as do large messages.
class message_memory {
public:
  /// At least so many bytes, aligned as malloc aligns.
  static void* take(std::size_t bytes);

  /// Gives back what was taken with the same number of bytes, on any thread.
  static void give_back(void* place, std::size_t bytes) noexcept;
};

} // namespace callboard::protocol
