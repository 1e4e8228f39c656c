#include "tests/simulation/mortal.hpp"

#include "tests/simulation/numbered_message.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace callboard::testing {

mortal::mortal(playhouse& house, delivery_history& history, std::string name, habits ways)
    : house_{house}, history_{history}, ways_{ways}, wills_{name, "will/" + name, ways.qos},
      client_{house, name, ways.version} {
  client_.connect_with().session_expiry_interval = ways_.session_expiry;
}

void mortal::act(chance& any, std::size_t units) {
  if (!living_ || any.one_in(3)) {
    come(any.one_in(4), any.pick(units));
  } else {
    go(any);
  }
  house_.play();
  client_.listen();
}

/// Also while the last connection is there: a takeover.
void mortal::come(bool anew, std::size_t unit) {
  const bool clean = anew || ways_.session_expiry == 0;
  if (living_)
    settle_will(clean || ways_.delay == 0);
  else
    settle_absence(clean);
  client_.connect_with().clean_start = clean;
  protocol::will will;
  will.topic = wills_.topic;
  will.payload = numbered(wills_, ++number_);
  will.delay_interval = ways_.delay;
  will.qos = wills_.qos;
  client_.connect_with().will = std::move(will);
  history_.sent(wills_, number_);
  client_.connect(unit);
  has_will_ = living_ = true;
  went_with_node_ = false;
}

void mortal::go(chance& any) {
  living_ = false;
  if (any.one_in(3)) {
    client_.leave();
    return settle_will(false);
  }
  if (ways_.version == protocol::version::mqtt_5_0 && any.one_in(2)) {
    protocol::disconnect last;
    last.code = protocol::reason_code::disconnect_with_will_message;
    client_.leave(last);
  } else {
    client_.vanish();
  }
  due_ = latest_ = house_.now() + longest_delay();
}

void mortal::lose_node() {
  client_.crash();
  // The node before this one may have ended before the store had heard of the loss.
  if (went_with_node_)
    latest_ = house_.now() + longest_delay();
  if (has_will_ && !living_ && due_ <= house_.now()) {
    history_.may_come_again(wills_, number_);
    return;
  }
  if (!std::exchange(living_, false))
    return;
  went_with_node_ = true;
  if (ways_.session_expiry == 0 && std::exchange(has_will_, false))
    history_.abandoned(wills_, number_);
  due_ = latest_ = house_.now() + longest_delay(); // from when there is a node again
}

void mortal::settle_will(bool published) {
  if (!std::exchange(has_will_, false))
    return;
  if (published)
    history_.acknowledged(wills_, number_);
  else
    history_.withheld(wills_, number_);
}

/// It is back: in time or too late.
void mortal::settle_absence(bool anew) {
  if (!anew && due_ <= house_.now() && house_.now() < latest_ && std::exchange(has_will_, false))
    return history_.abandoned(wills_, number_);
  settle_will(anew || due_ <= house_.now());
}

actors::duration mortal::longest_delay() const {
  return std::chrono::seconds{std::min(ways_.delay, ways_.session_expiry)};
}

void mortal::finish() {
  settle_will(!living_);
}

} // namespace callboard::testing
