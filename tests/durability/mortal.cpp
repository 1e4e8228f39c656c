#include "tests/durability/mortal.hpp"

#include "tests/simulation/numbered_message.hpp"

#include <algorithm>
#include <utility>

namespace callboard::durability {

namespace {

constexpr std::size_t longest_stay = 300; // milliseconds
constexpr unsigned disconnect_with_will = 0x04;

} // namespace

mortal::mortal(world& all, habits ways, last_wish wish)
    : lasting_client{all, std::move(ways)}, wish_{wish}, wills_{id(), "will/" + id(),
                                                           protocol::qos::at_least_once} {}

void mortal::introduce(conformance::connect_options& options) {
  ++number_;
  conformance::will_options will{.topic = wills_.topic,
    .payload = testing::numbered(wills_, number_),
    .qos = 1,
    .retain = wish_.retain};
  if (wish_.delay != 0)
    will.properties = conformance::will_delay_interval(wish_.delay);
  options.will = std::move(will);
  all().history.sent(wills_, number_, wish_.retain);
}

void mortal::arrived(bool /*session_present*/) {
  if (is_patient())
    for (auto before = served_; before < number_; ++before)
      if (before != 0)
        all().history.withheld(wills_, before);
  if (goodbye_life_ != 0 && goodbye_life_ == all().life)
    all().history.withheld(wills_, number_ - 1);
  goodbye_life_ = 0;
  settle();
  served_ = number_;
}

void mortal::take(const received_packet& packet) {
  complain("got what it did not ask for: " + conformance::show(packet.raw));
}

void mortal::act(steady_time now) {
  if (leaves_ == steady_time::max())
    leaves_ = now + up_to(longest_stay);
  if (now >= leaves_ || resting_)
    leave();
}

void mortal::leave() {
  const bool must_not_be_due = resting_ && is_patient();
  if (must_not_be_due || (!resting_ && any().one_in(2))) {
    has_said_goodbye_ = true;
    say_goodbye();
  } else if (ways().version == protocol_version::v5 && any().one_in(3)) {
    say_goodbye(disconnect_with_will);
  } else {
    vanish();
  }
}

void mortal::gone(bool was_served) {
  leaves_ = steady_time::max();
  const bool said_goodbye = std::exchange(has_said_goodbye_, false);
  if (said_goodbye && all().node_lives)
    goodbye_life_ = all().life;
  if (said_goodbye || !was_served || is_patient())
    return;
  due_ = number_;
}

void mortal::settle() {
  if (due_ != 0)
    all().history.acknowledged(wills_, due_);
}

void mortal::node_was_killed() {
  for (auto one = std::max(served_, 1U); one <= number_; ++one)
    all().history.sent(wills_, one, wish_.retain);
}

bool mortal::is_waiting() const {
  const auto heard = all().wills_heard.find(id());
  return due_ != 0 && (heard == all().wills_heard.end() || heard->second < due_);
}

} // namespace callboard::durability
