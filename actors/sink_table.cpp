#include "actors/sink_table.hpp"

#include <utility>

namespace callboard::actors {

sink_id sink_table::add(client_output& output, connection_role owner) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.emplace_back();
  }
  const auto number = free_.back();
  free_.pop_back();
  places_[number].output = &output;
  places_[number].owner = std::move(owner);
  return {number, places_[number].generation};
}

void sink_table::remove(sink_id id) {
  if (find(id) == nullptr)
    return;
  auto& left = places_[id.place];
  left.output = nullptr;
  left.owner = {};
  if (++left.generation == 0)
    left.generation = 1;
  free_.push_back(id.place);
}

} // namespace callboard::actors
