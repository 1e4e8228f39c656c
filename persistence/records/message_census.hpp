#pragma once

#include "persistence/store.hpp"
#include "protocol/message.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

namespace callboard::persistence {

/// How often a batch refers to each message. Most stand in it once, and need none of what
/// many deliveries of one message are worth. Outlives no batch.
class message_census {
public:
  explicit message_census(const batch& of) {
    std::size_t operations = of.retained.size() + of.shares.size();
    for (const auto& one : of.sessions)
      operations += one.operations.size();
    make_room(operations);
    for (const auto& one : of.sessions)
      count(one);
    for (const auto& one : of.retained)
      count(one.message.get());
    for (const auto& one : of.shares)
      count(one.message.get());
  }

  /// Of some of a batch's sessions, by their places in it.
  message_census(const batch& of, const std::vector<bool>& some) {
    std::size_t operations = 0;
    for (std::size_t at = 0; at < some.size(); ++at)
      operations += some[at] ? of.sessions[at].operations.size() : 0;
    make_room(operations);
    for (std::size_t at = 0; at < some.size(); ++at)
      if (some[at])
        count(of.sessions[at]);
  }

  /// Whether nothing else in the batch refers to it.
  bool is_alone(const protocol::message* which) const {
    return places_[place_of(which)].times == 1;
  }

private:
  struct place {
    const protocol::message* which = nullptr;
    std::size_t times = 0;
  };

  static const protocol::message* message_of(const protocol::operation& change) {
    if (const auto* queued = std::get_if<protocol::delivery_enqueued>(&change))
      return queued->what.message.get();
    if (const auto* sent = std::get_if<protocol::delivery_in_flight>(&change))
      return sent->what.message.get();
    return nullptr;
  }

  void make_room(std::size_t messages) { places_.resize(std::bit_ceil(2 * messages + 2)); }

  void count(const session_changes& changes) {
    for (const auto& one : changes.operations)
      if (const auto* message = message_of(one))
        count(message);
  }

  void count(const protocol::message* which) {
    if (which == nullptr)
      return;
    auto& found = places_[place_of(which)];
    found.which = which;
    ++found.times;
  }

  /// Where it stands, or would: there are twice as many places as messages.
  std::size_t place_of(const protocol::message* which) const {
    constexpr std::uint64_t golden = 0x9E3779B97F4A7C15;
    const auto mask = places_.size() - 1;
    const auto hash = reinterpret_cast<std::uintptr_t>(which) * golden; // NOLINT
    auto at = static_cast<std::size_t>(hash >> 32U) & mask;
    while (places_[at].which != nullptr && places_[at].which != which)
      at = (at + 1) & mask;
    return at;
  }

  std::vector<place> places_;
};

} // namespace callboard::persistence
