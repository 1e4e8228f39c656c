#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// What nodes say to one another: no sockets, no actors, no clock.
namespace callboard::cluster {

/// The ways from one node to another. Each has its own order and numbers; what stands
/// first goes first.
enum class lane : std::uint8_t {
  control, // what frees something or changes who may do what; always has room
  durable, // what must arrive; its sender waits for room
  lossy,   // QoS 0: what finds no room, or was under way when a link broke, is gone
};

inline constexpr std::size_t lane_count = 3;
inline constexpr std::array all_lanes{lane::control, lane::durable, lane::lossy};

/// Something for each lane.
template <class Value>
struct each_lane {
  Value& operator[](lane which) { return all[static_cast<std::size_t>(which)]; }
  const Value& operator[](lane which) const { return all[static_cast<std::size_t>(which)]; }

  auto begin() { return all.begin(); }
  auto end() { return all.end(); }
  auto begin() const { return all.begin(); }
  auto end() const { return all.end(); }

  friend bool operator==(const each_lane&, const each_lane&) = default;

  std::array<Value, lane_count> all{};
};

} // namespace callboard::cluster
