#include "actors/packet_batch.hpp"

#include "actors/mail.hpp"

namespace callboard::actors {

void inflow::give_back(std::size_t bytes) {
  const auto before = outstanding_.fetch_sub(bytes);
  // Half of the limit, so that reading does not stop and go with every batch.
  if (before - bytes <= limit / 2 && waiting_.load() && waiting_.exchange(false))
    tell(reader_, read_on{});
}

} // namespace callboard::actors
