#pragma once

#include "persistence/store.hpp"
#include "protocol/session/session_state.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace callboard::persistence {

/// A store in memory: survives its clients, not the process. For durability
/// `memory`, and for tests.
class memory_store final : public store {
public:
  store_result commit(batch changes) override;

  protocol::expected<std::optional<std::vector<protocol::operation>>, store_error> load_session(
    std::string_view client_id) override;

  store_result list_sessions(const std::function<void(std::string_view)>& tell) override;

  store_result load_retained(
    const std::function<void(const protocol::message_ptr&)>& tell) override;

private:
  struct stored_session {
    std::uint64_t number = 0;
    protocol::session_state state;
  };

  void apply(const session_changes& changes);

  std::map<std::string, stored_session, std::less<>> sessions_;
  std::map<std::string, protocol::message_ptr, std::less<>> retained_;
};

} // namespace callboard::persistence
