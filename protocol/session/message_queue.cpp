#include "protocol/session/message_queue.hpp"

#include <utility>

namespace callboard::protocol {

void message_queue::push(delivery&& what) {
  bytes_ += what.message->size();
  qos_0_ += what.qos == qos::at_most_once ? 1 : 0;
  waiting_.push(std::move(what));
}

delivery message_queue::pop() {
  auto first = waiting_.pop();
  bytes_ -= first.message->size();
  qos_0_ -= first.qos == qos::at_most_once ? 1 : 0;
  return first;
}

std::vector<delivery> message_queue::take_shared() {
  std::vector<delivery> taken;
  for (auto left = size(); left > 0; --left) {
    auto first = pop();
    if (first.share != 0)
      taken.push_back(std::move(first));
    else
      push(std::move(first));
  }
  return taken;
}

bool operator==(const message_queue& left, const message_queue& right) {
  std::vector<const delivery*> waiting;
  left.for_each([&](const delivery& one) { waiting.push_back(&one); });
  if (waiting.size() != right.size())
    return false;
  bool equal = true;
  auto at = waiting.begin();
  right.for_each([&](const delivery& one) { equal = equal && **at++ == one; });
  return equal;
}

} // namespace callboard::protocol
