#pragma once

#include <chrono>
#include <cstdint>

/// MQTT itself: no sockets, no threads, no files, no actors, and no clock
/// either: whoever calls says what time it is.
namespace callboard::protocol {

/// Time as the caller measures it. Deadlines are absolute, so that every place
/// where something rests asks the same question.
using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

/// A deadline that never comes.
inline constexpr time_point never = time_point::max();

/// The protocol version of a connection, by the level in its CONNECT. One
/// packet model serves all three; the version is an argument of the codec.
enum class version : std::uint8_t { mqtt_3_1 = 3, mqtt_3_1_1 = 4, mqtt_5_0 = 5 };

/// How hard a message is to lose, MQTT5-4.3.
enum class qos : std::uint8_t { at_most_once, at_least_once, exactly_once };

/// Ties a PUBLISH, SUBSCRIBE or UNSUBSCRIBE to its acknowledgement: 1 to
/// 65,535; 0 is none (MQTT5-2.2.1-3).
using packet_id = std::uint16_t;

/// Seconds that mean "never" where MQTT counts in seconds (MQTT5-3.1.2.11.2).
inline constexpr std::uint32_t forever = 0xFFFF'FFFF;

/// `at` moved on by some MQTT seconds; `forever` gives `never`.
constexpr time_point after(time_point at, std::uint32_t seconds) {
  return seconds == forever ? never : at + std::chrono::seconds{seconds};
}

} // namespace callboard::protocol
