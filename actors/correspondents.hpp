#pragma once

#include "actors/mail.hpp"
#include "actors/subscriber.hpp"
#include "protocol/session/delivery.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace callboard::actors {

/// A session that gets messages by mail, and what it gets at the end of the turn.
struct correspondent {
  /// Nobody as long as it sleeps in the store.
  session_role session;
  std::uint64_t number = 0;
  std::vector<protocol::delivery> pending;

  /// How many it was last time: a good guess for the next.
  std::size_t guess = 0;

  /// Its state survives, and whether what it gets now has to.
  bool lasting = false;
  bool is_promised = false;

  /// What it gets when it has woken up.
  std::vector<deliver> held = {};
};

/// The sessions that a SUBTREE serves by mail, and what waits for them: until the end of
/// the turn, or, for one that sleeps in the store, until it has woken up. Owned by the
/// SUBTREE.
class correspondents {
public:
  using held_mail = std::pair<std::uint64_t, std::vector<deliver>>;

  /// Made when first asked for; stays where it is until it is let go or forgotten.
  correspondent& of(const subscribed_session& who);

  /// Null: this session is none, or no more.
  correspondent* find(std::uint64_t session);

  /// It gets this at the end of the turn.
  void add(correspondent& to, protocol::delivery&& what) {
    if (to.pending.empty()) {
      owed_.push_back(&to);
      to.pending.reserve(to.guess);
    }
    to.pending.push_back(std::move(what));
  }

  /// Calls send(correspondent) for each that gets something in this turn.
  template <class Send>
  void send_all(Send send) {
    for (auto* to : owed_)
      send(*to);
    owed_.clear();
  }

  /// Whose turn's mail has been sent: it is forgotten until it is found again. A list of
  /// those who have left would keep their memory. What waits for a sleeper still does.
  void let_go(correspondent& one);

  /// Nobody gets what waits for it.
  void forget(std::uint64_t session);

  void clear();

  // -- sleepers ------------------------------------------------------------------------

  /// One that may have been asleep subscribes by itself: what it gets first.
  std::vector<deliver> wake(const subscribed_session& who);

  /// What a branch has kept for a sleeper waits here from now on. Where it is awake by
  /// now, nothing is kept: says who it is.
  session_role hold(const held_mail& what);

  /// All that sleepers have, for whoever gets the topics.
  std::vector<held_mail> take_held();

private:
  std::unordered_map<std::uint64_t, std::unique_ptr<correspondent>> all_; // by session
  std::vector<correspondent*> owed_;
};

} // namespace callboard::actors
