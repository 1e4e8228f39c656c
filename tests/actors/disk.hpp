#pragma once

#include "persistence/memory_store.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace callboard::testing {

/// What a disk holds: survives the node, and takes nothing while it is told to fail.
struct disk {
  persistence::memory_store content;
  bool fails = false;

  /// What the node says to it is in vain.
  bool is_gone = false;

  /// What is queued cannot be read.
  bool cannot_read = false;

  /// Sessions cannot be read, nor be listed.
  bool cannot_load = false;
  bool cannot_list = false;

  /// How often a session has asked for more of its queue.
  std::size_t readings = 0;
  /// How the last commit was asked to last.
  std::optional<persistence::durability> how;
};

/// A store on that disk, which outlives it.
class store_on_disk final : public persistence::store {
public:
  explicit store_on_disk(disk& where) : disk_{where} {}

  persistence::store_result commit(const persistence::batch& changes, persistence::durability how,
    const std::function<void()>& lasts) override {
    disk_.how = how;
    if (disk_.fails && !disk_.is_gone)
      return persistence::store_error{"commit", 28, "no space left"};
    if (!disk_.is_gone)
      return disk_.content.commit(changes, how, lasts);
    lasts();
    return std::nullopt;
  }

  protocol::expected<std::optional<std::vector<protocol::operation>>, persistence::store_error>
  load_session(std::string_view client_id, const protocol::queue_portion& portion) override {
    return disk_.content.load_session(client_id, portion);
  }

  protocol::expected<std::uint64_t, persistence::store_error> find_session(
    std::string_view client_id) override {
    if (disk_.cannot_load)
      return persistence::store_error{"load session", 5, "input/output error"};
    return disk_.content.find_session(client_id);
  }

  protocol::expected<persistence::waiting_part, persistence::store_error> load_waiting(
    const persistence::waiting_place& from, const protocol::queue_portion& portion) override {
    ++disk_.readings;
    if (disk_.cannot_read)
      return persistence::store_error{"load session", 5, "input/output error"};
    return disk_.content.load_waiting(from, portion);
  }

  persistence::store_result list_sessions(std::string_view behind,
    const std::function<bool(const persistence::session_outline&)>& tell) override {
    if (disk_.cannot_list)
      return persistence::store_error{"list sessions", 5, "input/output error"};
    return disk_.content.list_sessions(behind, tell);
  }

  persistence::store_result load_retained(std::string_view behind,
    const std::function<bool(const protocol::message_ptr&)>& tell) override {
    return disk_.content.load_retained(behind, tell);
  }

  persistence::store_result load_shares(
    const std::function<void(const persistence::share_change&)>& tell) override {
    return disk_.content.load_shares(tell);
  }

  std::uint64_t highest_session() const override { return disk_.content.highest_session(); }

  protocol::expected<bool, persistence::store_error> fold(std::size_t limit) override {
    return disk_.content.fold(limit);
  }

  void set_clock(const persistence::clock_reading& now) override { disk_.content.set_clock(now); }

private:
  disk& disk_;
};

} // namespace callboard::testing
