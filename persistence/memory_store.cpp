#include "persistence/memory_store.hpp"

#include <utility>

namespace callboard::persistence {

store_result memory_store::commit(batch changes) {
  for (const auto& one : changes.sessions)
    apply(one);
  for (auto& one : changes.retained) {
    if (one.message)
      retained_.insert_or_assign(std::move(one.topic), std::move(one.message));
    else
      retained_.erase(one.topic);
  }
  return std::nullopt;
}

void memory_store::apply(const session_changes& changes) {
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

store_result memory_store::list_sessions(const std::function<void(std::string_view)>& tell) {
  for (const auto& [client_id, stored] : sessions_)
    tell(client_id);
  return std::nullopt;
}

store_result memory_store::load_retained(
  const std::function<void(const protocol::message_ptr&)>& tell) {
  for (const auto& [topic, message] : retained_)
    tell(message);
  return std::nullopt;
}

} // namespace callboard::persistence
