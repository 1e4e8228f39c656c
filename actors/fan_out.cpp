#include "actors/fan_out.hpp"

#include "protocol/codec/encode.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace callboard::actors {

namespace {

using protocol::version;

/// 3.1 and 3.1.1 have the same PUBLISH.
bool is_v5(version any) {
  return any == version::mqtt_5_0;
}

} // namespace

bool goes_as_it_came(
  const protocol::publication& publication, const packet_batch& batch, const express_group& group) {
  return publication.forwardable && group.identifiers.empty() &&
         is_v5(batch.version) == is_v5(group.version);
}

network::slice encode_shared(
  house& place, version version, const protocol::outgoing_publication& packet) {
  thread_local std::string bytes;
  bytes.clear();
  protocol::encode_publish(bytes, version, packet);
  const auto& block = place.encoding.with_room(bytes.size());
  auto* at = block->free_space();
  std::memcpy(at, bytes.data(), bytes.size());
  block->used += bytes.size();
  return {block, {at, bytes.size()}};
}

outbound_publication::outbound_publication(const protocol::publication& publication,
  const packet_batch& batch, protocol::client_number publisher, time_point now)
    : publication_{publication}, batch_{batch}, publisher_{publisher}, now_{now} {}

const protocol::message_ptr& outbound_publication::message() {
  if (!message_) {
    const protocol::message_head head{.publisher = publisher_,
      .expires_at = protocol::after(now_, publication_.message_expiry_interval),
      .qos = publication_.qos,
      .retain = publication_.retain};
    message_ = protocol::message::make(
      head, publication_.topic, publication_.properties, publication_.payload);
  }
  return message_;
}

network::slice outbound_publication::packet(house& place, const express_group& group) {
  if (!group.identifiers.empty())
    return encode(place, group);
  const bool retain = publication_.retain && group.retain_as_published;
  if (!packets_)
    packets_.emplace();
  auto& made = packets_->at(is_v5(group.version) ? 1 : 0).at(retain ? 1 : 0);
  if (made.owner)
    return made;
  if (goes_as_it_came(publication_, batch_, group))
    made = {batch_.bytes, publication_.packet};
  else
    made = encode(place, group);
  return made;
}

network::slice outbound_publication::encode(house& place, const express_group& group) const {
  return encode_shared(place, group.version,
    {.retain = publication_.retain && group.retain_as_published,
      .message_expiry_interval = publication_.message_expiry_interval,
      .subscription_identifiers = group.identifiers.all(),
      .topic = publication_.topic,
      .properties = publication_.properties,
      .payload = publication_.payload});
}

void fan_out::add(outbound_publication& what, const express_group& group) {
  auto packet = what.packet(place_, group);
  const auto size = static_cast<std::uint32_t>(packet.bytes.size());
  add(group.unit, {std::move(packet), 1, size}, group.sinks);
}

void fan_out::add_as_it_came(
  const protocol::publication& publication, const packet_batch& batch, const express_group& group) {
  auto& loads = loads_[group.unit];
  const auto& packet = publication.packet;
  const auto size = static_cast<std::uint32_t>(packet.size());
  if (!loads.empty()) {
    auto& last = loads.back();
    auto& bytes = last.run.packets.bytes;
    if (last.to.is(group.sinks) && bytes.data() + bytes.size() == packet.data() &&
        last.run.packets.owner.get() == batch.bytes.get()) {
      bytes = {bytes.data(), bytes.size() + size};
      ++last.run.count;
      last.run.largest = std::max(last.run.largest, size);
      return;
    }
  }
  loads.push_back({{{batch.bytes, packet}, 1, size}, group.sinks});
}

void fan_out::add(std::uint16_t unit, const publish_run& run, const sink_list& to) {
  auto& loads = loads_[unit];
  if (!loads.empty()) {
    // Neighbours in memory with the same receivers are one run.
    auto& last = loads.back();
    const auto& bytes = last.run.packets.bytes;
    if (last.to.is(to) && bytes.data() + bytes.size() == run.packets.bytes.data() &&
        last.run.packets.owner == run.packets.owner) {
      last.run.packets.bytes = {bytes.data(), bytes.size() + run.packets.bytes.size()};
      last.run.count += run.count;
      last.run.largest = std::max(last.run.largest, run.largest);
      return;
    }
  }
  loads.push_back({run, to});
}

void fan_out::send_all() {
  for (std::size_t unit = 0; unit < loads_.size(); ++unit)
    if (!loads_[unit].empty())
      tell(place_.company.expresses[unit], carry{std::exchange(loads_[unit], {})});
}

} // namespace callboard::actors
