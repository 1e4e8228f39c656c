#include "persistence/records/parts.hpp"

#include <memory>

namespace callboard::persistence {

namespace {

protocol::qos read_qos(record_reader& from) {
  return static_cast<protocol::qos>(from.byte_below(3));
}

void write_qos(record_writer& to, protocol::qos quality) {
  to.byte(static_cast<std::uint8_t>(quality));
}

std::uint64_t wall_time(protocol::time_point at, const clock_reading& clock) {
  return static_cast<std::uint64_t>(clock.to_wall(at));
}

} // namespace

void write_time(record_writer& to, protocol::time_point at, const clock_reading& clock) {
  to.wide(wall_time(at, clock));
}

protocol::time_point read_time(record_reader& from, const clock_reading& clock) {
  return clock.from_wall(static_cast<std::int64_t>(from.wide()));
}

void write_message(field_writer& to, const protocol::message& what, const clock_reading& clock) {
  to.wide(what.head().publisher);
  const bool expires = what.head().expires_at != protocol::never;
  to.flag(expires);
  if (expires)
    to.wide(wall_time(what.head().expires_at, clock));
  to.byte(static_cast<std::uint8_t>(what.head().qos));
  to.flag(what.head().retain);
  to.bytes(what.topic());
  to.bytes(what.properties());
  to.bytes(what.payload());
}

void write_message(record_writer& to, const protocol::message& what, const clock_reading& clock) {
  auto fields = to.room(written_size(what));
  write_message(fields, what, clock);
}

std::size_t written_size(const protocol::message& what) {
  std::size_t size = 8 + 1 + (what.head().expires_at != protocol::never ? 8 : 0) + 2;
  for (const auto part : {what.topic(), what.properties(), what.payload()})
    size += size_of_number(part.size()) + part.size();
  return size;
}

protocol::message_ptr read_message(record_reader& from, const clock_reading& clock) {
  protocol::message_head head;
  head.publisher = from.wide();
  if (from.flag())
    head.expires_at = read_time(from, clock);
  head.qos = read_qos(from);
  head.retain = from.flag();
  const auto topic = from.bytes();
  const auto properties = from.bytes();
  const auto payload = from.bytes();
  if (from.failed())
    return {};
  return protocol::message::make(head, topic, properties, payload);
}

void write_will(record_writer& to, const protocol::will_ptr& what) {
  to.flag(what != nullptr);
  if (!what)
    return;
  to.bytes(what->topic);
  to.bytes(what->payload);
  to.bytes(what->properties);
  to.number(what->delay_interval);
  to.number(what->message_expiry_interval);
  write_qos(to, what->qos);
  to.flag(what->retain);
}

protocol::will_ptr read_will(record_reader& from) {
  if (!from.flag())
    return nullptr;
  auto what = std::make_shared<protocol::will>();
  what->topic = from.bytes();
  what->payload = from.bytes();
  what->properties = from.bytes();
  what->delay_interval = from.number_as<std::uint32_t>();
  what->message_expiry_interval = from.number_as<std::uint32_t>();
  what->qos = read_qos(from);
  what->retain = from.flag();
  return what;
}

void write_subscription(record_writer& to, const protocol::subscription& what) {
  to.bytes(what.filter);
  to.number(what.number);
  to.number(what.identifier);
  write_qos(to, what.options.maximum_qos);
  to.flag(what.options.no_local);
  to.flag(what.options.retain_as_published);
  to.byte(static_cast<std::uint8_t>(what.options.retain_handling));
  to.number(what.share_name_size);
}

protocol::subscription read_subscription(record_reader& from) {
  protocol::subscription what;
  what.filter = from.bytes();
  what.number = from.number_as<protocol::subscription_number>();
  what.identifier = from.number_as<std::uint32_t>();
  what.options.maximum_qos = read_qos(from);
  what.options.no_local = from.flag();
  what.options.retain_as_published = from.flag();
  what.options.retain_handling = static_cast<protocol::retain_handling>(from.byte_below(3));
  what.share_name_size = from.number_as<std::uint16_t>();
  return what;
}

void write_terms(field_writer& to, const protocol::delivery& what) {
  to.byte(static_cast<std::uint8_t>(what.qos));
  to.flag(what.retain);
  to.number(what.share);
  to.number(what.identifiers.all().size());
  for (const auto identifier : what.identifiers.all())
    to.number(identifier);
}

void write_terms(record_writer& to, const protocol::delivery& what) {
  auto fields = to.room(terms_size(what));
  write_terms(fields, what);
}

std::size_t terms_size(const protocol::delivery& what) {
  const auto identifiers = what.identifiers.all();
  auto size = 2 + size_of_number(what.share) + size_of_number(identifiers.size());
  for (const auto identifier : identifiers)
    size += size_of_number(identifier);
  return size;
}

protocol::delivery read_terms(record_reader& from) {
  protocol::delivery what;
  what.qos = read_qos(from);
  what.retain = from.flag();
  what.share = from.number();
  for (auto left = from.count(); left > 0; --left)
    what.identifiers.add(from.number_as<std::uint32_t>());
  return what;
}

} // namespace callboard::persistence
