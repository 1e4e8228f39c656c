#pragma once

#include "protocol/expected.hpp"
#include "protocol/reason_code.hpp"

#include <string_view>

namespace callboard::protocol {

/// What a client asks for in SUBSCRIBE or UNSUBSCRIBE: `$share/NAME/FILTER` is a
/// shared subscription (MQTT5-4.8.2), all else an ordinary one. Views into the
/// text that was parsed.
struct shared_filter {
  /// Empty: not shared. A shared one has at least one byte (MQTT5-4.8.2-1).
  std::string_view share_name;

  /// What topics are compared with. Valid in the sense of valid_topic_filter.
  std::string_view filter;

  bool shared() const { return !share_name.empty(); }
};

/// Takes the text of a subscription apart and checks all of it. Topic filter
/// invalid (0x8F) for what valid_topic_filter refuses, and for `$share//f`,
/// `$share/g`, `$share/g/` and a wildcard in the share name (MQTT5-4.8.2-1, -2,
/// E87). `$SHARE/...` and `$share` alone are ordinary.
expected<shared_filter, error> parse_shared_filter(std::string_view text);

} // namespace callboard::protocol
