#include "cluster/blob.hpp"

#include "persistence/records/record_reader.hpp"
#include "persistence/records/record_writer.hpp"

namespace callboard::cluster {

namespace {

constexpr std::size_t largest_head = 1 + 6 * 10;

} // namespace

std::string make_blob(const blob_head& head, std::string_view frames) {
  std::string out;
  out.reserve(largest_head + frames.size());
  persistence::record_writer writer{out};
  writer.byte(static_cast<std::uint8_t>(head.on));
  writer.number(head.view);
  for (const auto number : head.done)
    writer.number(number);
  writer.number(head.first);
  writer.number(head.count);
  out.append(frames);
  return out;
}

std::optional<opened_blob> open_blob(std::string_view bytes) {
  persistence::record_reader reader{bytes};
  opened_blob found;
  auto& head = found.head;
  head.on = static_cast<lane>(reader.byte_below(lane_count));
  head.view = reader.number();
  for (auto& number : head.done)
    number = reader.number();
  head.first = reader.number();
  head.count = reader.number();
  found.frames = reader.rest();
  if (reader.failed() || (head.count == 0) != found.frames.empty())
    return std::nullopt;
  return found;
}

} // namespace callboard::cluster
