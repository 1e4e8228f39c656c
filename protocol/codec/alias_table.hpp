#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace callboard::protocol {

/// Decides which topics of a connection have a topic alias. Each step takes the
/// same time however many there are. An entry's memory is its topic and some
/// hundred bytes.
class alias_table {
public:
  /// Aliases from 1 to `maximum`, which is at least 1.
  explicit alias_table(std::uint16_t maximum);

  /// The alias of a topic that is used now; 0: it has none.
  std::uint16_t use(std::string_view topic);

  /// Counts a use of a topic that has no alias. Whether it has earned one: with
  /// its second use while aliases are free, later with its fourth.
  bool earns(std::string_view topic);

  /// Gives the topic a free alias, or the one that was not used for the longest
  /// time.
  std::uint16_t give(std::string_view topic);

private:
  /// A slot's number is its alias less 1. Slots are linked in order of use.
  struct slot {
    std::string topic;
    std::uint16_t newer = nowhere;
    std::uint16_t older = nowhere;
  };

  /// Where topics without an alias are counted. Topics that share a place push
  /// each other out; the one that comes more often stays.
  struct place {
    std::uint32_t hash = 0;
    std::uint32_t uses = 0;
  };

  static constexpr std::uint16_t nowhere = 0xFFFF;

  bool full() const { return slots_.size() == maximum_; }
  place& place_of(std::uint32_t hash) { return places_[hash & (places_.size() - 1)]; }
  std::uint32_t count(std::uint32_t hash);
  std::uint16_t empty_slot();
  void unlink(std::uint16_t at);
  void link_as_newest(std::uint16_t at);

  std::size_t maximum_;
  std::deque<slot> slots_;                                       // never move
  std::unordered_map<std::string_view, std::uint16_t> by_topic_; // keys lie in slots
  std::vector<place> places_;
  std::uint16_t newest_ = nowhere;
  std::uint16_t oldest_ = nowhere;
};

} // namespace callboard::protocol
