#pragma once

#include "protocol/codec/property.hpp"
#include "protocol/codec/reader.hpp"
#include "protocol/packets/properties.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callboard::protocol {

/// One property as it was read.
struct read_property {
  property id{};
  std::uint32_t number = 0;
  std::string_view text;  // also binary data, and the key of a user property
  std::string_view value; // of a user property

  /// Identifier and value, encoded.
  std::string_view encoded;
};

/// Reads the properties of a packet, MQTT5-2.2.2, and checks whatever can be said
/// of each by itself: that it belongs into the packet, comes once (E34), and has a
/// value that it may have (E35, E36, E64, E65, E88).
class property_reader {
public:
  /// Begins with the property length. `allowed`: others are malformed_packet;
  /// `repeated`: besides the user property, what may come more than once.
  property_reader(reader& body, property_set allowed, property_set repeated = {});

  /// The next property; none at the end, and after a fault, which is then the
  /// packet's.
  std::optional<read_property> next();

private:
  bool admit(std::uint32_t number);

  reader& body_;
  reader block_;
  property_set allowed_;
  property_set repeated_;
  property_set seen_{};
};

/// Appends a user property.
inline void keep(user_properties& all, const read_property& one) {
  all.emplace_back(std::string{one.text}, std::string{one.value});
}

} // namespace callboard::protocol
