#pragma once

#include "protocol/topics/edge_table.hpp"
#include "protocol/topics/frontier.hpp"
#include "protocol/topics/level_hash.hpp"
#include "protocol/topics/level_reader.hpp"
#include "protocol/topics/level_text.hpp"
#include "protocol/topics/slot_pool.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callboard::protocol {

/// The trie under a filter_tree, which knows filters but not who subscribed:
/// for each filter it keeps a number, the handle, that means something to its
/// owner; 0 means that the filter is not there.
///
/// A node stands for the levels from the root to it, `+` being a level like any
/// other. `#` is no node: a node has one handle for its own levels and one for
/// its levels followed by `#`. Literal children are found in one hash table over
/// all nodes. Nodes without handles and children are removed.
class filter_nodes {
public:
  using handle = std::uint32_t;

  /// Where the handle of a filter is kept. Holds until a filter is removed.
  struct place {
    std::uint32_t node;
    bool hash;
  };

  explicit filter_nodes(std::uint64_t seed);

  /// Where the filter's handle is, if its node exists; the handle may be 0.
  std::optional<place> find(std::string_view filter) const;

  /// As find, but makes the nodes that are missing. A handle that stays 0 must be
  /// released.
  place obtain(std::string_view filter);

  handle& at(place where) { return nodes_[where.node].handles[where.hash ? 1 : 0]; }
  handle at(place where) const { return nodes_[where.node].handles[where.hash ? 1 : 0]; }

  /// Removes what nobody needs any more now that this handle is 0.
  void release(place where);

  /// Calls visit(handle) for each filter that matches the topic.
  template <class Visit>
  void match(std::string_view topic, Visit&& visit) const;

  /// Calls visit(std::string_view filter, handle) for each filter.
  template <class Visit>
  void for_each(Visit&& visit) const;

  /// Calls visit(handle&) for each filter.
  template <class Visit>
  void for_each_handle(Visit&& visit);

  std::size_t bytes() const { return nodes_.bytes() + edges_.bytes() + text_bytes_; }

private:
  using index = std::uint32_t;

  static constexpr index root = 0;

  struct node {
    index parent = root;

    /// The child `+`; root if there is none.
    index plus = root;

    /// How many literal children there are.
    std::uint32_t literals = 0;

    std::array<handle, 2> handles{};
    level_text level;

    bool needed() const {
      return handles[0] != 0 || handles[1] != 0 || plus != root || literals != 0;
    }
  };

  static std::uint32_t edge_hash(index parent, std::uint64_t level_hash) {
    return static_cast<std::uint32_t>(fold(level_hash ^ parent, hash_constants::third));
  }
  index literal_child(index parent, std::string_view level, std::uint64_t level_hash) const {
    return edges_.find(edge_hash(parent, level_hash), [&](index child) {
      const auto& found = nodes_[child];
      return found.parent == parent && found.level == level;
    });
  }
  index child(index parent, std::string_view level) const;
  index add_child(index parent, std::string_view level);
  void remove(index leaf);
  void compact();
  void append_levels(index at, std::vector<index>& path, std::string& filter) const;

  slot_pool<node> nodes_;
  edge_table edges_;
  std::size_t text_bytes_ = 0;
  std::uint64_t seed_;
};

template <class Visit>
void filter_nodes::match(std::string_view topic, Visit&& visit) const {
  const auto report = [&](handle found) {
    if (found != 0)
      visit(found);
  };
  frontier buffers[2]; // NOLINT
  auto* now = &buffers[0];
  auto* next = &buffers[1];
  now->push(root);
  auto hidden = topic.starts_with('$'); // from wildcards in the first level
  for (level_reader levels{topic}; !levels.done() && !now->empty(); hidden = false) {
    const auto level = levels.next();
    const auto level_hash = hash_level(level, seed_);
    for (const auto at : *now) {
      const auto& here = nodes_[at];
      if (!hidden) {
        report(here.handles[1]);
        if (here.plus != root)
          next->push(here.plus);
      }
      if (here.literals == 0)
        continue;
      if (const auto literal = literal_child(at, level, level_hash); literal != root)
        next->push(literal);
    }
    std::swap(now, next);
    next->clear();
  }
  for (const auto at : *now) {
    report(nodes_[at].handles[0]);
    report(nodes_[at].handles[1]);
  }
}

template <class Visit>
void filter_nodes::for_each(Visit&& visit) const {
  std::vector<index> path;
  std::string filter;
  nodes_.for_each([&](index at, const node& here) {
    if (here.handles[0] == 0 && here.handles[1] == 0)
      return;
    append_levels(at, path, filter);
    if (here.handles[0] != 0)
      visit(std::string_view{filter}, here.handles[0]);
    if (here.handles[1] == 0)
      return;
    filter += at == root ? "#" : "/#";
    visit(std::string_view{filter}, here.handles[1]);
  });
}

template <class Visit>
void filter_nodes::for_each_handle(Visit&& visit) {
  nodes_.for_each([&](index, node& here) {
    for (auto& found : here.handles)
      if (found != 0)
        visit(found);
  });
}

} // namespace callboard::protocol
