#pragma once

#include "actors/mail.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace callboard::actors {

/// What a SUBTREE has asked its RETAINED STORE for and has no answer to, and what passed
/// the SUBTREE meanwhile: an answer may still have what has been overtaken by that. Owned
/// by the SUBTREE.
class open_replays {
public:
  using all_asked = std::map<std::uint64_t, continue_replay>;

  /// The store is asked for this; the number comes back with the answer.
  std::uint64_t begin(const continue_replay& asked);

  /// The store has answered. Nothing: topics have changed hands, and it was asked for
  /// again.
  std::optional<continue_replay> take(std::uint64_t number);

  /// Topics change hands: all are to be asked for again.
  all_asked take_all() { return std::exchange(asked_, {}); }

  /// A message of this topic goes to the store: its number.
  std::uint64_t note_retained(std::string_view topic);

  /// Whether a younger message of the topic has passed since the store looked, when it had
  /// heard of all up to this number.
  bool is_outdated(std::string_view topic, std::uint64_t as_of) const;

  /// The store has heard of all up to this number: so much need not be known any more.
  void forget_until(std::uint64_t as_of);

private:
  all_asked asked_; // by number
  std::uint64_t last_asked_ = 0;

  /// What the store may not have read when it answers, by number.
  std::deque<std::pair<std::uint64_t, std::string>> retained_lately_;
  std::uint64_t last_retained_ = 0;
};

} // namespace callboard::actors
