#include "protocol/codec/property_reader.hpp"

namespace callboard::protocol {

namespace {

void read_value(reader& in, read_property& into) {
  switch (form_of(into.id)) {
  case property_form::one_byte:
    into.number = in.one_byte();
    break;
  case property_form::two_bytes:
    into.number = in.two_bytes();
    break;
  case property_form::four_bytes:
    into.number = in.four_bytes();
    break;
  case property_form::variable_byte_integer:
    into.number = in.variable_byte_integer();
    break;
  case property_form::text:
    into.text = in.text();
    break;
  case property_form::binary:
    into.text = in.binary();
    break;
  case property_form::text_pair:
    into.text = in.text();
    into.value = in.text(); // MQTT5-1.5.7-1
    break;
  case property_form::none:
    break;
  }
}

void refuse_zero(reader& in, const read_property& read, std::string_view phrase) {
  if (read.number == 0)
    in.fail(reason_code::protocol_error, phrase);
}

void check_response_topic(reader& in, std::string_view topic) {
  if (topic.empty())
    in.fail(reason_code::protocol_error, "a response topic must not be empty");
  if (topic.find_first_of("+#") != std::string_view::npos) // MQTT5-3.3.2-14
    in.fail(reason_code::protocol_error, "a response topic must not hold the wildcards + and #");
}

void check_value(reader& in, const read_property& read) {
  if (form_of(read.id) == property_form::one_byte && read.number > 1)
    in.fail(reason_code::protocol_error, "a property of one byte must be 0 or 1");
  switch (read.id) {
  case property::receive_maximum:
    return refuse_zero(in, read, "a receive maximum must not be 0: leave it out for 65,535");
  case property::maximum_packet_size:
    return refuse_zero(in, read, "a maximum packet size must not be 0: leave it out for no limit");
  case property::subscription_identifier:
    return refuse_zero(in, read, "a subscription identifier must not be 0: leave it out for none");
  case property::response_topic:
    return check_response_topic(in, read.text);
  case property::topic_alias:
    if (read.number == 0) // MQTT5-3.3.2-8
      in.fail(reason_code::topic_alias_invalid, "a topic alias must not be 0");
    return;
  default:
    return;
  }
}

} // namespace

property_reader::property_reader(reader& body, property_set allowed, property_set repeated)
    : body_{body}, block_{body.bytes(body.variable_byte_integer())}, allowed_{allowed},
      repeated_{repeated} {
  repeated_.add(property::user_property);
}

std::optional<read_property> property_reader::next() {
  if (block_.empty())
    return std::nullopt;
  const auto before = block_.rest();
  read_property read;
  if (const auto id = block_.variable_byte_integer(); admit(id)) {
    read.id = static_cast<property>(id);
    read_value(block_, read);
  }
  if (!block_.failed())
    check_value(block_, read);
  if (block_.failed()) {
    body_.fail(block_.fault().code, block_.fault().phrase);
    return std::nullopt;
  }
  read.encoded = before.substr(0, before.size() - block_.rest().size());
  return read;
}

bool property_reader::admit(std::uint32_t number) {
  const auto id = static_cast<property>(number);
  if (number > last_property || form_of(id) == property_form::none)
    block_.fail(reason_code::malformed_packet, "there is no property with this identifier");
  else if (!allowed_.contains(id))
    block_.fail(reason_code::malformed_packet,
      "a property stands in a packet that it does not belong into, or comes from the wrong side");
  else if (seen_.contains(id) && !repeated_.contains(id))
    block_.fail(reason_code::protocol_error, "only user properties may come more than once");
  else
    seen_.add(id);
  return !block_.failed();
}

} // namespace callboard::protocol
