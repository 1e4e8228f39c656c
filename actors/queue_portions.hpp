#pragma once

#include "protocol/session/delivery_tally.hpp"

#include <cstdint>

namespace callboard::actors {

/// How much of the queue of a session that the store has is in memory: with more than
/// `most` all but `kept` rests in the store. Two, so that nothing goes back and forth.
struct queue_portions {
  protocol::queue_portion most;
  protocol::queue_portion kept;
};

/// So many messages of usual size.
inline protocol::queue_portion portion_of(std::uint64_t messages) {
  constexpr std::uint64_t usual_size = 1024;
  return {messages, messages * usual_size};
}

/// By the setting queue_memory_messages.
inline queue_portions queue_of_absent_client(std::uint32_t messages) {
  return {portion_of(std::uint64_t{messages} * 2), portion_of(messages)};
}

/// A client that reads, but not as fast as others write, has more of it.
inline queue_portions queue_of_client(std::uint32_t messages) {
  constexpr std::uint64_t more = 32;
  return {portion_of(messages * more * 2), portion_of(messages * more)};
}

/// How much comes back at once, and how much in front of what rests is enough.
inline protocol::queue_portion queue_read_at_once(std::uint32_t messages) {
  constexpr std::uint64_t more = 16;
  return portion_of(messages * more);
}

} // namespace callboard::actors
