#pragma once

#include "actors/mail.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::actors {

/// The retained messages that a session is still to get for its SUBSCRIBEs, filter by
/// filter, SUBTREE by SUBTREE, portion by portion: nothing waits in memory but how far
/// it has come.
///
/// One replay of a filter is under way at a time. Each SUBSCRIBE is answered by a
/// whole one (MQTT5-3.3.1-9, MQTT5-3.8.4-4): that of one that comes in the middle of
/// another begins when that is over.
class retained_replays {
public:
  using subtrees = std::vector<subtree_role>;

  /// A SUBSCRIBE wants what these have for the filter.
  void begin(const std::string& filter, subtrees from);

  /// An UNSUBSCRIBE: nothing more of this filter.
  void give_up(std::string_view filter);

  /// A SUBTREE has answered. Who has a filter's topics is asked when the filter is
  /// replayed again.
  void note(
    const replay_progress& progress, const std::function<subtrees(std::string_view)>& who_has);

  /// Calls ask(SUBTREE, progress) for each portion to ask for now: not many at once.
  template <class Ask>
  void ask_for_more(Ask ask) {
    for (auto& [filter, one] : open_) {
      if (asked_ >= most_asked)
        return;
      if (one.asked)
        continue;
      one.asked = true;
      ++asked_;
      ask(one.from.back(), replay_progress{filter, one.cursor, one.number});
    }
  }

  /// Whether there is nothing to ask for.
  bool empty() const { return open_.empty(); }

  /// Whether no answer is on the way either.
  bool idle() const { return open_.empty() && asked_ == 0; }

private:
  static constexpr std::size_t most_asked = 4;

  struct replay_of_filter {
    std::uint64_t number = 0;

    /// SUBTREEs that have not sent all of theirs; the last one is next.
    subtrees from;

    /// How far that one has come.
    protocol::retained_cursor cursor;

    /// Its answer is on the way.
    bool asked = false;

    /// For SUBSCRIBEs that came meanwhile.
    std::uint32_t again = 0;
  };

  std::map<std::string, replay_of_filter, std::less<>> open_;
  std::size_t asked_ = 0; // answers on the way, also of replays given up
  std::uint64_t last_number_ = 0;
};

} // namespace callboard::actors
