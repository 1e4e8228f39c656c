#include "protocol/session/message_queue.hpp"

#include <utility>

namespace callboard::protocol {

namespace {

/// Moves those out of a list of which this is true, and keeps the order of both.
template <class List, class Takes>
void take_out(List& from, std::vector<delivery>& taken, Takes takes) {
  for (auto left = from.size(); left > 0; --left) {
    auto first = from.pop();
    if (takes(first))
      taken.push_back(std::move(first));
    else
      from.push(std::move(first));
  }
}

} // namespace

void message_queue::push(delivery&& what) {
  all_ += tally_of(what);
  (rest_ ? rest_->behind : waiting_).push(std::move(what));
}

delivery message_queue::pop() {
  auto first = waiting_.pop();
  all_ -= tally_of(first);
  return first;
}

std::vector<delivery> message_queue::take_shared() {
  std::vector<delivery> taken;
  const auto is_shared = [](const delivery& one) { return one.share != 0; };
  take_out(waiting_, taken, is_shared);
  if (rest_)
    take_out(rest_->behind, taken, is_shared);
  for (const auto& one : taken)
    all_ -= tally_of(one);
  return taken;
}

// -- what rests in the store ----------------------------------------------------------

delivery_tally message_queue::in_memory() const {
  auto here = all_;
  here -= resting();
  return here;
}

void message_queue::rest(const queue_portion& kept) {
  if (all_.shared != 0 || all_.fleeting != 0)
    return;
  auto part = rest_ ? std::move(rest_) : std::make_unique<resting_part>();
  delivery_tally stays;
  for (auto left = part->what.count == 0 ? waiting_.size() : 0; left > 0; --left) {
    auto first = waiting_.pop();
    const auto tally = tally_of(first);
    if (!kept.has_room_behind(stays)) {
      part->what += tally;
      continue;
    }
    stays += tally;
    waiting_.push(std::move(first));
  }
  for (; !part->behind.empty(); part->behind.pop())
    part->what += tally_of(part->behind.front());
  part->behind.clear();
  if (part->what.count != 0)
    rest_ = std::move(part);
}

void message_queue::add_resting(const delivery_tally& more) {
  if (more.count == 0)
    return;
  if (!rest_)
    rest_ = std::make_unique<resting_part>();
  rest_->what += more;
  all_ += more;
}

std::uint64_t message_queue::wake(std::vector<delivery>&& first, const delivery_tally& lost) {
  if (!rest_)
    return 0;
  for (auto& one : first) {
    rest_->what -= tally_of(one);
    waiting_.push(std::move(one));
  }
  const auto gone = first.empty() ? rest_->what : lost;
  const auto rested = rest_->what.count;
  rest_->what -= gone;
  all_ -= gone;
  const auto count = rested - rest_->what.count;
  if (rest_->what.count == 0)
    stop_resting();
  return count;
}

/// What came since lies right behind the others now.
void message_queue::stop_resting() {
  const auto part = std::move(rest_);
  all_ -= part->what; // what the store counted otherwise
  while (!part->behind.empty())
    waiting_.push(part->behind.pop());
}

bool operator==(const message_queue& left, const message_queue& right) {
  std::vector<const delivery*> waiting;
  left.for_each([&](const delivery& one) { waiting.push_back(&one); });
  if (left.all_ != right.all_ || left.resting() != right.resting())
    return false;
  bool equal = true;
  auto at = waiting.begin();
  right.for_each([&](const delivery& one) { equal = equal && **at++ == one; });
  return equal;
}

} // namespace callboard::protocol
