#include "tests/durability/publisher.hpp"

#include "tests/simulation/numbered_message.hpp"

#include <algorithm>
#include <utility>

namespace callboard::durability {

namespace {

constexpr std::size_t far_ahead = 30;
constexpr std::size_t longest_burst = 4;
constexpr std::size_t between_bursts = 25; // milliseconds, at most
constexpr std::size_t longest_padding = 300;
constexpr std::size_t one_in_removes = 5;

} // namespace

publisher::publisher(world& all, habits ways, std::vector<outlet> outlets)
    : lasting_client{all, std::move(ways)}, outlets_{std::move(outlets)} {}

void publisher::act(steady_time now) {
  if (resting_ || now < next_burst_)
    return;
  next_burst_ = now + up_to(between_bursts);
  for (auto count = 1 + any().pick(longest_burst); count > 0; --count)
    if (under_way_.size() < far_ahead)
      publish(any().pick_of(outlets_));
}

void publisher::publish(const outlet& where) {
  const testing::stream from{id(), where.topic, qos_of(where.qos)};
  const auto number = ++last_[from];
  const bool removes = where.retain && any().one_in(one_in_removes);
  sent one{free_id(), from, number,
    {.topic = where.topic, .payload = {}, .qos = where.qos, .retain = where.retain}};
  if (!removes)
    one.message.payload = testing::numbered(from, number, any().pick(longest_padding));
  if (where.retain)
    last_retained_[where.topic] = removes ? 0 : number;
  one.message.packet_id = one.id;
  send_now(one);
  under_way_.push_back(std::move(one));
}

void publisher::send_now(const sent& one) {
  if (one.message.payload.empty())
    all().history.sent_removal(one.from, one.number);
  else
    all().history.sent(one.from, one.number, one.message.retain);
  send(conformance::publish_packet(ways().version, one.message));
}

void publisher::arrived(bool session_present) {
  if (!session_present)
    under_way_.clear(); // the base class has complained if there should be one
  for (auto& one : under_way_) {
    one.message.dup = true;
    if (one.released)
      send(conformance::acknowledgement(packet_type::pubrel, one.id));
    else
      send_now(one);
  }
}

void publisher::take(const received_packet& packet) {
  const auto one = std::ranges::find(under_way_, packet.packet_id, &sent::id);
  if (one == under_way_.end())
    return complain("an answer to nothing: " + conformance::show(packet.raw));
  answered(one, packet);
}

void publisher::answered(std::deque<sent>::iterator one, const received_packet& answer) {
  const bool fits = answer.type == packet_type::puback   ? one->message.qos == 1
                    : answer.type == packet_type::pubrec ? one->message.qos == 2 && !one->released
                                                         : one->released;
  if (!fits)
    return complain("an answer that does not fit: " + conformance::show(answer.raw));
  if (answer.type == packet_type::pubcomp) { // 0x92 behind a PUBCOMP that was lost is none
    under_way_.erase(one);
    return;
  }
  if (answer.reason >= 0x80)
    complain("a message was refused: " + conformance::show(answer.raw));
  all().history.acknowledged(one->from, one->number);
  if (answer.type == packet_type::puback) {
    under_way_.erase(one);
    return;
  }
  one->released = true;
  send(conformance::acknowledgement(packet_type::pubrel, one->id));
}

std::uint16_t publisher::free_id() const {
  std::uint16_t id = 1;
  while (std::ranges::find(under_way_, id, &sent::id) != under_way_.end())
    ++id;
  return id;
}

} // namespace callboard::durability
