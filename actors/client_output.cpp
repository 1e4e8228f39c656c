#include "actors/client_output.hpp"

#include "actors/house.hpp"
#include "protocol/codec/framer.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace callboard::actors {

client_output::client_output(house& place) : place_{place} {}

client_output::~client_output() {
  close();
}

void client_output::open(
  std::shared_ptr<network::stream> stream, std::function<void()> when_drained) {
  stream_ = std::move(stream);
  when_drained_ = std::move(when_drained);
}

void client_output::close() {
  if (!stream_)
    return; // perhaps on another thread by now
  stream_.reset();
  // Also if it has been written since: the list does not know of that.
  std::erase(place_.dirty, this);
  dirty_ = false;
}

void client_output::obey(
  protocol::version version, std::uint32_t maximum_packet_size, std::uint16_t topic_alias_maximum) {
  version_ = version;
  maximum_packet_size_ = maximum_packet_size;
  aliases_ =
    protocol::outbound_aliases{topic_alias_maximum, place_.rules.outbound_topic_alias_maximum};
}

void client_output::send(std::string_view packet) {
  if (!takes() || packet.empty())
    return;
  count_packets(1);
  queue_.append(packet);
  mark_dirty();
}

void client_output::send_publish(
  const protocol::outgoing_publication& packet, const protocol::message_ptr& message) {
  if (!takes())
    return;
  place_.counts.messages_sent.add();
  if (packet.payload.size() >= network::output_queue::worth_sharing) {
    queue_.append_with([&](std::string& end) { encode_publish_head(end, version_, packet); });
    queue_.append(
      {std::shared_ptr<const void>{message.get(), [kept = message](auto*) {}}, packet.payload});
  } else if (aliases_.enabled()) {
    send_shortened(packet);
  } else {
    queue_.append_with([&](std::string& end) { encode_publish(end, version_, packet); });
  }
  mark_dirty();
}

void client_output::send_shortened(const protocol::outgoing_publication& packet) {
  thread_local std::string whole; // keeps its memory
  whole.clear();
  encode_publish(whole, version_, packet);
  queue_.append_with([&](std::string& end) {
    if (!aliases_.rewrite(whole, end, maximum_packet_size_))
      end.append(whole);
  });
}

bool client_output::is_full() const {
  return queue_.size() >= place_.rules.output_maximum_bytes;
}

void client_output::hold_express() {
  if (!held_)
    held_ = std::make_unique<held_express>();
  std::ranges::move(std::exchange(held_->runs, {}), std::back_inserter(held_->earlier));
}

void client_output::release_express() {
  if (!held_)
    return;
  const auto held = std::exchange(held_, {});
  for (const auto* runs : {&held->earlier, &held->runs})
    for (const auto& run : *runs)
      send_express(run);
}

void client_output::hold_before(const publish_run& run) {
  if (held_ && takes() && has_room_for(run))
    held_->add(run, held_->earlier);
}

/// Or else it is dropped.
bool client_output::has_room_for(const publish_run& run) {
  const auto waiting = queue_.size() + (held_ ? held_->bytes : 0);
  if (waiting + run.packets.bytes.size() <= place_.rules.output_maximum_bytes || waiting == 0)
    return true;
  place_.counts.dropped_output_full.add(run.count);
  return false;
}

void client_output::send_express(const publish_run& run) {
  if (!takes() || !has_room_for(run))
    return;
  if (held_)
    return held_->add(run, held_->runs);
  if (aliases_.enabled() || !fits(run.largest)) {
    auto rest = run.packets.bytes;
    while (!rest.empty()) {
      const auto found = protocol::next_frame(rest);
      send_one_express(found.frame.packet, run);
      rest.remove_prefix(found.packet_size);
    }
  } else {
    place_.counts.messages_sent.add(run.count);
    // While the socket takes nothing, bytes are copied: a slice that waits long
    // would keep a whole block.
    if (blocked_)
      queue_.append(run.packets.bytes);
    else
      queue_.append(run.packets);
  }
  mark_dirty();
}

void client_output::send_one_express(std::string_view packet, const publish_run& run) {
  std::string shorter;
  if (aliases_.enabled() && aliases_.rewrite(packet, shorter, maximum_packet_size_)) {
    queue_.append(shorter);
  } else if (!fits(packet.size())) {
    place_.counts.dropped_packet_too_large.add();
    return;
  } else if (blocked_) {
    queue_.append(packet);
  } else {
    queue_.append(network::slice{run.packets.owner, packet});
  }
  place_.counts.messages_sent.add();
}

void client_output::write() {
  dirty_ = false;
  if (!is_open() || broken_ || blocked_)
    return;
  const bool was_congested = is_congested();
  const auto before = queue_.size();
  const auto result = queue_.write_to(*stream_);
  place_.counts.bytes_sent.add(before - queue_.size());
  broken_ = result == network::progress::ended;
  blocked_ = result == network::progress::blocked;
  if (blocked_)
    stream_->await_writable();
  if (was_congested && !is_congested())
    when_drained_(); // also if it is broken: who rests has to read the end
}

void client_output::write_again() {
  blocked_ = false;
  write();
}

void client_output::count_packets(std::size_t count) {
  place_.counts.packets_sent.add(count);
}

void client_output::mark_dirty() {
  if (dirty_ || blocked_)
    return;
  dirty_ = true;
  place_.dirty.push_back(this);
}

void client_output::held_express::add(const publish_run& run, std::vector<publish_run>& to) {
  // A slice that waits long would keep a whole block.
  const auto copy = std::make_shared<std::string>(run.packets.bytes);
  to.push_back({{copy, *copy}, run.count, run.largest});
  bytes += copy->size();
}

} // namespace callboard::actors
