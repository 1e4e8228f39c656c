#pragma once

#include "protocol/expected.hpp"
#include "protocol/message.hpp"
#include "protocol/session/operation.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What survives a restart. Knows MQTT's state, but no actors and no sockets.
namespace callboard::persistence {

/// What happened to one session since the last batch.
struct session_changes {
  std::string client_id;

  /// Which session of this client: a younger one has a higher number. The first
  /// changes of a younger one end what is left of an older one; changes of an
  /// older one are passed over, as it may still be clearing up.
  std::uint64_t session = 0;

  /// In order (see protocol/session/operation.hpp). One that ends with
  /// session_ended removes the session.
  std::vector<protocol::operation> operations;
};

/// The last message of a topic is another one now.
struct retained_change {
  std::string topic;

  /// Null: the topic has no retained message any more.
  protocol::message_ptr message;
};

/// What is made to last together: all of it or nothing. A client id may stand in
/// it more than once; order counts.
struct batch {
  std::vector<session_changes> sessions;
  std::vector<retained_change> retained;

  bool empty() const { return sessions.empty() && retained.empty(); }
};

/// Why the store could not do what it was asked for.
struct store_error {
  /// What it was doing, "commit", "load session"; lives as long as the program.
  std::string_view operation;

  /// The store's own code: an errno, or one of LMDB's.
  int code = 0;

  /// What it means, for a person.
  std::string text;
};

/// Nothing, or why not.
using store_result = std::optional<store_error>;

/// Keeps sessions and retained messages. Owned and called by the KEEPER alone,
/// from one thread at a time. Every call may block.
///
/// commit() takes whatever has waited in one piece, so that a store on disk syncs
/// once for all of it; what it returned from has survived. The same operations in
/// any division into batches give the same content.
class store {
public:
  store() = default;
  store(const store&) = delete;
  store& operator=(const store&) = delete;
  virtual ~store() = default;

  /// Applies a batch and makes it last. After an error nothing of the batch is
  /// in the store.
  virtual store_result commit(batch changes) = 0;

  /// Operations that bring the session back, when applied to a fresh state (see
  /// session_state::apply); empty if there is no such session.
  virtual protocol::expected<std::optional<std::vector<protocol::operation>>, store_error>
  load_session(std::string_view client_id) = 0;

  /// Tells the client id of each session, ascending. What is told must not call
  /// the store.
  virtual store_result list_sessions(
    const std::function<void(std::string_view client_id)>& tell) = 0;

  /// Tells each retained message, by topic, ascending; expired ones too.
  virtual store_result load_retained(
    const std::function<void(const protocol::message_ptr&)>& tell) = 0;
};

} // namespace callboard::persistence
