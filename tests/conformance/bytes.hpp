#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace callboard::conformance {

/// Raw octets, as they travel. A string, because its literals and its `+` are at
/// hand and because test failures print it.
using bytes = std::string;

/// The octets that pairs of hex digits name; white space is for the reader:
/// "C0 00"_hex. Throws std::invalid_argument on anything else.
bytes operator""_hex(const char* digits, std::size_t length);

/// One octet, the low eight bits of `value`.
bytes u8(unsigned value);

/// Two octets, high one first (MQTT5-1.5.2).
bytes u16(unsigned value);

/// Four octets, high one first (MQTT5-1.5.3).
bytes u32(std::uint32_t value);

/// A variable byte integer in as few octets as it needs (MQTT5-1.5.5-1).
bytes variable(std::uint32_t value);

/// Two octets of length and the octets themselves: a string or binary field.
/// What is in them is not checked: tests send bad strings too.
bytes field(std::string_view content);

/// `count` times `unit`.
bytes repeat(std::string_view unit, std::size_t count);

/// Octets for people: "C0 00", cut after `limit` octets.
std::string show(std::string_view octets, std::size_t limit = 64);

} // namespace callboard::conformance
