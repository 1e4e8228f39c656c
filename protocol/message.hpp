#pragma once

#include "protocol/types.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace callboard::protocol {

/// Names the client that published a message, for No Local (MQTT5-3.8.3-3).
/// A hash of the client identifier, the same for every connection and session. 0
/// is the broker itself.
using client_number = std::uint64_t;

/// What is known of a message besides its bytes.
struct message_head {
  /// Who published it.
  client_number publisher = 0;

  /// When it stops being worth delivering (MQTT5-3.3.2-5).
  time_point expires_at = never;

  protocol::qos qos = qos::at_most_once;

  /// RETAIN as the publisher set it.
  bool retain = false;
};

class message_ptr;

/// An application message that rests in a queue, an in-flight window or a
/// retained store. Immutable and shared by all who hold it: one allocation for
/// the head and the bytes, freed with the last message_ptr.
class message {
public:
  /// Copies the bytes. `properties` are the MQTT 5 properties that go on to
  /// subscribers unchanged, encoded, in order, without a length in front:
  /// payload format indicator, content type, response topic, correlation data
  /// and user properties. Topic at most 65,535 bytes.
  static message_ptr make(const message_head& head, std::string_view topic,
    std::string_view properties, std::string_view payload);

  message(const message&) = delete;
  message& operator=(const message&) = delete;

  const message_head& head() const { return head_; }
  std::string_view topic() const { return {bytes(), topic_size_}; }
  std::string_view properties() const { return {bytes() + topic_size_, properties_size_}; }
  std::string_view payload() const {
    return {bytes() + topic_size_ + properties_size_, payload_size_};
  }

  /// Bytes that the message holds, for limits.
  std::size_t size() const { return topic_size_ + properties_size_ + payload_size_; }

  bool expired(time_point now) const { return head_.expires_at <= now; }

private:
  friend class message_ptr;

  message(const message_head& head, std::string_view topic, std::string_view properties,
    std::string_view payload);
  ~message() = default;

  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); } // NOLINT
  void hold() const { holders_.fetch_add(1, std::memory_order_relaxed); }
  void release() const;

  message_head head_;
  mutable std::atomic<std::uint32_t> holders_ = 1;
  std::uint32_t topic_size_;
  std::uint32_t properties_size_;
  std::uint32_t payload_size_;
};

/// Holds a message. Costs a pointer; may be copied from thread to thread.
class message_ptr {
public:
  message_ptr() = default;
  message_ptr(const message_ptr& other) : message_{other.message_} {
    if (message_ != nullptr)
      message_->hold();
  }
  message_ptr(message_ptr&& other) noexcept : message_{std::exchange(other.message_, nullptr)} {}
  message_ptr& operator=(message_ptr other) noexcept {
    std::swap(message_, other.message_);
    return *this;
  }
  ~message_ptr() {
    if (message_ != nullptr)
      message_->release();
  }

  const message& operator*() const { return *message_; }
  const message* operator->() const { return message_; }
  const message* get() const { return message_; }
  explicit operator bool() const { return message_ != nullptr; }
  friend bool operator==(const message_ptr&, const message_ptr&) = default;

private:
  friend class message;
  explicit message_ptr(const message* taken) : message_{taken} {}

  const message* message_ = nullptr;
};

} // namespace callboard::protocol
