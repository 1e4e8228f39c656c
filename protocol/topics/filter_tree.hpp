#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace callboard::protocol {

/// What a filter_tree keeps: anything movable that carries a number which is its
/// own among the subscribers of one filter, such as the number of its session.
template <class Subscriber>
concept keyed_subscriber = std::movable<Subscriber> && requires(const Subscriber& subscriber) {
  { subscriber.key() } -> std::convertible_to<std::uint64_t>;
};

/// Who wants which topics: a trie over the levels of topic filters, with the
/// subscribers of each filter. Owned by one subtree. Filters and topics are
/// valid in the sense of topic_filter.hpp; answers are those of matches().
///
/// match() may be called from several threads at a time while nobody changes the
/// tree. References and spans hold until the tree is changed.
template <keyed_subscriber Subscriber>
class filter_tree {
public:
  /// The seed decides where levels fall in the hash table: a random one keeps
  /// clients from choosing levels that fall on each other.
  explicit filter_tree(std::uint64_t seed = 0);

  /// Adds a subscriber to the filter. One with the same key is replaced and
  /// returned. O(levels) on average, whatever the number of subscribers.
  std::optional<Subscriber> insert(std::string_view filter, Subscriber subscriber);

  /// Removes the filter's subscriber with that key and returns it; nothing if
  /// there is none. O(levels) on average. Gives memory back when three quarters
  /// of it are unused, which now and then costs O(size).
  std::optional<Subscriber> erase(std::string_view filter, std::uint64_t key);

  /// The filter's subscriber with that key, or null. Its key must stay.
  Subscriber* find(std::string_view filter, std::uint64_t key);
  const Subscriber* find(std::string_view filter, std::uint64_t key) const;

  /// All subscribers of exactly this filter.
  std::span<const Subscriber> subscribers(std::string_view filter) const;

  /// Calls visit(const Subscriber&) for each subscriber of each filter that
  /// matches the topic: once per filter, so possibly more than once per key
  /// (MQTT5-3.3.4-2). The order is unspecified. `visit` must not change the tree.
  template <class Visit>
  void match(std::string_view topic, Visit&& visit) const;

  /// As match, but calls visit(std::span<const Subscriber>) once per filter.
  ///
  /// Looks at each node of the trie at most once, and only at those whose path
  /// matches the topic's first levels: at most 2^d of them in depth d, and never
  /// more than the filters in the tree have levels.
  template <class Visit>
  void match_filters(std::string_view topic, Visit&& visit) const;

  /// Calls visit(std::string_view filter, const Subscriber&) for all, in no
  /// particular order: to pick those that may_match_below a prefix, for instance.
  /// The text holds during the call only. `visit` must not change the tree.
  template <class Visit>
  void for_each(Visit&& visit) const;

  /// Subscribers, counted once per filter.
  std::size_t size() const;

  /// Distinct filters.
  std::size_t filters() const;

  bool empty() const { return size() == 0; }

  /// Bytes that the tree holds, subscribers included, about.
  std::size_t bytes() const;
};

} // namespace callboard::protocol
