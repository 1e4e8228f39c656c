#include "actors/express_order.hpp"

#include "actors/client_output.hpp"

#include <algorithm>
#include <utility>

namespace callboard::actors {

namespace {

/// As subscribed_session::takes_express(), apart from whether the client is there.
bool may_take_express(const protocol::subscription_options& options) {
  return options.maximum_qos == protocol::qos::at_most_once && !options.no_local;
}

} // namespace

void express_order::expect(const protocol::subscription_options& options) {
  has_been_used_ |= may_take_express(options);
}

express_order::change express_order::change_by(
  const protocol::subscribe& packet, const protocol::subscription_set& before) const {
  change found;
  const auto asks_for_express = [](const auto& one) { return may_take_express(one.options); };
  if (!has_been_used_ && std::ranges::none_of(packet.requests, asks_for_express))
    return found; // there is but one way
  for (const auto& wanted : packet.requests) {
    const auto* mine = before.find(wanted.filter);
    const bool by_express = may_take_express(wanted.options);
    const bool was_by_express = mine == nullptr || may_take_express(mine->options);
    found.to_session |= !by_express && was_by_express;
    found.to_express |= by_express && !was_by_express;
  }
  return found;
}

express_order::change express_order::change_by(
  const protocol::unsubscribe& packet, const protocol::subscription_set& before) const {
  change found;
  if (!has_been_used_)
    return found;
  for (const auto& filter : packet.filters) {
    const auto* mine = before.find(filter);
    found.to_express |= mine != nullptr && !mine->shared() && !may_take_express(mine->options);
  }
  return found;
}

std::size_t express_order::forget() {
  held_ = hold_until::none;
  lends_ = 0;
  const auto gone = std::exchange(follower_, {});
  return gone ? gone->waiting.size() : 0;
}

void express_order::hold(client_output* out) {
  if (out != nullptr && held_ == hold_until::none)
    out->hold_express();
  held_ = hold_until::lent;
  ++lends_;
}

bool express_order::lent() {
  if (--lends_ > 0)
    return false;
  held_ = hold_until::drained;
  return true;
}

void express_order::release(client_output* out) {
  held_ = hold_until::none;
  if (out != nullptr)
    out->release_express();
}

void express_order::follow() {
  if (!follower_)
    follower_ = std::make_unique<follower>();
  follower_->is_between = false; // what was to come before has come
  ++follower_->fences;
}

bool express_order::wait(protocol::delivery&& what, std::size_t most_bytes) {
  auto& mine = *follower_;
  const auto size = what.message->size();
  if (mine.bytes + size > most_bytes && mine.bytes > 0)
    return false;
  mine.bytes += size;
  mine.waiting.push_back(std::move(what));
  return true;
}

std::vector<protocol::delivery> express_order::take_what_followed() {
  if (!follower_ || follower_->fences > 0 || held_ != hold_until::none)
    return {};
  return std::move(std::exchange(follower_, {})->waiting);
}

std::vector<protocol::delivery> express_order::go_between(client_output* out) {
  if (!follower_ || follower_->fences > 0 || out == nullptr)
    return {};
  out->hold_express();
  follower_->is_between = true;
  follower_->bytes = 0;
  return std::exchange(follower_->waiting, {});
}

} // namespace callboard::actors
