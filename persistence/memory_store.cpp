#include "persistence/memory_store.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace callboard::persistence {

store_result memory_store::commit(
  const batch& changes, durability /*how*/, const std::function<void()>& lasts) {
  for (const auto& one : changes.sessions)
    apply(one);
  for (const auto& one : changes.retained) {
    if (one.message)
      retained_.insert_or_assign(one.topic, one.message);
    else
      retained_.erase(one.topic);
  }
  for (const auto& one : changes.shares) {
    if (one.message)
      shares_.insert_or_assign({one.group, one.token}, one.message);
    else
      shares_.erase({one.group, one.token});
  }
  lasts();
  return std::nullopt;
}

void memory_store::apply(const session_changes& changes) {
  highest_session_ = std::max(highest_session_, changes.session);
  auto& [number, state] = sessions_[changes.client_id];
  if (changes.session < number)
    return;
  if (changes.session > std::exchange(number, changes.session))
    state = {};
  state.apply(changes.operations);
  if (!state.begun())
    sessions_.erase(changes.client_id);
}

namespace {

/// Lets the end of the queue rest, beyond this portion.
void leave_out(std::vector<protocol::operation>& snapshot, const protocol::queue_portion& portion) {
  protocol::delivery_tally taken;
  protocol::delivery_tally rest;
  std::erase_if(snapshot, [&](const protocol::operation& one) {
    const auto* enqueued = std::get_if<protocol::delivery_enqueued>(&one);
    if (enqueued == nullptr)
      return false;
    const bool leaves = !portion.has_room_behind(taken);
    (leaves ? rest : taken) += protocol::tally_of(enqueued->what);
    return leaves;
  });
  if (rest.count != 0)
    snapshot.emplace_back(protocol::deliveries_resting{rest});
}

bool has_shared(const protocol::session_state& state) {
  bool found = false;
  if (const auto* queue = state.queue())
    queue->for_each([&](const protocol::delivery& one) { found |= one.share != 0; });
  return found;
}

} // namespace

auto memory_store::load_session(std::string_view client_id, const protocol::queue_portion& portion)
  -> protocol::expected<std::optional<std::vector<protocol::operation>>, store_error> {
  const auto found = sessions_.find(client_id);
  if (found == sessions_.end())
    return std::optional<std::vector<protocol::operation>>{};
  auto snapshot = found->second.state.snapshot();
  if (!has_shared(found->second.state))
    leave_out(snapshot, portion);
  return std::optional{std::move(snapshot)};
}

protocol::expected<std::uint64_t, store_error> memory_store::find_session(
  std::string_view client_id) {
  const auto found = sessions_.find(client_id);
  return found == sessions_.end() ? 0 : found->second.number;
}

auto memory_store::load_waiting(const waiting_place& from, const protocol::queue_portion& portion)
  -> protocol::expected<waiting_part, store_error> {
  waiting_part found;
  const auto known = sessions_.find(from.client_id);
  if (known == sessions_.end() || known->second.number != from.session ||
      known->second.state.queue() == nullptr)
    return found;
  protocol::delivery_tally taken;
  auto skipped = from.skipped;
  known->second.state.queue()->for_each([&](const protocol::delivery& one) {
    if (skipped > 0) {
      --skipped;
    } else if (found.deliveries.empty() || portion.has_room_behind(taken)) {
      taken += protocol::tally_of(one);
      found.deliveries.push_back(one);
    }
  });
  return found;
}

store_result memory_store::list_sessions(
  std::string_view behind, const std::function<bool(const session_outline&)>& tell) {
  for (auto at = sessions_.upper_bound(behind); at != sessions_.end(); ++at) {
    const auto& [number, state] = at->second;
    const auto* queue = state.queue();
    if (!tell({.client_id = at->first,
          .session = number,
          .attached = state.attached(),
          .expiry = state.expiry(),
          .ends_at = state.ends_at(),
          .has_will = !!state.will(),
          .will_at = state.will_at(),
          .waiting = queue == nullptr ? protocol::delivery_tally{}
                                      : protocol::delivery_tally{queue->size(), queue->bytes()},
          .subscriptions = state.subscriptions().all()}))
      break;
  }
  return std::nullopt;
}

store_result memory_store::load_retained(
  std::string_view behind, const std::function<bool(const protocol::message_ptr&)>& tell) {
  for (auto at = retained_.upper_bound(behind); at != retained_.end(); ++at) {
    if (!tell(at->second))
      break;
  }
  return std::nullopt;
}

store_result memory_store::load_shares(const std::function<void(const share_change&)>& tell) {
  for (const auto& [key, message] : shares_)
    tell({key.first, key.second, message});
  return std::nullopt;
}

} // namespace callboard::persistence
