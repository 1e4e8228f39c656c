#pragma once

#include "persistence/store.hpp"
#include "protocol/session/session_state.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace callboard::persistence {

/// A store in memory: survives its clients, not the process. For durability
/// `memory`, and for tests.
class memory_store final : public store {
public:
  using store::commit;
  store_result commit(
    const batch& changes, durability how, const std::function<void()>& lasts) override;

  protocol::expected<std::optional<std::vector<protocol::operation>>, store_error> load_session(
    std::string_view client_id, const protocol::queue_portion& portion) override;

  protocol::expected<std::uint64_t, store_error> find_session(std::string_view client_id) override;

  protocol::expected<waiting_part, store_error> load_waiting(
    const waiting_place& from, const protocol::queue_portion& portion) override;

  store_result list_sessions(
    std::string_view behind, const std::function<bool(const session_outline&)>& tell) override;

  store_result load_retained(std::string_view behind,
    const std::function<bool(const protocol::message_ptr&)>& tell) override;

  store_result load_shares(const std::function<void(const share_change&)>& tell) override;

  std::uint64_t highest_session() const override { return highest_session_; }

  /// Nothing is ever put off.
  protocol::expected<bool, store_error> fold(std::size_t /*limit*/) override { return false; }

  /// Deadlines rest as they are.
  void set_clock(const clock_reading& /*now*/) override {}

private:
  struct stored_session {
    std::uint64_t number = 0;
    protocol::session_state state;
  };

  void apply(const session_changes& changes);

  std::map<std::string, stored_session, std::less<>> sessions_;
  std::map<std::string, protocol::message_ptr, std::less<>> retained_;
  std::map<std::pair<std::string, std::uint64_t>, protocol::message_ptr> shares_;
  std::uint64_t highest_session_ = 0;
};

} // namespace callboard::persistence
