#include "actors/pending_answer.hpp"

#include "protocol/codec/encode.hpp"

#include <utility>

namespace callboard::actors {

namespace {

/// Reason strings are for people: a filter that is too long to read is not repeated.
constexpr std::size_t longest_filter = 256;

} // namespace

void pending_answer::add(std::string_view filter, const protocol::error& outcome) {
  packet_.codes.push_back(outcome.code);
  if (outcome.phrase.empty() || !packet_.reason_string.empty())
    return;
  packet_.reason_string = filter.size() > longest_filter ? "a filter" : filter;
  packet_.reason_string.append(": ").append(outcome.phrase);
}

std::string pending_answer::encoded(
  protocol::version version, bool wants_reason, std::uint32_t maximum_packet_size) && {
  if (!wants_reason)
    packet_.reason_string.clear();
  std::string bytes;
  if (kind_ == kind::suback)
    protocol::encode_suback(bytes, version, packet_, maximum_packet_size);
  else
    protocol::encode_unsuback(
      bytes, version, protocol::unsuback{std::move(packet_)}, maximum_packet_size);
  return bytes;
}

} // namespace callboard::actors
