#include "tests/simulation/writer.hpp"

#include "tests/simulation/numbered_message.hpp"

#include <algorithm>
#include <utility>

namespace callboard::testing {

namespace {

using protocol::ack_type;
using protocol::qos;

constexpr std::size_t far_ahead = 60;
constexpr std::uint32_t a_long_time = 1'000'000; // seconds

} // namespace

writer::writer(playhouse& house, delivery_history& history, std::string name,
  protocol::version version, bool keeps_session)
    : history_{history}, name_{std::move(name)}, keeps_session_{keeps_session}, client_{house,
                                                                                  name_, version} {
  client_.on_ack = [this](const protocol::acknowledgement& ack) { acknowledged(ack); };
}

void writer::publish(const std::string& topic, qos quality, bool retain, std::size_t padding) {
  if (!is_here() || under_way_.size() >= far_ahead)
    return;
  const stream from{name_, topic, quality};
  const auto number = ++last_[from];
  history_.sent(from, number, retain);
  if (retain)
    retained_[topic].push_back(number);
  send(from, numbered(from, number, padding), retain);
}

void writer::remove_retained(const std::string& topic, qos quality) {
  if (!is_here() || under_way_.size() >= far_ahead)
    return;
  const stream from{name_, topic, quality};
  const auto number = ++last_[from];
  history_.sent_removal(from, number);
  retained_[topic].push_back(number);
  removals_[from].insert(number);
  send(from, {}, true);
}

void writer::send(const stream& from, std::string payload, bool retain) {
  const auto id = client_.publish(from.topic, payload, from.qos, retain);
  if (from.qos != qos::at_most_once)
    under_way_.push_back({id, from, last_[from], std::move(payload), retain, false, false});
}

void writer::come(std::size_t unit) {
  has_begun_ = false;
  if (!keeps_session_) {
    client_.connect(unit);
    under_way_.clear();
    return;
  }
  client_.resume(a_long_time, unit);
  for (auto& one : under_way_)
    send_again(one);
}

void writer::send_again(sent& one) {
  if (one.released) {
    client_.acknowledge(ack_type::pubrel, one.id);
    return;
  }
  one.repeated = true;
  if (one.payload.empty())
    history_.sent_removal(one.from, one.number);
  else
    history_.sent(one.from, one.number, one.retain);
  client_.publish(one.from.topic, one.payload, one.from.qos, one.retain, true, one.id);
}

void writer::acknowledged(const protocol::acknowledgement& ack) {
  if (protocol::is_failure(ack.code) &&
      ack.code != protocol::reason_code::packet_identifier_not_found)
    return refused(ack);
  const auto found = std::ranges::find(under_way_, ack.packet_id, &sent::id);
  if (found == under_way_.end())
    return;
  history_.acknowledged(found->from, found->number);
  if (found->retain)
    uncertain_.erase(found->from.topic);
  if (ack.type == ack_type::pubrec) {
    found->released = true;
    client_.acknowledge(ack_type::pubrel, ack.packet_id);
  } else {
    under_way_.erase(found);
  }
}

/// Nobody was promised anything: it is not sent again.
void writer::refused(const protocol::acknowledgement& ack) {
  if (!bears_refusals_)
    complaints_.push_back(name_ + ": a message was refused");
  const auto found = std::ranges::find(under_way_, ack.packet_id, &sent::id);
  if (found == under_way_.end())
    return;
  history_.abandoned(found->from, found->number);
  if (found->retain)
    std::erase(retained_[found->from.topic], found->number);
  if (found->retain && found->repeated)
    uncertain_.insert(found->from.topic);
  under_way_.erase(found);
}

void writer::listen() {
  client_.listen();
  if (has_begun_ || !client_.connack || client_.connack->code != protocol::reason_code::success)
    return;
  has_begun_ = true;
  if (has_session_ && !client_.connack->session_present)
    complaints_.push_back(name_ + ": the session is not there any more");
  has_session_ = keeps_session_;
}

std::uint32_t writer::last_retained(const std::string& topic, qos quality) const {
  const auto found = retained_.find(topic);
  if (found == retained_.end() || found->second.empty())
    return 0;
  const auto number = found->second.back();
  const auto removals = removals_.find({name_, topic, quality});
  return removals != removals_.end() && removals->second.contains(number) ? 0 : number;
}

} // namespace callboard::testing
