#pragma once

#include "persistence/store.hpp"

#include "tests/protocol/session/session_storm.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace callboard::persistence {

/// Something that is done with a store.
struct history_step {
  enum class kind : std::uint8_t { commits, folds, reopens };

  kind what = kind::commits;
  batch changes;        // when it commits
  std::size_t rows = 0; // when it folds
};

/// What a node could do with its store, from a seed: sessions in all their states,
/// queues of messages of all sizes, retained messages, share groups; and between
/// the batches folds and restarts.
class history {
public:
  explicit history(std::uint32_t seed) : random_{seed} {}

  history_step next();

  /// Steps until there were so many commits.
  std::vector<history_step> with_commits(std::size_t commits);

private:
  struct client {
    std::uint64_t session = 0;
    std::unique_ptr<protocol::session_storm> storm;
  };

  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  batch changes();
  void storm(batch& into);
  void queue(batch& into);
  void retain(batch& into);
  void share(batch& into);
  protocol::message_ptr message(std::string_view topic);

  std::mt19937 random_;
  std::array<client, 5> clients_;
  std::uint64_t last_session_ = 1; // that of the client with the queue
  std::size_t waiting_ = 0;        // in that queue
  bool queue_begun_ = false;
  std::uint64_t last_token_ = 0;
  std::uint64_t last_message_ = 0;
};

/// Batches that make sense whichever of those before are missing, but the first:
/// each enqueues a message of its own, and many that go straight into the tables, retains
/// one and gives one to a share group.
std::vector<batch> independent_batches(std::size_t count);

} // namespace callboard::persistence
