#pragma once

#include "protocol/types.hpp"

#include <chrono>
#include <cstdint>

namespace callboard::protocol {

/// Watches over a client's keep alive: a connection on which no packet came for
/// one and a half times as long is over (MQTT5-3.1.2-22, E41).
class keep_alive {
public:
  keep_alive() = default;

  /// The server's own value, if it gave one (E43). 0 seconds: never (E42).
  keep_alive(std::uint16_t seconds, time_point now)
      : patience_{std::chrono::milliseconds{1'500} * seconds}, touched_{now} {}

  /// A whole packet has come.
  void touched(time_point now) { touched_ = now; }

  /// When the connection is over if nothing comes; never, if it may be silent.
  time_point deadline() const {
    return patience_ == duration::zero() ? never : touched_ + patience_;
  }

  bool due(time_point now) const { return deadline() <= now; }

private:
  duration patience_ = duration::zero();
  time_point touched_;
};

} // namespace callboard::protocol
