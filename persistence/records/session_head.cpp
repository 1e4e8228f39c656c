#include "persistence/records/session_head.hpp"

#include "persistence/records/parts.hpp"

#include <utility>

namespace callboard::persistence {

namespace {

void write_windows(record_writer& to, const session_head& head) {
  to.number(head.in_flight.size());
  for (const auto& one : head.in_flight) {
    to.number(one.id);
    to.flag(one.released);
    to.flag(one.returns);
    to.flag((one.position & never_queued) != 0);
    to.number(one.position & ~never_queued);
  }
  to.number(head.inbound.size());
  for (const auto id : head.inbound)
    to.number(id);
}

delivery_sent_off read_sent_off(record_reader& from) {
  delivery_sent_off one;
  one.id = from.number_as<protocol::packet_id>();
  one.released = from.flag();
  one.returns = from.flag();
  const auto mark = from.flag() ? never_queued : delivery_position{0};
  one.position = mark | from.number();
  return one;
}

void read_windows(record_reader& from, session_head& head) {
  for (auto left = from.count(); left > 0; --left)
    head.in_flight.push_back(read_sent_off(from));
  for (auto left = from.count(); left > 0; --left)
    head.inbound.insert(from.number_as<protocol::packet_id>());
}

} // namespace

void write_head(std::string& out, const session_head& head, const clock_reading& clock) {
  record_writer to{out};
  to.number(head.session);
  to.number(head.rows);
  to.number(head.folded);
  to.flag(head.attached);
  to.number(head.expiry);
  write_time(to, head.detached_at, clock);
  write_will(to, head.will);
  write_time(to, head.will_at, clock);
  to.number(head.last_packet_id);
  to.number(head.last_subscription);
  to.number(head.subscribed);
  to.number(head.first);
  to.number(head.next);
  to.number(head.waiting.count);
  to.number(head.waiting.shared);
  write_windows(to, head);
  to.number(head.waiting.bytes);
  to.number(head.waiting.qos_0);
}

std::optional<session_head> read_head(std::string_view content, const clock_reading& clock) {
  record_reader from{content};
  session_head head;
  head.begun = true; // others are not stored
  head.session = from.number();
  head.rows = from.number();
  head.folded = from.number();
  head.attached = from.flag();
  head.expiry = from.number_as<std::uint32_t>();
  head.detached_at = read_time(from, clock);
  head.will = read_will(from);
  head.will_at = read_time(from, clock);
  head.last_packet_id = from.number_as<protocol::packet_id>();
  head.last_subscription = from.number_as<protocol::subscription_number>();
  head.subscribed = from.number();
  head.first = from.number();
  head.next = from.number();
  head.waiting.count = from.number();
  head.waiting.shared = from.number();
  read_windows(from, head);
  if (!from.finished()) {
    head.waiting.bytes = from.number();
    head.waiting.qos_0 = from.number();
  }
  return from.finished() ? std::optional{std::move(head)} : std::nullopt;
}

} // namespace callboard::persistence
