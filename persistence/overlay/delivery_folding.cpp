#include "persistence/overlay/delivery_folding.hpp"

namespace callboard::persistence {

void delivery_folding::put_alone(delivery_position at, const protocol::delivery& what) {
  const bool queued = (at & never_queued) == 0;
  if (queued && what.share == 0 && put_into_run(at, what))
    return;
  end();
  if (!to_.put_whole_delivery(rows_, at, what))
    to_.put_delivery(rows_, at, what, 0);
}

std::uint64_t delivery_folding::put_shared(
  delivery_position at, const protocol::delivery& what, std::uint64_t number) {
  end();
  return to_.put_delivery(rows_, at, what, number);
}

bool delivery_folding::put_into_run(delivery_position at, const protocol::delivery& what) {
  if (at != next_in_run_ || !run_.add(what, to_.clock())) {
    end();
    if (!run_.add(what, to_.clock()))
      return false;
  }
  next_in_run_ = at + 1;
  return true;
}

void delivery_folding::end() {
  if (!run_.empty())
    to_.put_run(rows_, next_in_run_ - run_.size(), run_);
}

} // namespace callboard::persistence
