#pragma once

#include "actors/mail.hpp"
#include "actors/packet_batch.hpp"
#include "persistence/store.hpp"

#include <atomic>
#include <utility>
#include <vector>

namespace callboard::actors {

/// Goes along with what has to last, from a turn of a SUBTREE to all who make it last,
/// and with that to the KEEPER, which lets go when it does. When the last one has let
/// go, the acknowledgements leave.
struct promise {
  promise() = default;
  promise(const promise&) = delete;
  promise& operator=(const promise&) = delete;
  ~promise();

  std::vector<std::pair<session_role, routed>> acknowledgements;

  /// What was routed in that turn: their publishers wait for the store, at QoS 0 too.
  std::vector<batch_ptr> batches;

  /// Publications of QoS 2, whose identifiers are to be known from the same commit on:
  /// else they would come again or be lost, if the node ended between two.
  std::vector<persistence::session_changes> received;

  /// Somebody who gets some of it has to be read from the store first.
  bool calls_sleeper = false;

  /// The SUBTREE has put all of that in.
  std::atomic<bool> is_whole = false;

  /// What was received is known.
  bool is_known = false;
};

} // namespace callboard::actors
