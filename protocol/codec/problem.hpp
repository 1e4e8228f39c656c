#pragma once

#include "protocol/codec/writer.hpp"

#include <string_view>

namespace callboard::protocol {

/// Whether a packet is written with its reason string and user properties.
enum class problem_text : unsigned char { written, left_out };

inline void write_problem(property_writer& properties, problem_text text,
  std::string_view reason_string, const user_properties& pairs = {}) {
  if (text == problem_text::left_out)
    return;
  properties.text(property::reason_string, reason_string);
  properties.pairs(pairs);
}

/// Writes a packet in full, or if that is too large without what only explains
/// it (MQTT5-3.2.2-19, -20, MQTT5-3.4.2-2, -3 to MQTT5-3.15.2-2, -3).
template <class Write>
bool fit(Write write) {
  return write(problem_text::written) || write(problem_text::left_out);
}

} // namespace callboard::protocol
