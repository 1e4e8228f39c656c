#pragma once

#include "protocol/topics/filter_nodes.hpp"
#include "protocol/topics/slot_pool.hpp"
#include "protocol/topics/subscriber_group.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

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
  explicit filter_tree(std::uint64_t seed = 0) : nodes_{seed} {}

  /// Adds a subscriber to the filter. One with the same key is replaced and
  /// returned. O(levels) on average, whatever the number of subscribers.
  std::optional<Subscriber> insert(std::string_view filter, Subscriber subscriber);

  /// Removes the filter's subscriber with that key and returns it; nothing if
  /// there is none. O(levels) on average. Gives memory back when three quarters
  /// of it are unused, which now and then costs O(size).
  std::optional<Subscriber> erase(std::string_view filter, std::uint64_t key);

  /// The filter's subscriber with that key, or null. Its key must stay.
  Subscriber* find(std::string_view filter, std::uint64_t key) {
    return const_cast<Subscriber*>(std::as_const(*this).find(filter, key)); // NOLINT
  }
  const Subscriber* find(std::string_view filter, std::uint64_t key) const;

  /// All subscribers of exactly this filter.
  std::span<const Subscriber> subscribers(std::string_view filter) const {
    const auto where = nodes_.find(filter);
    return where ? members(nodes_.at(*where)) : std::span<const Subscriber>{};
  }

  /// Calls visit(const Subscriber&) for each subscriber of each filter that
  /// matches the topic: once per filter, so possibly more than once per key
  /// (MQTT5-3.3.4-2). The order is unspecified. `visit` must not change the tree.
  template <class Visit>
  void match(std::string_view topic, Visit&& visit) const {
    match_filters(topic, [&](std::span<const Subscriber> found) {
      for (const auto& subscriber : found)
        visit(subscriber);
    });
  }

  /// As match, but calls visit(std::span<const Subscriber>) once per filter.
  ///
  /// Looks at each node of the trie at most once, and only at those whose path
  /// matches the topic's first levels: at most 2^d of them in depth d, and never
  /// more than the filters in the tree have levels.
  template <class Visit>
  void match_filters(std::string_view topic, Visit&& visit) const {
    nodes_.match(topic, [&](handle found) { visit(members(found)); });
  }

  /// Calls visit(std::string_view filter, const Subscriber&) for all, in no
  /// particular order: to pick those that may_match_below a prefix, for instance.
  /// The text holds during the call only. `visit` must not change the tree.
  template <class Visit>
  void for_each(Visit&& visit) const {
    nodes_.for_each([&](std::string_view filter, handle found) {
      for (const auto& subscriber : members(found))
        visit(filter, subscriber);
    });
  }

  /// Subscribers, counted once per filter.
  std::size_t size() const { return size_; }

  /// Distinct filters.
  std::size_t filters() const { return singles_.size() + groups_.size(); }

  bool empty() const { return size_ == 0; }

  /// Bytes that the tree holds, subscribers included, about.
  std::size_t bytes() const {
    return sizeof *this + nodes_.bytes() + singles_.bytes() + groups_.bytes() + group_bytes_;
  }

private:
  using group = subscriber_group<Subscriber>;

  /// A filter's handle is 0, or the place of its only subscriber in singles_ plus
  /// one, or that of its group in groups_ with the highest bit set.
  using handle = filter_nodes::handle;
  static constexpr handle group_bit = 0x8000'0000;

  static bool is_group(handle found) { return (found & group_bit) != 0; }
  Subscriber& single_at(handle found) { return singles_[found - 1]; }
  const Subscriber& single_at(handle found) const { return singles_[found - 1]; }
  group& group_at(handle found) { return groups_[found & ~group_bit]; }
  const group& group_at(handle found) const { return groups_[found & ~group_bit]; }

  std::span<const Subscriber> members(handle found) const;
  std::optional<Subscriber> insert_beside(handle& found, Subscriber subscriber);
  std::optional<Subscriber> erase_from(handle& found, std::uint64_t key);
  std::optional<Subscriber> erase_from_group(handle& found, std::uint64_t key);
  void compact();

  filter_nodes nodes_;
  slot_pool<Subscriber> singles_;
  slot_pool<group> groups_;

  /// What the groups hold on the heap.
  std::size_t group_bytes_ = 0;

  std::size_t size_ = 0;
};

template <keyed_subscriber Subscriber>
std::optional<Subscriber> filter_tree<Subscriber>::insert(
  std::string_view filter, Subscriber subscriber) {
  auto& found = nodes_.at(nodes_.obtain(filter));
  if (found != 0) {
    auto replaced = insert_beside(found, std::move(subscriber));
    size_ += replaced ? 0 : 1;
    return replaced;
  }
  found = singles_.put(std::move(subscriber)) + 1;
  ++size_;
  return std::nullopt;
}

template <keyed_subscriber Subscriber>
std::optional<Subscriber> filter_tree<Subscriber>::erase(
  std::string_view filter, std::uint64_t key) {
  const auto where = nodes_.find(filter);
  if (!where || nodes_.at(*where) == 0)
    return std::nullopt;
  auto gone = erase_from(nodes_.at(*where), key);
  if (!gone)
    return std::nullopt;
  --size_;
  nodes_.release(*where);
  compact();
  return gone;
}

template <keyed_subscriber Subscriber>
const Subscriber* filter_tree<Subscriber>::find(std::string_view filter, std::uint64_t key) const {
  const auto where = nodes_.find(filter);
  const auto found = where ? nodes_.at(*where) : 0;
  if (found == 0)
    return nullptr;
  if (is_group(found))
    return group_at(found).find(key);
  const auto& single = single_at(found);
  return single.key() == key ? &single : nullptr;
}

template <keyed_subscriber Subscriber>
std::span<const Subscriber> filter_tree<Subscriber>::members(handle found) const {
  if (found == 0)
    return {};
  if (is_group(found))
    return group_at(found).members();
  return {&single_at(found), 1};
}

template <keyed_subscriber Subscriber>
std::optional<Subscriber> filter_tree<Subscriber>::insert_beside(
  handle& found, Subscriber subscriber) {
  if (!is_group(found)) {
    auto& single = single_at(found);
    if (single.key() == subscriber.key())
      return std::exchange(single, std::move(subscriber));
    group several;
    several.insert(singles_.take(found - 1));
    group_bytes_ += several.heap_bytes();
    found = groups_.put(std::move(several)) | group_bit;
  }
  auto& several = group_at(found);
  group_bytes_ -= several.heap_bytes();
  auto replaced = several.insert(std::move(subscriber));
  group_bytes_ += several.heap_bytes();
  return replaced;
}

template <keyed_subscriber Subscriber>
std::optional<Subscriber> filter_tree<Subscriber>::erase_from(handle& found, std::uint64_t key) {
  if (is_group(found))
    return erase_from_group(found, key);
  if (single_at(found).key() != key)
    return std::nullopt;
  return singles_.take(std::exchange(found, 0) - 1);
}

template <keyed_subscriber Subscriber>
std::optional<Subscriber> filter_tree<Subscriber>::erase_from_group(
  handle& found, std::uint64_t key) {
  auto& several = group_at(found);
  group_bytes_ -= several.heap_bytes();
  auto gone = several.erase(key);
  if (several.size() > 1) {
    group_bytes_ += several.heap_bytes();
    return gone;
  }
  auto left = groups_.take(found & ~group_bit).release();
  found = singles_.put(std::move(left)) + 1;
  return gone;
}

/// Gives back what singles_ and groups_ no longer need.
template <keyed_subscriber Subscriber>
void filter_tree<Subscriber>::compact() {
  if (singles_.sparse()) {
    const auto moved = singles_.compact();
    nodes_.for_each_handle([&](handle& found) {
      if (!is_group(found))
        found = moved[found - 1] + 1;
    });
  }
  if (groups_.sparse()) {
    const auto moved = groups_.compact();
    nodes_.for_each_handle([&](handle& found) {
      if (is_group(found))
        found = moved[found & ~group_bit] | group_bit;
    });
  }
}

} // namespace callboard::protocol
