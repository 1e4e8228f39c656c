#pragma once

#include "tests/actors/player.hpp"
#include "tests/simulation/delivery_history.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace callboard::testing {

/// A filter that a reader wants, and at which QoS.
struct wish {
  std::string filter;
  protocol::qos qos = protocol::qos::at_most_once;
};

/// A subscriber that reports what it hears. Each life of its session has a name
/// of its own in the history.
class reader {
public:
  struct habits {
    protocol::version version = protocol::version::mqtt_5_0;

    /// Seconds; 0: each connection is a session of its own. 3.1.1 knows only 0
    /// and any other number.
    std::uint32_t session_expiry = 0;

    /// The session never ends by itself: if it is not there any more, it was lost.
    bool must_be_present = false;

    /// A member of this share group, which is what the history hears of.
    std::string group;

    std::uint16_t receive_maximum = 0; // 0: not given
  };

  reader(playhouse& house, delivery_history& history, std::string name, habits ways,
    std::vector<wish> wishes);

  // -- its connection -------------------------------------------------------------

  /// Connects, also while the last connection is still there.
  void come(std::size_t unit);

  /// The same, and forgets its session.
  void come_anew(std::size_t unit);
  void vanish();
  void crash(std::size_t arrived);

  /// The node has crashed.
  void lose_node();
  bool is_here() const { return client_.is_here() && !was_refused(); }

  /// It is here, and was let in.
  bool is_served() const { return is_here() && has_begun_; }

  /// How many bytes its socket takes before it is full.
  void take_at_most(std::size_t bytes) { room_ = bytes; }

  // -- its subscriptions ----------------------------------------------------------

  /// Subscribes to one of its wishes, again or for the first time, or gives it up.
  void want(std::size_t which);
  void give_up(std::size_t which);
  std::size_t wishes() const { return wishes_.size(); }

  /// Reads what has come, and reports it.
  void listen();

  /// Whether all that came at QoS 2 has come to its end.
  bool is_done() const { return client_.unreleased() == 0; }

  const std::vector<std::string>& complaints() const { return complaints_; }
  const std::map<std::string, std::string>& last_retained() const { return last_retained_; }

private:
  /// An older connection of its own was read later, and let in instead.
  bool was_refused() const {
    return client_.connack && client_.connack->code != protocol::reason_code::success;
  }

  struct request {
    std::size_t which = 0;
    bool is_subscribe = true;
    delivery_history::moment asked = 0;
  };

  void connect(std::size_t unit);
  void begin();
  void begin_life();
  void subscribe_to_all();
  void take_answers();
  void report(const heard& one);
  bool is_member() const { return !ways_.group.empty(); }
  std::string life() const;
  void complain(const std::string& what) { complaints_.push_back(life() + ": " + what); }

  delivery_history& history_;
  std::string name_;
  habits ways_;
  std::vector<wish> wishes_;
  std::vector<bool> wanted_;
  std::vector<bool> granted_; // by a SUBACK of this life
  player client_;
  std::map<protocol::packet_id, request> requests_;
  std::map<std::string, std::string> last_retained_; // by topic
  std::size_t room_ = SIZE_MAX;
  unsigned lives_ = 0;
  unsigned attempts_ = 0;
  bool has_session_ = false; // for sure
  bool has_begun_ = false;   // since the CONNACK
  bool begins_anew_ = false; // until a CONNACK says that it has
  std::vector<std::string> complaints_;
};

} // namespace callboard::testing
