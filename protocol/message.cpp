#include "protocol/message.hpp"

#include "protocol/message_memory.hpp"

#include <cstring>
#include <new>

namespace callboard::protocol {

namespace {

char* append(char* at, std::string_view bytes) {
  if (!bytes.empty())
    std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

} // namespace

message_ptr message::make(const message_head& head, std::string_view topic,
  std::string_view properties, std::string_view payload) {
  const auto size = sizeof(message) + topic.size() + properties.size() + payload.size();
  return message_ptr{new (message_memory::take(size)) message{head, topic, properties, payload}};
}

message::message(const message_head& head, std::string_view topic, std::string_view properties,
  std::string_view payload)
    : head_{head}, topic_size_{static_cast<std::uint32_t>(topic.size())},
      properties_size_{static_cast<std::uint32_t>(properties.size())}, payload_size_{
                                                                         static_cast<std::uint32_t>(
                                                                           payload.size())} {
  auto* at = reinterpret_cast<char*>(this + 1); // NOLINT
  append(append(append(at, topic), properties), payload);
}

void message::release() const {
  if (holders_.fetch_sub(1, std::memory_order_acq_rel) != 1)
    return;
  const auto bytes = sizeof(message) + size();
  this->~message();
  message_memory::give_back(const_cast<message*>(this), bytes); // NOLINT
}

} // namespace callboard::protocol
