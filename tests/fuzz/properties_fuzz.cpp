#include "protocol/codec/message_properties.hpp"
#include "protocol/codec/property_reader.hpp"
#include "protocol/codec/utf8.hpp"
#include "protocol/codec/writer.hpp"
#include "tests/fuzz/codec_input.hpp"

#include <optional>
#include <set>
#include <vector>

/// A block of properties alone, without its length. The first byte of an input chooses
/// which properties the packet may have.
namespace callboard::protocol::fuzz {

namespace {

/// How the value of a property is written, once more and by the book (MQTT5-2.2.2.2):
/// a number of so many bytes, a variable byte integer, strings, or binary data.
char form_by_the_book(std::uint32_t id) {
  static const std::set<std::uint32_t> ones{0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A};
  static const std::set<std::uint32_t> twos{0x13, 0x21, 0x22, 0x23};
  static const std::set<std::uint32_t> fours{0x02, 0x11, 0x18, 0x27};
  static const std::set<std::uint32_t> strings{0x03, 0x08, 0x12, 0x15, 0x1A, 0x1C, 0x1F};
  static const std::set<std::uint32_t> binaries{0x09, 0x16};
  return ones.contains(id)       ? '1'
         : twos.contains(id)     ? '2'
         : fours.contains(id)    ? '4'
         : strings.contains(id)  ? 's'
         : binaries.contains(id) ? 'b'
         : id == 0x0B            ? 'v'
         : id == 0x26            ? 'p'
                                 : ' ';
}

/// Reads with plain loops; none at the first fault.
class book {
public:
  explicit book(std::string_view bytes) : rest_{bytes} {}

  bool at_end() const { return rest_.empty(); }

  std::optional<std::uint32_t> number(std::size_t size) {
    if (rest_.size() < size)
      return std::nullopt;
    std::uint32_t value = 0;
    for (const char byte : rest_.substr(0, size))
      value = value * 256 + static_cast<std::uint8_t>(byte);
    rest_.remove_prefix(size);
    return value;
  }

  std::optional<std::uint32_t> variable() {
    std::uint32_t value = 0;
    std::uint32_t unit = 1;
    for (std::size_t size = 1; size <= 4; ++size, unit *= 128) {
      const auto byte = number(1);
      if (!byte)
        return std::nullopt;
      value += *byte % 128 * unit;
      if (*byte < 128)
        return size == variable_byte_integer_size(value) ? std::optional{value} : std::nullopt;
    }
    return std::nullopt;
  }

  std::optional<std::string_view> field() {
    const auto size = number(2);
    if (!size || rest_.size() < *size)
      return std::nullopt;
    const auto taken = rest_.substr(0, *size);
    rest_.remove_prefix(*size);
    return taken;
  }

  std::optional<std::string_view> text() {
    const auto taken = field();
    return taken && valid_utf8(*taken) ? taken : std::nullopt;
  }

private:
  std::string_view rest_;
};

/// Whether one value, behind its identifier, is as the standard wants it.
bool value_by_the_book(book& in, std::uint32_t id) {
  switch (form_by_the_book(id)) {
  case '1': {
    const auto value = in.number(1);
    return value && *value <= 1;
  }
  case '2': {
    const auto value = in.number(2);
    return value && (*value != 0 || (id != 0x21 && id != 0x23));
  }
  case '4': {
    const auto value = in.number(4);
    return value && (*value != 0 || id != 0x27);
  }
  case 'v': {
    const auto value = in.variable();
    return value && *value != 0;
  }
  case 's': {
    const auto value = in.text();
    return value && (id != 0x08 ||
                      (!value->empty() && value->find_first_of("+#") == std::string_view::npos));
  }
  case 'b':
    return in.field().has_value();
  case 'p':
    return in.text().has_value() && in.text().has_value();
  default:
    return false;
  }
}

bool valid_by_the_book(std::string_view block, property_set allowed, property_set repeated) {
  book in{block};
  std::set<std::uint32_t> seen;
  while (!in.at_end()) {
    const auto id = in.variable();
    if (!id || form_by_the_book(*id) == ' ')
      return false;
    const auto which = static_cast<property>(*id);
    const bool again = !seen.insert(*id).second;
    if (!allowed.contains(which) ||
        (again && which != property::user_property && !repeated.contains(which)))
      return false;
    if (!value_by_the_book(in, *id))
      return false;
  }
  return true;
}

property_set any_property() {
  property_set all{};
  for (std::uint32_t id = 1; id <= last_property; ++id)
    if (form_by_the_book(id) != ' ')
      all.add(static_cast<property>(id));
  return all;
}

/// One property as the writer would have written it.
std::string written(const read_property& one) {
  property_writer writer;
  switch (form_of(one.id)) {
  case property_form::text:
  case property_form::binary:
    writer.field(one.id, std::string{one.text});
    break;
  case property_form::text_pair:
    writer.pairs({{std::string{one.text}, std::string{one.value}}});
    break;
  default:
    writer.number(one.id, one.number);
    break;
  }
  return writer.bytes();
}

void check_reader(std::string_view block, property_set allowed, property_set repeated) {
  body_writer body;
  body.variable_byte_integer(block.size());
  body.raw(block);
  body.raw("behind");
  reader in{body.bytes()};
  property_reader properties{in, allowed, repeated};
  std::string seen;
  while (const auto one = properties.next()) {
    seen += one->encoded;
    require(written(*one) == one->encoded, "a property is written as it was read");
  }
  require(in.failed() != valid_by_the_book(block, allowed, repeated), "reader and book agree");
  require(block.starts_with(seen), "properties lie one behind the other");
  if (in.failed()) {
    require(!in.fault().phrase.empty() && is_failure(in.fault().code), "a fault says why");
  } else {
    require(seen == block, "nothing of them is left out");
    require(in.rest() == "behind", "and nothing behind them is touched");
  }
}

void check_message_properties(std::string_view block) {
  const auto once = decode_message_properties(block); // whatever the bytes are
  require(decode_message_properties(encode(once)) == once, "what a message keeps comes again");
}

} // namespace

} // namespace callboard::protocol::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace callboard::protocol;
  const fuzz::codec_input input{bytes, size};
  const auto choice = size == 0 ? 0U : bytes[0];
  const auto allowed = choice % 3 == 0   ? fuzz::any_property()
                       : choice % 3 == 1 ? publish_property_set
                                         : message_property_set;
  const property_set repeated =
    choice % 2 == 0 ? property_set{} : property_set{property::subscription_identifier};
  fuzz::check_reader(input.rest(), allowed, repeated);
  fuzz::check_message_properties(input.rest());
  return 0;
}
