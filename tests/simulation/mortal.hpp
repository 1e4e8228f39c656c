#pragma once

#include "tests/actors/player.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/delivery_history.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace callboard::testing {

/// A client with a will, in all the ways of leaving and coming back. Tells the
/// history which of its wills must be published and which must not.
///
/// Acts only while the node has nothing left to do, and sees to it that the node
/// does what follows before time passes: so what is due is certain.
class mortal {
public:
  struct habits {
    protocol::version version = protocol::version::mqtt_5_0;
    protocol::qos qos = protocol::qos::at_least_once;
    std::uint32_t delay = 0;          // seconds, MQTT 5 only
    std::uint32_t session_expiry = 0; // seconds, MQTT 5 only
  };

  mortal(playhouse& house, delivery_history& history, std::string name, habits ways);

  /// Comes, or goes in one of the ways that there are.
  void act(chance& any, std::size_t units);

  /// The node has crashed. A will is kept with its session.
  void lose_node();

  /// No more acts: what it leaves behind is certain when this time has passed.
  actors::duration longest_delay() const;
  void finish();

  void listen() { client_.listen(); }

private:
  void come(bool anew, std::size_t unit);
  void go(chance& any);
  void settle_will(bool published);
  void settle_absence(bool anew);

  playhouse& house_;
  delivery_history& history_;
  habits ways_;
  stream wills_;
  player client_;
  std::uint32_t number_ = 0;
  bool has_will_ = false; // the last one is with the node
  bool living_ = false;
  bool went_with_node_ = false; // it was there when the node crashed

  /// When the will is published, if the client is absent: between these two.
  actors::time_point due_{};
  actors::time_point latest_{};
};

} // namespace callboard::testing
