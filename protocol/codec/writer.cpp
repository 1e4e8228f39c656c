#include "protocol/codec/writer.hpp"

#include "protocol/codec/framer.hpp"

namespace callboard::protocol {

void body_writer::two_bytes(std::size_t value) {
  one_byte(value >> 8);
  one_byte(value);
}

void body_writer::four_bytes(std::size_t value) {
  two_bytes(value >> 16);
  two_bytes(value);
}

void body_writer::variable_byte_integer(std::size_t value) {
  for (; value >= 0x80; value >>= 7)
    one_byte(value | 0x80);
  one_byte(value);
}

void body_writer::field(std::string_view bytes) {
  bytes = bytes.substr(0, longest_field);
  two_bytes(bytes.size());
  raw(bytes);
}

void property_writer::number(property id, std::optional<std::uint32_t> value) {
  if (!value)
    return;
  block_.one_byte(static_cast<std::uint8_t>(id));
  switch (form_of(id)) {
  case property_form::one_byte:
    return block_.one_byte(*value);
  case property_form::two_bytes:
    return block_.two_bytes(*value);
  case property_form::variable_byte_integer:
    return block_.variable_byte_integer(*value);
  default:
    return block_.four_bytes(*value);
  }
}

void property_writer::field(property id, const std::optional<std::string>& value) {
  if (!value)
    return;
  block_.one_byte(static_cast<std::uint8_t>(id));
  block_.field(*value);
}

void property_writer::text(property id, std::string_view value) {
  if (value.empty())
    return;
  block_.one_byte(static_cast<std::uint8_t>(id));
  block_.field(value);
}

void property_writer::pairs(const user_properties& pairs) {
  for (const auto& [key, value] : pairs) {
    block_.one_byte(static_cast<std::uint8_t>(property::user_property));
    block_.field(key);
    block_.field(value);
  }
}

void property_writer::append_to(body_writer& body) const {
  body.variable_byte_integer(bytes().size());
  body.raw(bytes());
}

bool append_packet(std::string& out, std::uint8_t first_byte, std::string_view body,
  std::uint32_t maximum_packet_size) {
  if (body.size() > largest_remaining_length)
    return false;
  const auto head = 1 + variable_byte_integer_size(body.size());
  const auto size = head + body.size();
  if (size > maximum_packet_size && maximum_packet_size != 0)
    return false;
  const auto begin = out.size();
  out.resize(begin + size);
  raw_writer writer{out.data() + begin};
  writer.one_byte(first_byte);
  writer.variable_byte_integer(body.size());
  writer.bytes(body);
  return true;
}

} // namespace callboard::protocol
