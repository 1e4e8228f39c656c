#pragma once

#include "actors/cast.hpp"
#include "network/block.hpp"
#include "protocol/codec/decode.hpp"
#include "protocol/codec/inbound_aliases.hpp"
#include "protocol/packets/packet.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace callboard::actors {

/// What one CONNECTION has read and nobody has dealt with yet. Above the limit
/// the connection is not read until enough has been dealt with: that is how the
/// pressure of slow subtrees and sessions reaches the publishers.
class inflow {
public:
  static constexpr std::size_t limit = 131'072; // bytes

  explicit inflow(connection_role reader) : reader_{std::move(reader)} {}

  void take(std::size_t bytes) { outstanding_.fetch_add(bytes); }

  /// Says whether the reader has to wait; then it gets a read_on.
  bool must_wait() {
    if (outstanding_.load(std::memory_order_relaxed) <= limit)
      return false;
    waiting_.store(true);
    // Either somebody will still give back, or has told already, or all is back.
    return outstanding_.load() > limit / 2 || !waiting_.exchange(false);
  }

  void give_back(std::size_t bytes);

  /// Keeps the reader waiting, whatever else is given back, until let_go().
  void hold() { take(limit + 1); }
  void let_go() { give_back(limit + 1); }

private:
  std::atomic<std::size_t> outstanding_ = 0;
  std::atomic<bool> waiting_ = false;
  connection_role reader_;
};

/// A session, as the store knows it.
struct stored_name {
  std::string client_id;
  std::uint64_t number = 0;
};

/// The packets that one read brought, in order, and the bytes that they view.
/// The SESSION takes out what is for itself; publications go on from hand to
/// hand until the last one lets go.
struct packet_batch {
  packet_batch() = default;
  packet_batch(const packet_batch&) = delete;
  packet_batch& operator=(const packet_batch&) = delete;
  ~packet_batch() {
    if (flow)
      flow->give_back(size);
  }

  std::vector<protocol::packet> packets;

  /// The version that they are written in.
  protocol::version version = protocol::version::mqtt_5_0;

  // What the packets view.
  std::shared_ptr<const void> bytes;
  protocol::arena rest;
  std::vector<protocol::topic_holder> topics;

  /// Whose they are, if the store has to know which of them it has received.
  std::shared_ptr<const stored_name> author;

  /// Where it came from; null for the broker's own.
  std::shared_ptr<inflow> flow;
  std::size_t size = 0;
};

using batch_ptr = std::shared_ptr<packet_batch>;

/// Goes along with what was made of batches, to SESSIONs and on to the KEEPER, so
/// that their publishers wait for the slowest of them.
using credit_ptr = std::shared_ptr<const std::vector<batch_ptr>>;

} // namespace callboard::actors
