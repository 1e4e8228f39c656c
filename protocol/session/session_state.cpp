#include "protocol/session/session_state.hpp"

#include <utility>

namespace callboard::protocol {

namespace {

/// Nothing there is as good as something empty there.
template <class Part>
bool same(const std::unique_ptr<Part>& left, const std::unique_ptr<Part>& right) {
  const Part nothing;
  return (left ? *left : nothing) == (right ? *right : nothing);
}

bool same(const will_ptr& left, const will_ptr& right) {
  if (left == right || left == nullptr || right == nullptr)
    return left == right;
  return left->topic == right->topic && left->payload == right->payload &&
         left->properties == right->properties && left->delay_interval == right->delay_interval &&
         left->message_expiry_interval == right->message_expiry_interval &&
         left->qos == right->qos && left->retain == right->retain;
}

} // namespace

outbound_window& session_state::need_outbound() {
  if (!outbound_)
    outbound_ = std::make_unique<outbound_window>();
  return *outbound_;
}

inbound_window& session_state::need_inbound() {
  if (!inbound_)
    inbound_ = std::make_unique<inbound_window>();
  return *inbound_;
}

message_queue& session_state::need_queue() {
  if (!queue_)
    queue_ = std::make_unique<message_queue>();
  return *queue_;
}

void session_state::apply(const client_attached& change) {
  begun_ = attached_ = true;
  expiry_ = change.expiry;
}

void session_state::apply(const client_detached& change) {
  attached_ = false;
  detached_at_ = change.at;
}

void session_state::apply(const expiry_changed& change) {
  expiry_ = change.expiry;
}

void session_state::apply(const will_set& change) {
  will_ = change.what;
  will_at_ = never;
}

void session_state::apply(const will_armed& change) {
  will_at_ = change.at;
}

void session_state::apply(const will_cleared&) {
  will_.reset();
  will_at_ = never;
}

void session_state::apply(subscription_put&& change) {
  subscriptions_.put(std::move(change.what));
}

void session_state::apply(const subscription_removed& change) {
  subscriptions_.remove(change.number);
}

void session_state::apply(delivery_enqueued&& change) {
  need_queue().push(std::move(change.what));
}

delivery session_state::apply(const delivery_passed&) {
  return has_first() ? queue_->pop() : delivery{};
}

void session_state::apply(const delivery_sent& change) {
  if (has_first())
    need_outbound().put(change.id, queue_->pop());
}

void session_state::apply(const delivery_released& change) {
  need_outbound().release(change.id);
}

delivery session_state::apply(const delivery_settled& change) {
  return need_outbound().settle(change.id);
}

void session_state::apply(const shares_returned&) {
  if (queue_)
    queue_->take_shared();
  if (!outbound_)
    return;
  for (const auto id : outbound_->in_order()) {
    const auto& what = outbound_->find(id)->what;
    if (what.share != 0 && what.qos == qos::at_least_once)
      outbound_->settle(id);
  }
}

void session_state::apply(const publication_received& change) {
  need_inbound().receive(change.id);
}

void session_state::apply(const publication_freed& change) {
  need_inbound().free(change.id);
}

void session_state::apply(const session_ended&) {
  subscriptions_.clear();
  outbound_.reset();
  queue_.reset();
  if (inbound_)
    inbound_->clear();
  will_.reset();
  will_at_ = never;
  expiry_ = 0;
  begun_ = attached_ = false;
}

void session_state::apply(delivery_in_flight&& change) {
  auto& window = need_outbound();
  window.put(change.id, std::move(change.what));
  if (change.released)
    window.release(change.id);
}

void session_state::apply(const numbers_continued& change) {
  subscriptions_.number_from(change.last_subscription);
  if (change.last_packet_id != 0)
    need_outbound().number_from(change.last_packet_id);
}

void session_state::apply(const deliveries_resting& change) {
  need_queue().add_resting(change.what);
}

void session_state::rest(const queue_portion& kept) {
  if (queue_)
    queue_->rest(kept);
}

std::uint64_t session_state::wake(std::vector<delivery>&& first, const delivery_tally& lost) {
  return queue_ ? queue_->wake(std::move(first), lost) : 0;
}

void session_state::apply(const operation& change) {
  std::visit([this](auto copy) { apply(std::move(copy)); }, change);
}

void session_state::apply(std::span<const operation> changes) {
  for (const auto& change : changes)
    apply(change);
}

std::vector<operation> session_state::snapshot() const {
  std::vector<operation> all;
  for (auto& one : subscriptions_.all())
    all.emplace_back(subscription_put{std::move(one)});
  snapshot_messages(all);
  all.emplace_back(numbers_continued{
    outbound_ ? outbound_->last_id() : packet_id{}, subscriptions_.last_number()});
  if (begun_)
    all.emplace_back(client_attached{expiry_});
  if (will_)
    all.emplace_back(will_set{will_});
  if (will_at_ != never)
    all.emplace_back(will_armed{will_at_});
  if (begun_ && !attached_)
    all.emplace_back(client_detached{detached_at_});
  return all;
}

void session_state::snapshot_messages(std::vector<operation>& all) const {
  if (outbound_) {
    for (const auto id : outbound_->in_order()) {
      const auto* entry = outbound_->find(id);
      if (entry->what.lasting)
        all.emplace_back(delivery_in_flight{id, entry->released, entry->what});
      else if (entry->what.qos == qos::exactly_once)
        all.emplace_back(identifier_taken(id));
    }
  }
  if (queue_)
    queue_->for_each([&](const delivery& one) {
      if (one.lasting)
        all.emplace_back(delivery_enqueued{one});
    });
  if (inbound_) {
    for (const auto id : inbound_->ids())
      all.emplace_back(publication_received{id});
  }
}

void session_state::shrink() {
  if (queue_ && queue_->empty())
    queue_.reset();
  if (outbound_)
    outbound_->shrink();
  if (inbound_)
    inbound_->shrink();
}

bool operator==(const session_state& left, const session_state& right) {
  return left.begun_ == right.begun_ && left.attached_ == right.attached_ &&
         left.expiry_ == right.expiry_ && left.ends_at() == right.ends_at() &&
         left.will_at_ == right.will_at_ && same(left.will_, right.will_) &&
         left.subscriptions_ == right.subscriptions_ && same(left.outbound_, right.outbound_) &&
         same(left.inbound_, right.inbound_) && same(left.queue_, right.queue_);
}

} // namespace callboard::protocol
