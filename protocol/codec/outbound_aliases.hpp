#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace callboard::protocol {

class alias_table;
struct outgoing_publication;

/// Shortens the topics of the PUBLISH packets that go out on one connection by
/// topic aliases, MQTT5-3.3.2.3.4: a filter over encoded packets, right before
/// they are written, so that what is dropped earlier cannot take an alias with it
/// (E62). One for each connection, new with each connection (E60). A few bytes
/// until the first packet comes; at most some hundred bytes and the topic an alias.
///
/// A topic gets an alias when it is used again, as long as aliases are free.
/// After that a topic that keeps coming takes the alias that was not used for
/// the longest time.
class outbound_aliases {
public:
  /// The receiver's Topic Alias Maximum (MQTT5-3.1.2-26), and our own limit.
  explicit outbound_aliases(std::uint16_t receiver_maximum = 0, std::uint16_t our_maximum = 64);
  outbound_aliases(outbound_aliases&&) noexcept;
  outbound_aliases& operator=(outbound_aliases&&) noexcept;
  ~outbound_aliases();

  /// Whether it can ever do something.
  bool enabled() const { return maximum_ != 0; }

  /// Appends an MQTT 5.0 PUBLISH to `out` in a form with an alias and says true:
  /// then that form must be sent, in this order. False if the packet is to be
  /// sent as it is: because an alias does not pay, because it has one, or because
  /// the packet would exceed `maximum_packet_size` (bytes; 0: no limit).
  bool rewrite(std::string_view publish, std::string& out, std::uint32_t maximum_packet_size = 0);

private:
  bool shorten(outgoing_publication& parts, std::uint32_t maximum_packet_size);

  std::uint16_t maximum_ = 0;
  std::unique_ptr<alias_table> table_;
};

} // namespace callboard::protocol
