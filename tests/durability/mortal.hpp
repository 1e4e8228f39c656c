#pragma once

#include "tests/durability/lasting_client.hpp"

#include <cstdint>
#include <string>

namespace callboard::durability {

/// A client with a will in each of its connections, and several ways to leave. Tells
/// the history which wills must be heard and which must not, wherever the standard
/// and what the node has acknowledged leave no doubt:
///
///   served, and then its connection or the node ends    the will is due
///   DISCONNECT, the node closes, and the same node      withheld
///   acknowledges the next CONNECT
///   back long before the delay is over                  withheld
///   anything else                                       may be heard
///
/// Where its will is due it stays away until somebody has heard it.
class mortal final : public lasting_client {
public:
  struct last_wish {
    std::uint32_t delay = 0; // seconds; above 1: it is always back before
    bool retain = false;
  };

  mortal(world& all, habits ways, last_wish wish);

  /// A will that was under way may come again.
  void node_was_killed();

  /// Leaves for good; its last will is due, unless it is always back before.
  void rest() { resting_ = true; }

  /// Everything has come to rest, or the node has acknowledged a later CONNECT: all who
  /// had subscribed must have heard the will that was due.
  void settle();

  bool is_done() const override { return resting_ && !is_connected() && !is_waiting(); }

private:
  bool wants_to_come() const override {
    return all().wills_are_heard && !resting_ && !is_waiting();
  }
  void introduce(conformance::connect_options& options) override;
  void arrived(bool session_present) override;
  void take(const received_packet& packet) override;
  void act(steady_time now) override;
  void gone(bool was_served) override;

  void leave();
  bool is_patient() const { return wish_.delay > 1; }
  /// For somebody to hear its will.
  bool is_waiting() const;

  last_wish wish_;
  testing::stream wills_;
  std::uint32_t number_ = 0;       // of the last CONNECT's will
  std::uint32_t served_ = 0;       // of the last CONNACK's
  std::uint32_t due_ = 0;          // the last one that was due
  std::uint32_t goodbye_life_ = 0; // the node that has heard DISCONNECT and closed; 0: none
  bool has_said_goodbye_ = false;
  steady_time leaves_ = steady_time::max();
  bool resting_ = false;
};

} // namespace callboard::durability
