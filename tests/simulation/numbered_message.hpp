#pragma once

#include "tests/simulation/delivery_history.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callboard::testing {

/// A payload that says which message it is: "publisher|qos|number|padding".
inline std::string numbered(const stream& from, std::uint32_t number, std::size_t padding = 0) {
  return from.publisher + '|' + std::to_string(static_cast<int>(from.qos)) + '|' +
         std::to_string(number) + '|' + std::string(padding, '.');
}

struct numbered_message {
  stream from;
  std::uint32_t number = 0;
};

/// Nothing if the payload says nothing of the kind.
inline std::optional<numbered_message> read_numbered(
  std::string_view topic, std::string_view payload) {
  const auto first = payload.find('|');
  if (first == std::string_view::npos || payload.size() < first + 4)
    return std::nullopt;
  numbered_message read;
  read.from = {std::string{payload.substr(0, first)}, std::string{topic},
    static_cast<protocol::qos>(payload[first + 1] - '0')};
  std::from_chars(payload.data() + first + 3, payload.data() + payload.size(), read.number);
  return read;
}

} // namespace callboard::testing
