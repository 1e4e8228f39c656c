#include "actors/publisher_dues.hpp"

#include <algorithm>
#include <iterator>

namespace callboard::actors {

using protocol::qos;
using protocol::reason_code;

// -- one mail with publications --------------------------------------------------------

void publisher_dues::begin(const publish& mail) {
  batches_.push_back(mail.batch);
  codes_.clear();
  transient_.clear();
  ticket_ = 0;
  received_here_.clear();
  lasts_ = false;
}

void publisher_dues::add(
  const publish& mail, const protocol::publication& publication, const audience& who) {
  if (who.transient)
    transient_.push_back(ticket_);
  else
    note_received(*mail.batch, publication);
  if (who.empty() && codes_.empty())
    codes_.assign(mail.tickets.size(), reason_code::success);
  if (who.empty() && ticket_ < codes_.size())
    codes_[ticket_] = reason_code::no_matching_subscribers;
  ++ticket_;
}

void publisher_dues::end(const publish& mail) {
  if (lasts_)
    std::ranges::move(received_here_, std::back_inserter(received_));
  if (!mail.tickets.empty())
    acknowledge(mail);
}

/// Of a session that lasts, at QoS 2.
void publisher_dues::note_received(
  const packet_batch& batch, const protocol::publication& publication) {
  if (!batch.author || publication.qos != qos::exactly_once)
    return;
  if (received_here_.empty())
    received_here_.push_back({batch.author->client_id, batch.author->number, {}});
  received_here_.front().operations.emplace_back(
    protocol::publication_received{publication.packet_id});
}

/// What does not last waits for nothing that does.
void publisher_dues::acknowledge(const publish& mail) {
  auto& to = lasts_ ? promised_ : done_;
  if (transient_.empty()) {
    to.emplace_back(mail.reply_to, routed{std::move(mail.tickets), codes_});
    return;
  }
  routed lasting;
  routed passing{{}, {}, protocol::reception::passing};
  auto next = transient_.begin();
  for (std::size_t i = 0; i < mail.tickets.size(); ++i) {
    const bool passes = next != transient_.end() && *next == i;
    next += passes ? 1 : 0;
    auto& part = passes ? passing : lasting;
    part.tickets.push_back(mail.tickets[i]);
    if (!codes_.empty())
      part.codes.push_back(codes_[i]);
  }
  done_.emplace_back(mail.reply_to, std::move(passing));
  if (!lasting.tickets.empty())
    to.emplace_back(mail.reply_to, std::move(lasting));
}

// -- the turn --------------------------------------------------------------------------

const promise_ptr& publisher_dues::promise() {
  if (!promise_)
    promise_ = std::make_shared<actors::promise>();
  return promise_;
}

credit_ptr publisher_dues::credit() {
  if (!credit_)
    credit_ = std::make_shared<std::vector<batch_ptr>>();
  return credit_;
}

void publisher_dues::close() {
  if (promise_)
    promise_->batches = batches_;
  if (credit_)
    *std::exchange(credit_, {}) = std::exchange(batches_, {});
  batches_.clear();
  if (!promise_)
    return;
  promise_->acknowledgements = std::exchange(promised_, {});
  promise_->received = std::exchange(received_, {});
  promise_->is_whole.store(true, std::memory_order_release);
  promise_.reset();
}

} // namespace callboard::actors
