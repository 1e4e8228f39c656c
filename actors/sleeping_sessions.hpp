#pragma once

#include "actors/waiting_total.hpp"
#include "protocol/types.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace callboard::actors {

/// A session that rests in the store, and has no SESSION until somebody calls it: what is
/// kept of it meanwhile. There may be millions.
struct sleeping_session {
  std::uint64_t number = 0;
  std::uint32_t subscriptions = 0;

  /// In its queue, for the totals.
  waiting_amount waiting;
};

/// All of them, by client id, by number and by when they have to be woken. The REGISTRY's.
class sleeping_sessions {
public:
  /// `due`: when it has something to do; never, if it waits for others only.
  void add(std::string client_id, const sleeping_session& what, protocol::time_point due);

  /// Null if that one does not sleep.
  const sleeping_session* find(const std::string& client_id) const;
  const std::string* client_of(std::uint64_t number) const;

  /// What it was; empty if it was not there.
  std::optional<sleeping_session> remove(const std::string& client_id);

  /// When the first has to be woken; never, if none has.
  protocol::time_point next_due();

  /// Those whose time has come, each once.
  std::vector<std::uint64_t> take_due(protocol::time_point now);

  std::size_t size() const { return by_client_.size(); }

private:
  using deadline = std::pair<protocol::time_point, std::uint64_t>;

  std::unordered_map<std::string, sleeping_session> by_client_;

  /// The names live as keys of the other.
  std::unordered_map<std::uint64_t, const std::string*> by_number_;

  /// The first on top. Some have been removed since.
  std::priority_queue<deadline, std::vector<deadline>, std::greater<>> deadlines_;
};

} // namespace callboard::actors
