#pragma once

#include <cstddef>
#include <string_view>

/// Topic names and topic filters, MQTT5-4.7. All of it compares bytes, as the
/// standard asks (E20): no normalisation, no letter case. Nothing recurses, so
/// that 65,536 levels are as harmless as two (E21).
namespace callboard::protocol {

/// Bytes that a topic name or topic filter may have (MQTT5-4.7.3-3).
inline constexpr std::size_t longest_topic = 65'535;

/// Whether a client may subscribe to this filter: 1 to 65,535 bytes
/// (MQTT5-4.7.3-1, -3) without U+0000 (MQTT5-4.7.3-2), `#` alone in the last
/// level (MQTT5-4.7.1-1), `+` alone in its level (MQTT5-4.7.1-2). That it is
/// UTF-8 was checked when the packet was decoded. Knows nothing of `$share`:
/// see parse_shared_filter.
bool valid_topic_filter(std::string_view filter);

/// Whether a client may publish to this name: 1 to 65,535 bytes without U+0000
/// and without wildcards (MQTT5-3.3.2-2).
bool valid_topic_name(std::string_view name);

/// Whether a message on `topic` goes to a subscriber of `filter`. Both are
/// valid. `#` matches the parent level too, `+` an empty level (E86); a leading
/// wildcard never matches a topic that begins with `$` (MQTT5-4.7.2-1, E85).
bool matches(std::string_view filter, std::string_view topic);

/// Whether all topics that `inner` matches are matched by `filter` too. Both are valid.
bool covers(std::string_view filter, std::string_view inner);

/// Whether the filter can match more than one topic.
bool has_wildcard(std::string_view filter);

/// What every topic that matches the filter begins with: the levels before the
/// first wildcard, without the separator that ends them.
std::string_view literal_prefix(std::string_view filter);

/// How many levels a name or filter has: `a//b` has three, `a` has one.
std::size_t level_count(std::string_view text);

/// The first `count` levels of a name or filter; all of it if it has no more.
/// The first 0 levels are empty.
std::string_view first_levels(std::string_view text, std::size_t count);

/// A prefix names a part of the topic space by its first levels, such as
/// `plant/7`; the empty prefix has no level and names all topics. A topic is
/// below a prefix if it begins with the same levels or equals it.
bool is_below(std::string_view topic, std::string_view prefix);

/// Whether the filter can match any topic below the prefix: compared level by
/// level, `+` stands for any level, `#` for all that follow. A leading wildcard
/// never reaches below a prefix that begins with `$`.
bool may_match_below(std::string_view filter, std::string_view prefix);

/// Whether the filter can match topics below the prefix and others as well, so
/// that whoever keeps the topics below the prefix is not alone in keeping it.
bool spans(std::string_view filter, std::string_view prefix);

} // namespace callboard::protocol
