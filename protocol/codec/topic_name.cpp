#include "protocol/codec/topic_name.hpp"

#include "protocol/codec/utf8.hpp"
#include "protocol/codec/words.hpp"

#include <cstddef>
#include <cstdint>

namespace callboard::protocol {

namespace {

std::uint64_t suspicious(std::uint64_t word) {
  return words::not_plain(word) | words::has(word, '+') | words::has(word, '#');
}

/// Whether the topic is ASCII without 0 and wildcards, as nearly all are.
bool plain(std::string_view topic) {
  const auto* at = topic.data();
  const auto size = topic.size();
  if (size < 8)
    return suspicious(words::load(at, size, '/')) == 0;
  std::uint64_t found = 0;
  for (std::size_t done = 0; done + 8 < size; done += 8)
    found |= suspicious(words::load(at + done));
  return (found | suspicious(words::load(at + size - 8))) == 0;
}

} // namespace

topic_name_fault check_topic_name(std::string_view topic) {
  if (plain(topic))
    return topic_name_fault::none;
  if (!valid_utf8(topic))
    return topic_name_fault::not_utf8;
  return topic.find_first_of("+#") != std::string_view::npos ? topic_name_fault::wildcard
                                                             : topic_name_fault::none;
}

} // namespace callboard::protocol
