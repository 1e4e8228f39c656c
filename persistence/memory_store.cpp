#include "persistence/memory_store.hpp"

#include <algorithm>
#include <utility>

namespace callboard::persistence {

store_result memory_store::commit(const batch& changes, durability /*how*/) {
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

auto memory_store::load_session(std::string_view client_id)
  -> protocol::expected<std::optional<std::vector<protocol::operation>>, store_error> {
  const auto found = sessions_.find(client_id);
  if (found == sessions_.end())
    return std::optional<std::vector<protocol::operation>>{};
  return std::optional{found->second.state.snapshot()};
}

store_result memory_store::list_sessions(
  std::string_view behind, const std::function<bool(const session_outline&)>& tell) {
  for (auto at = sessions_.upper_bound(behind); at != sessions_.end(); ++at) {
    const auto& [number, state] = at->second;
    if (!tell({at->first, number, state.attached(), state.ends_at(), state.will_at(),
          state.subscriptions().all()}))
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
