#pragma once

#include "persistence/clock_reading.hpp"
#include "protocol/expected.hpp"
#include "protocol/message.hpp"
#include "protocol/session/delivery_tally.hpp"
#include "protocol/session/operation.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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

/// A share group has taken a message over, or is done with it.
struct share_change {
  /// The group's share name and filter: `name/filter`.
  std::string group;

  /// Counts the group's messages.
  std::uint64_t token = 0;

  /// Null: the group has it no more.
  protocol::message_ptr message;
};

/// What is made to last together: all of it or nothing. A client id may stand in
/// it more than once; order counts.
struct batch {
  std::vector<session_changes> sessions;
  std::vector<retained_change> retained;
  std::vector<share_change> shares = {};

  bool empty() const { return sessions.empty() && retained.empty() && shares.empty(); }
};

/// How far a commit has come when it returns.
enum class durability : std::uint8_t {
  /// The operating system has it: it survives the process.
  os,
  /// The disk has it: it survives a power cut.
  disk,
};

/// A stored session without its messages.
struct session_outline {
  /// Until the telling returns.
  std::string_view client_id;

  /// Which session of this client (see session_changes).
  std::uint64_t session = 0;

  /// It was attached when the store heard of it last: after a restart its
  /// connection is gone, and nobody has said so yet.
  bool attached = false;

  /// Seconds from when the connection is gone to the session's end; `forever`.
  std::uint32_t expiry = 0;

  /// When the session ends; never while attached.
  protocol::time_point ends_at = protocol::never;

  /// There is a will that is neither published nor cancelled.
  bool has_will = false;

  /// When its will is due; never, if it is not.
  protocol::time_point will_at = protocol::never;

  /// What its queue holds.
  protocol::delivery_tally waiting = {};

  /// In the order in which they were made.
  std::vector<protocol::subscription> subscriptions = {};
};

/// A place in a session's queue.
struct waiting_place {
  std::string client_id;
  std::uint64_t session = 0;

  /// So many wait in front of it.
  std::size_t skipped = 0;
};

/// What was found of a session's queue.
struct waiting_part {
  std::vector<protocol::delivery> deliveries;

  /// So much should have been there too, but cannot be read. The store has it no more.
  protocol::delivery_tally lost = {};
};

/// What was found to be damaged of a session; the store has it no more.
struct session_damage {
  /// Until the telling returns.
  std::string_view client_id;

  std::uint64_t messages = 0; // that waited, or were in flight
  std::uint64_t subscriptions = 0;
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

  /// Applies a batch and makes it last. Calls `lasts` as soon as it does: what the store
  /// has to do with it besides, nobody has to wait for. After an error nothing of the batch
  /// is in the store, and `lasts` has not been called.
  virtual store_result commit(
    const batch& changes, durability how, const std::function<void()>& lasts) = 0;

  store_result commit(const batch& changes, durability how) {
    return commit(changes, how, [] {});
  }

  /// Operations that bring the session back, when applied to a fresh state (see
  /// session_state::apply); empty if there is no such session. One that was
  /// attached when the store heard of it last comes back attached. Of the queue only the
  /// first ones, up to `portion`, come at once, and the others rest (see message_queue),
  /// unless some are a share group's.
  virtual protocol::expected<std::optional<std::vector<protocol::operation>>, store_error>
  load_session(std::string_view client_id, const protocol::queue_portion& portion) = 0;

  /// Which session of this client there is; 0: none.
  virtual protocol::expected<std::uint64_t, store_error> find_session(
    std::string_view client_id) = 0;

  /// Of what waits for this session, in order, the next ones behind the first `skipped`,
  /// up to `portion`, but one at least. None: there are no more, or another session of
  /// the client has come.
  virtual protocol::expected<waiting_part, store_error> load_waiting(
    const waiting_place& from, const protocol::queue_portion& portion) = 0;

  /// Tells of each session behind this client id (empty: of all), by client id,
  /// ascending, until `tell` says false. What is told must not call the store.
  virtual store_result list_sessions(
    std::string_view behind, const std::function<bool(const session_outline&)>& tell) = 0;

  /// Tells each retained message behind this topic (empty: all), by topic,
  /// ascending, until `tell` says false; expired ones too.
  virtual store_result load_retained(
    std::string_view behind, const std::function<bool(const protocol::message_ptr&)>& tell) = 0;

  /// Tells each message that a share group has, by group and token, ascending.
  virtual store_result load_shares(const std::function<void(const share_change&)>& tell) = 0;

  /// The highest number that a session ever had here; 0: there was none.
  virtual std::uint64_t highest_session() const = 0;

  /// Does some of the work that commits have put off, at most about `limit` rows
  /// of it. Says whether there is more. For when there is nothing to commit.
  virtual protocol::expected<bool, store_error> fold(std::size_t limit) = 0;

  /// What time it is, for a store that outlives the steady clock: deadlines rest
  /// in it as wall-clock times. Call it when the wall clock may have jumped.
  virtual void set_clock(const clock_reading& now) = 0;

  /// Who hears of what load_session() and load_waiting() find damaged, and does not call
  /// the store meanwhile.
  void watch_damage(std::function<void(const session_damage&)> tell) { watcher_ = std::move(tell); }

protected:
  void tell_damage(const session_damage& found) const {
    if (watcher_)
      watcher_(found);
  }

private:
  std::function<void(const session_damage&)> watcher_;
};

} // namespace callboard::persistence
