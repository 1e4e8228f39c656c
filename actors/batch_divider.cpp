#include "actors/batch_divider.hpp"

#include <algorithm>
#include <utility>

namespace callboard::actors {

void batch_divider::begin(
  batch_ptr batch, protocol::client_number publisher, session_role reply_to) {
  batch_ = std::move(batch);
  publisher_ = publisher;
  reply_to_ = std::move(reply_to);
}

void batch_divider::add(std::string_view topic, std::uint32_t index, protocol::ticket ticket) {
  auto& mine = part_of(topic);
  mine.add(index);
  if (ticket != 0)
    mine.mail.tickets.push_back(ticket);
}

void batch_divider::send() {
  for (auto& each : parts_) {
    if (each.first_ones != batch_->packets.size())
      each.list_first_ones();
    each.mail.batch = batch_;
    each.mail.publisher = publisher_;
    if (!each.mail.tickets.empty())
      each.mail.reply_to = reply_to_;
    routes_.send(*each.to, std::move(each.mail));
  }
  parts_.clear();
}

void batch_divider::end() {
  send();
  batch_.reset();
  reply_to_ = {};
}

batch_divider::part& batch_divider::part_of(std::string_view topic) {
  if (!parts_.empty() && topic == last_topic_)
    return parts_[last_part_];
  const auto& subtree = routes_.now().subtree_of(topic);
  auto at = std::ranges::find(parts_, &subtree, &part::to);
  if (at == parts_.end())
    at = parts_.insert(parts_.end(), {&subtree, {}, 0});
  last_topic_ = topic;
  last_part_ = static_cast<std::size_t>(at - parts_.begin());
  return *at;
}

void batch_divider::part::add(std::uint32_t index) {
  if (mail.which.empty() && index == first_ones) {
    ++first_ones;
    return;
  }
  list_first_ones();
  mail.which.push_back(index);
}

void batch_divider::part::list_first_ones() {
  for (std::uint32_t index = 0; index < first_ones; ++index)
    mail.which.push_back(index);
  first_ones = 0;
}

} // namespace callboard::actors
