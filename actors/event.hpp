#pragma once

#include "actors/settings.hpp"
#include "protocol/reason_code.hpp"
#include "protocol/types.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace callboard::actors {

/// Something that happened on a node and that its operator may want to know. Views
/// what it names: valid as long as the call that tells it. Each kind says which
/// members are set.
struct event {
  enum class kind : std::uint8_t {
    /// A client has its session: name, peer, version, clean_start, keep_alive.
    client_connected,
    /// It has sent DISCONNECT: name, code.
    client_left,
    /// Its connection broke: name.
    client_lost,
    /// The node ends the connection: name, code, reason.
    client_sent_away,
    /// Somebody may not come in: name if it is known, peer, code, reason.
    client_refused,
    /// The topics below name have a SUBTREE of their own now, or no longer.
    subtree_split,
    subtree_merged,
    /// What the store had is there again: reason says what and how long it took.
    store_restored,
    /// A part of what the store had cannot be read: reason. It is tried a few times.
    store_unread,
    /// A session that sleeps cannot be read: name, reason if there is one. It sleeps on.
    session_unread,
    /// It is not in the store any more: name.
    session_lost,
    /// The store could not keep what it was given, and is asked again: reason, and
    /// number, how many times so far.
    store_failed,
    /// It could in the end: number, how many times it could not.
    store_recovered,
    /// What the store had of a client is damaged, and lost: name; reason says what.
    session_damaged,
    /// Something is short: reason says what, number how often since this was told
    /// last. At most once a second for each reason.
    trouble,
  };

  kind what = kind::trouble;
  std::string_view name = {}; // a client identifier, or a prefix of topics
  std::string_view peer = {}; // "127.0.0.1:50123"
  protocol::reason_code code = protocol::reason_code::success;
  std::string_view reason = {}; // a phrase for a person
  std::uint64_t number = 0;
  protocol::version version = protocol::version::mqtt_5_0;
  bool clean_start = false;
  std::uint16_t keep_alive = 0; // seconds
};

/// How much it matters.
constexpr log_level level_of(event::kind what) {
  switch (what) {
  case event::kind::store_failed:
  case event::kind::session_damaged:
  case event::kind::store_unread:
  case event::kind::session_unread:
  case event::kind::session_lost:
    return log_level::error;
  case event::kind::store_recovered:
  case event::kind::trouble:
    return log_level::warning;
  case event::kind::store_restored:
  case event::kind::subtree_split:
  case event::kind::subtree_merged:
    return log_level::info;
  default:
    return log_level::debug;
  }
}

/// Is told of events, by all units at once, and does not keep them waiting.
using watcher = std::function<void(const event&)>;

} // namespace callboard::actors
