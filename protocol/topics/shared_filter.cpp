#include "protocol/topics/shared_filter.hpp"

#include "protocol/topics/topic_filter.hpp"

namespace callboard::protocol {

namespace {

constexpr std::string_view share = "$share/";

constexpr error invalid_filter{reason_code::topic_filter_invalid,
  "use 1 to 65,535 bytes, # alone in the last level and + alone in its level"};
constexpr error invalid_share{reason_code::topic_filter_invalid,
  "write a shared subscription as $share/NAME/FILTER, with neither + nor # in the name"};

} // namespace

expected<shared_filter, error> parse_shared_filter(std::string_view text) {
  if (text.size() > longest_topic)
    return invalid_filter;
  shared_filter parsed{{}, text};
  if (text.starts_with(share)) {
    const auto rest = text.substr(share.size());
    const auto end = rest.find('/');
    parsed.share_name = rest.substr(0, end);
    if (end == std::string_view::npos || !valid_topic_name(parsed.share_name))
      return invalid_share;
    parsed.filter = rest.substr(end + 1);
    if (parsed.filter.empty())
      return invalid_share;
  }
  if (!valid_topic_filter(parsed.filter))
    return invalid_filter;
  return parsed;
}

} // namespace callboard::protocol
