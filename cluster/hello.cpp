#include "cluster/hello.hpp"

#include "persistence/records/record_reader.hpp"
#include "persistence/records/record_writer.hpp"

namespace callboard::cluster {

std::string encode(const hello& what) {
  std::string out;
  persistence::record_writer writer{out};
  writer.wide(what.from);
  writer.wide(what.to);
  for (const auto lane : all_lanes) {
    writer.number(what.taken[lane]);
    writer.number(what.done[lane]);
  }
  return out;
}

std::optional<hello> decode_hello(std::string_view bytes) {
  persistence::record_reader reader{bytes};
  hello found;
  found.from = reader.wide();
  found.to = reader.wide();
  for (const auto lane : all_lanes) {
    found.taken[lane] = reader.number();
    found.done[lane] = reader.number();
    if (found.done[lane] > found.taken[lane])
      reader.fail();
  }
  if (!reader.finished() || found.from == 0)
    return std::nullopt;
  return found;
}

} // namespace callboard::cluster
